/** Reports: the dark time and the nights that telescopes lost to downtime, by reason. */

import type { Downtime } from "../downtime/downtime.ts";
import { bySoonest, type Filter, narrowed } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility, Place } from "../facility/facility.ts";
import type { DarkLimits } from "../sky/dark-limit.ts";
import { darkLosses, Losses, lossOf, type Nights, nightsFor } from "../sky/dark-time.ts";
import { dayMillis, toInstant, toMillis } from "../time/instant.ts";
import { clipped, type Interval } from "../time/interval.ts";
import type { Lost, Report, ReportTelescope } from "./report-schema.ts";
import { darkOf, positionsIn, type QueriedTelescope, telescopesOf, withWholeTelescope } from "./telescopes.ts";

/** Returns the losses of the telescopes that match a filter. Reads the downtimes in batches: ten years may have any number. */
export async function findReport(
  downtimes: Pick<Downtimes, "stream">,
  facility: Facility | undefined,
  filter: Filter,
  span: Interval,
  dark?: DarkLimits,
): Promise<Report> {
  const report = createReport(facility, filter, span, dark);
  const during = narrowed(withWholeTelescope(filter), { from: span.start, to: span.end });
  for await (const rows of downtimes.stream({ filter: during, order: bySoonest })) rows.forEach(report.add);
  return report.finish();
}

/** Creates a report, to which every downtime that overlaps its span is added in order of start and ID. */
export function createReport(facility: Facility | undefined, filter: Filter, span: Interval, dark?: DarkLimits) {
  const positionOf = positionsIn(facility, dark);
  const nightsAt = nightsFor(span.start, span.end);
  const tallies = new Map<string, Tally>();
  return {
    add(downtime: Downtime): void {
      const { site, enclosure, telescope, instrument_type } = downtime;
      const key = [site, enclosure, telescope, instrument_type].join("\0");
      const tally = tallies.get(key) ?? createTally(downtime, span, nightsAt(positionOf(downtime)));
      tallies.set(key, tally);
      tally.add(downtime);
    },
    /** Returns the losses of each telescope, without inactive telescopes that lost nothing. */
    finish: (): Report => ({
      ...span,
      telescopes: telescopesOf(facility, filter, [...tallies.values()], positionOf)
        .filter(({ name, whole, byType }) => name.active !== false || [whole, ...byType.values()].flat().some(hasLost))
        .map((telescope) => telescopeLosses(telescope, span, nightsAt(telescope.position))),
    }),
  };
}

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

type Tally = ReturnType<typeof createTally>;

/** Adds up what a telescope lost, or one of its instrument types. Overlaps count for the downtime that started first. */
function createTally({ site, enclosure, telescope, instrument_type }: Place, span: Interval, nights?: Nights) {
  const darkIn = darkLosses(nights);
  const all = new Losses();
  const empty = () => new Map<string, Losses>();
  const by = { reason: empty(), category: empty(), kind: empty() };
  const byNight = new Map<number, number>();
  let countedUntil = span.start;
  const add = (downtime: Downtime): void => {
    const [part] = clipped([downtime], { start: countedUntil, end: span.end });
    if (!part) return;
    countedUntil = part.end;
    const [from, to] = [toMillis(part.start), toMillis(part.end)];
    const seconds = (to - from) / 1000;
    const dark = darkIn(from, to);
    for (const { night, millis } of dark) byNight.set(night, (byNight.get(night) ?? 0) + millis);
    all.add(seconds, dark);
    for (const division of Object.keys(divisions) as Division[]) {
      const text = divisions[division](downtime);
      const losses = by[division].get(text) ?? new Losses();
      by[division].set(text, losses);
      losses.add(seconds, dark);
    }
  };
  return { site, enclosure, telescope, instrument_type, all, by, byNight, add };
}

const hasLost = ({ all }: Tally) => all.seconds > 0;
const none = new Losses();

function telescopeLosses({ name, position, whole, byType }: QueriedTelescope<Tally>, span: Interval, nights?: Nights) {
  const [tally] = whole;
  const lostIn = ({ seconds, darkSeconds, nights: share, nightsTouched }: Losses): Lost => ({
    seconds_lost: seconds,
    dark_seconds_lost: nights ? darkSeconds : null,
    nights_lost: nights ? rounded(share) : null,
    nights_touched: nights ? nightsTouched : null,
  });
  const lostTo = <Field extends Division>(field: Field) =>
    [...(tally?.by[field] ?? [])].map(([text, losses]) => named(field, text, lostIn(losses))).sort(byLoss);
  const { darkSeconds, nights: count } = lossOf([span], nights);
  return {
    ...name,
    dark_seconds: nights ? darkSeconds : null,
    nights: nights ? rounded(count) : null,
    ...lostIn(tally?.all ?? none),
    reasons: lostTo("reason"),
    instrument_types: [...byType.values()]
      .flat()
      .filter(hasLost)
      .map(({ instrument_type, all }) => ({ instrument_type, ...lostIn(all) }))
      .sort(byLoss),
    categories: lostTo("category"),
    ...darkOf(position),
    kinds: lostTo("kind"),
    each_night: [...(tally?.byNight ?? [])].map(([night, millis]) => ({
      night: toInstant(night * dayMillis).slice(0, 10),
      dark_seconds_lost: millis / 1000,
      nights_lost: rounded(millis / (nights?.lengths.get(night) ?? millis)),
    })),
  };
}

const rounded = (nights: number) => Number(nights.toFixed(4));

const byLoss = (a: Lost, b: Lost): number =>
  (b.dark_seconds_lost ?? 0) - (a.dark_seconds_lost ?? 0) || b.seconds_lost - a.seconds_lost;

/** Cast: a computed key loses its name. */
const named = <Field extends Division>(field: Field, text: string, lost: Lost) =>
  ({ [field]: text, ...lost }) as Record<Field, string> & Lost;

export type Total = Pick<ReportTelescope, "dark_seconds" | "nights" | keyof Lost | "reasons" | "categories" | "kinds">;

/** Adds up all telescopes. Null counts as 0, unless it is null for all of them. */
export function totalOf({ telescopes }: Report): Total {
  const sums = <Field extends Division>(
    field: Field,
    lossesOf: (telescope: ReportTelescope) => readonly (Record<Field, string> & Lost)[],
  ) => {
    const byText = Map.groupBy(telescopes.flatMap(lossesOf), (one) => one[field]);
    return [...byText].map(([text, of]) => named(field, text, totalLost(of))).sort(byLoss);
  };
  return {
    dark_seconds: sumOf(telescopes, "dark_seconds"),
    nights: sumOf(telescopes, "nights"),
    ...totalLost(telescopes),
    reasons: sums("reason", ({ reasons }) => reasons),
    categories: sums("category", ({ categories }) => categories),
    kinds: sums("kind", ({ kinds }) => kinds),
  };
}

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
