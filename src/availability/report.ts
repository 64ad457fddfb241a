/** Reports: the dark time and the nights that telescopes lost to downtime, by reason. */

import type { Downtime } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import type { DarkLimits } from "../sky/dark-limit.ts";
import {
  byNight,
  type Lossy,
  lossOf,
  type MillisInterval,
  type Nights,
  nightsFor,
  sumOfLosses,
  withLosses,
} from "../sky/dark-time.ts";
import { dayMillis, toInstant, toMillis } from "../time/instant.ts";
import { clipped, type Interval, inOrder } from "../time/interval.ts";
import type { Lost, Report, ReportTelescope } from "./report-schema.ts";
import {
  darkOf,
  type QueriedTelescope,
  type telescopeProperties,
  telescopesOf,
  withWholeTelescope,
} from "./telescopes.ts";

/** Returns the losses of the telescopes that match a filter. */
export async function findReport(
  downtimes: Pick<Downtimes, "during">,
  facility: Facility | undefined,
  filter: Filter,
  span: Interval,
  dark?: DarkLimits,
): Promise<Report> {
  const rows = await downtimes.during(withWholeTelescope(filter), span);
  return reportOf(telescopesOf(facility, filter, rows, dark), span);
}

/**
 * Returns the losses of each telescope, without inactive telescopes that lost nothing.
 * @param telescopes with every downtime that overlaps the span
 */
export function reportOf(telescopes: readonly QueriedTelescope[], span: Interval): Report {
  const nightsAt = nightsFor(span.start, span.end);
  return {
    ...span,
    telescopes: telescopes
      .filter((telescope) => isCounted(telescope, span))
      .map((telescope) => telescopeLosses(telescope, span, nightsAt(telescope.position))),
  };
}

const isCounted = ({ name, whole, byType }: QueriedTelescope, span: Interval) =>
  name.active !== false || clipped([whole, ...byType.values()].flat(), span).length > 0;

/** Returns what telescopes lost together: the same as of a report, in less time. */
export function sumLosses(telescopes: readonly QueriedTelescope[], span: Interval) {
  const nightsAt = nightsFor(span.start, span.end);
  const each = telescopes
    .filter((telescope) => isCounted(telescope, span))
    .map(({ position, whole }) => {
      const nights = nightsAt(position);
      return { ...timeIn(span, nights), ...lostIn(partsOf(whole, span, nights), nights) };
    });
  return { ...totalTime(each), ...totalLost(each) };
}

function timeIn(span: Interval, nights: Nights | undefined) {
  const all = nights && lossOf([span], nights);
  return { dark_seconds: all?.darkSeconds ?? null, nights: all ? rounded(all.nights) : null };
}

function telescopeLosses({ name, position, whole, byType }: QueriedTelescope, span: Interval, nights?: Nights) {
  const parts = partsOf(whole, span, nights);
  const lostTo = <Field extends Division>(field: Field) =>
    named(
      field,
      Map.groupBy(parts, ({ downtime }) => divisions[field](downtime)),
      (of) => lostIn(of, nights),
    );
  return {
    ...name,
    ...timeIn(span, nights),
    ...lostIn(parts, nights),
    reasons: lostTo("reason"),
    instrument_types: [...byType]
      .map(([instrument_type, of]) => ({ instrument_type, ...lostIn(partsOf(of, span, nights), nights) }))
      .filter(({ seconds_lost }) => seconds_lost > 0)
      .sort(byLoss),
    categories: lostTo("category"),
    ...darkOf(position),
    kinds: lostTo("kind"),
    each_night: [...byNight(parts)].map(([night, millis]) => ({
      night: toInstant(night * dayMillis).slice(0, 10),
      dark_seconds_lost: millis / 1000,
      nights_lost: rounded(millis / (nights?.lengths.get(night) ?? millis)),
    })),
  };
}

const byLoss = (a: Lost, b: Lost): number =>
  (b.dark_seconds_lost ?? 0) - (a.dark_seconds_lost ?? 0) || b.seconds_lost - a.seconds_lost;

/** Sums up what was lost to each text of a field. Cast: a computed key loses its name. */
const named = <Field extends Division, Of>(field: Field, parts: ReadonlyMap<string, Of>, sum: (of: Of) => Lost) =>
  [...parts].map(([text, of]) => ({ [field]: text, ...sum(of) }) as Record<Field, string> & Lost).sort(byLoss);

/** What losses are divided by, and its text for a downtime. */
const divisions = {
  reason: ({ reason }: Downtime) => reason,
  category: ({ category }: Downtime): string => category ?? "",
  kind: ({ category, created, start }: Downtime) =>
    category === "weather" || category === "fault" || toMillis(created) > toMillis(start) - noticeMillis
      ? "unplanned"
      : "planned",
};
type Division = keyof typeof divisions;
const noticeMillis = 3_600_000;

interface Part extends Interval, MillisInterval, Lossy {
  readonly downtime: Downtime;
}

/** Divides the blocked time of the span between downtimes. Overlaps count for the one that started first. */
function partsOf(downtimes: readonly Downtime[], span: Interval, nights?: Nights): readonly Part[] {
  let countedUntil = span.start;
  const parts = inOrder(downtimes.toSorted((a, b) => a.id - b.id)).flatMap((downtime) => {
    const start = downtime.start > countedUntil ? downtime.start : countedUntil;
    const end = downtime.end < span.end ? downtime.end : span.end;
    if (end <= start) return [];
    countedUntil = end;
    return [{ downtime, start, end, from: toMillis(start), to: toMillis(end) }];
  });
  return nights ? withLosses(parts, nights) : parts.map((part) => ({ ...part, lost: [] }));
}

function lostIn(parts: readonly Part[], nights: Nights | undefined): Lost {
  const loss = nights && sumOfLosses(parts, nights);
  return {
    seconds_lost: parts.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0),
    dark_seconds_lost: loss?.darkSeconds ?? null,
    nights_lost: loss ? rounded(loss.nights) : null,
    nights_touched: loss?.nightsTouched ?? null,
  };
}

const rounded = (nights: number) => Number(nights.toFixed(4));

export type Total = Omit<
  ReportTelescope,
  keyof typeof telescopeProperties | "instrument_types" | "dark" | "each_night"
>;

/** Adds up all telescopes. Null counts as 0, unless it is null for all of them. */
export function totalOf({ telescopes }: Report): Total {
  const sums = <Field extends Division>(
    field: Field,
    lossesOf: (telescope: ReportTelescope) => readonly (Record<Field, string> & Lost)[],
  ) => {
    const byText = Map.groupBy(telescopes.flatMap(lossesOf), (one) => one[field]);
    return named(field, byText, totalLost);
  };
  return {
    ...totalTime(telescopes),
    ...totalLost(telescopes),
    reasons: sums("reason", ({ reasons }) => reasons),
    categories: sums("category", ({ categories }) => categories),
    kinds: sums("kind", ({ kinds }) => kinds),
  };
}

const totalTime = (telescopes: readonly ReturnType<typeof timeIn>[]) => ({
  dark_seconds: sumOf(telescopes, "dark_seconds"),
  nights: sumOf(telescopes, "nights"),
});

const totalLost = (losses: readonly Lost[]): Lost => ({
  seconds_lost: sumOf(losses, "seconds_lost") ?? 0,
  dark_seconds_lost: sumOf(losses, "dark_seconds_lost"),
  nights_lost: sumOf(losses, "nights_lost"),
  nights_touched: sumOf(losses, "nights_touched"),
});

function sumOf<Field extends string>(all: readonly Readonly<Record<Field, number | null>>[], field: Field) {
  const numbers = all.flatMap((one) => one[field] ?? []);
  return numbers.length > 0 ? numbers.reduce((sum, number) => sum + number, 0) : null;
}
