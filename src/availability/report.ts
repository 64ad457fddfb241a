/** Reports: the dark time and the nights that telescopes lost to downtime, by reason. */

import { type Static, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import type { DarkLimits } from "../sky/dark-limit.ts";
import { lossOf, type Nights, nightsFor } from "../sky/dark-time.ts";
import type { Instant } from "../time/instant.ts";
import { clipped, type Interval, inOrder, merged, secondsOf } from "../time/interval.ts";
import {
  darkOf,
  darkProperty,
  type QueriedTelescope,
  telescopeProperties,
  telescopesOf,
  withWholeTelescope,
} from "./telescopes.ts";

const orNull = (schema: ReturnType<typeof Type.Number | typeof Type.Integer>, description: string, example: number) =>
  Type.Union([schema, Type.Null()], {
    examples: [example],
    description: `${description} Null if ConfigDB has no coordinates for the site.`,
  });
const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: [example] });

const lost = {
  seconds_lost: Type.Integer({ description: "Seconds lost, day and night.", examples: [36_000] }),
  dark_seconds_lost: orNull(Type.Integer(), "Dark seconds lost, at the limit `dark`.", 12_600),
  nights_lost: orNull(
    Type.Number(),
    "Sum over all nights of the fraction of dark time lost: half of one night and all of another are 1.5.",
    0.5,
  ),
  nights_touched: orNull(Type.Integer(), "Nights with any dark time lost.", 1),
};

/** The response of `/api/report/`. */
export const ReportSchema = Type.Object(
  {
    start: instant("Start of the range.", "2027-01-01T00:00:00Z"),
    end: instant("End of the range.", "2027-02-01T00:00:00Z"),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        dark_seconds: orNull(Type.Integer(), "Dark seconds in the range at this site.", 781_200),
        nights: orNull(
          Type.Number(),
          "Nights in the range at this site. Partial nights count by their fraction of dark time.",
          31,
        ),
        ...lost,
        reasons: Type.Array(
          Type.Object({
            reason: Type.String({ description: "The reason of the downtimes.", examples: ["Mirror wash"] }),
            ...lost,
          }),
          {
            description:
              "Losses by reason, the largest first. Overlapping time counts for the downtime that started first, or has the smaller ID if both started together, so the reasons add up to the telescope's loss. Only `nights_touched` doesn't add up: one night can count for several reasons.",
          },
        ),
        instrument_types: Type.Array(
          Type.Object({ instrument_type: Type.String({ description: "Instrument type code." }), ...lost }),
          {
            examples: [[]],
            description:
              "Losses of instrument types with downtimes of their own. The telescope works meanwhile, so they aren't part of its losses.",
          },
        ),
        categories: Type.Array(
          Type.Object({
            category: Type.String({ description: "The category of the downtimes; empty where none is set." }),
            ...lost,
          }),
          { description: "Losses by category, the largest first, divided as those by reason." },
        ),
        ...darkProperty,
      }),
      { description: "Active telescopes, and inactive ones with losses." },
    ),
  },
  { $id: "Report", description: "Time lost to downtime, past and upcoming. Overlaps count once." },
);
export type Report = Static<typeof ReportSchema>;
export type ReportTelescope = Report["telescopes"][number];
type Lost = Pick<ReportTelescope, keyof typeof lost>;

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
      .map((telescope) => lossesOf(telescope, span, nightsAt(telescope.position)))
      .filter((losses) => losses.active !== false || losses.seconds_lost > 0 || losses.instrument_types.length > 0),
  };
}

function lossesOf({ name, position, whole, byType }: QueriedTelescope, span: Interval, nights: Nights | undefined) {
  const all = nights && lossOf([span], nights);
  const types = [...byType].map(([instrument_type, downtimes]) => ({
    instrument_type,
    ...lostIn(merged(clipped(downtimes, span)), nights),
  }));
  const lostTo = (field: "reason" | "category") =>
    [...dividedBy(field, whole, span)]
      .map(([text, intervals]) => [text, lostIn(intervals, nights)] as const)
      .sort(byLost);
  return {
    ...name,
    dark_seconds: all?.darkSeconds ?? null,
    nights: all ? rounded(all.nights) : null,
    ...lostIn(merged(clipped(whole, span)), nights),
    reasons: lostTo("reason").map(([reason, losses]) => ({ reason, ...losses })),
    instrument_types: types.filter(({ seconds_lost }) => seconds_lost > 0).sort(byLoss),
    categories: lostTo("category").map(([category, losses]) => ({ category, ...losses })),
    ...darkOf(position),
  };
}

/** Sorts the largest loss first. */
const byLoss = (a: Lost, b: Lost): number =>
  (b.dark_seconds_lost ?? 0) - (a.dark_seconds_lost ?? 0) || b.seconds_lost - a.seconds_lost;

type LostTo = readonly [text: string, losses: Lost];
const byLost = ([, a]: LostTo, [, b]: LostTo) => byLoss(a, b);

/** Divides the blocked time of the span between the texts of a field. Overlaps count for the downtime that started first. */
export function dividedBy(
  field: "reason" | "category",
  downtimes: readonly Downtime[],
  span: Interval,
): Map<string, Interval[]> {
  const intervalsOf = new Map<string, Interval[]>();
  let countedUntil = span.start;
  for (const { start, end, [field]: text = "" } of inOrder(downtimes.toSorted((a, b) => a.id - b.id))) {
    const from = start > countedUntil ? start : countedUntil;
    const to = end < span.end ? end : span.end;
    if (to <= from) continue;
    const intervals = intervalsOf.get(text) ?? [];
    intervals.push({ start: from, end: to });
    intervalsOf.set(text, intervals);
    countedUntil = to;
  }
  return intervalsOf;
}

function lostIn(intervals: readonly Interval[], nights: Nights | undefined): Lost {
  const loss = nights && lossOf(intervals, nights);
  return {
    seconds_lost: secondsOf(intervals),
    dark_seconds_lost: loss?.darkSeconds ?? null,
    nights_lost: loss ? rounded(loss.nights) : null,
    nights_touched: loss?.nightsTouched ?? null,
  };
}

const rounded = (nights: number) => Number(nights.toFixed(4));

/** The sum of all telescopes of a report. */
export type Total = Omit<ReportTelescope, keyof typeof telescopeProperties | "instrument_types" | "dark">;

/** Adds up all telescopes. Null counts as 0, unless it is null for all of them. */
export function totalOf({ telescopes }: Report): Total {
  const sums = <T extends Lost>(losses: readonly T[], textOf: (one: T) => string) =>
    [...Map.groupBy(losses, textOf)].map(([text, of]) => [text, totalLost(of)] as const).sort(byLost);
  const reasons = telescopes.flatMap((telescope) => telescope.reasons);
  const categories = telescopes.flatMap((telescope) => telescope.categories);
  return {
    dark_seconds: sumOf(telescopes, "dark_seconds"),
    nights: sumOf(telescopes, "nights"),
    ...totalLost(telescopes),
    reasons: sums(reasons, ({ reason }) => reason).map(([reason, losses]) => ({ reason, ...losses })),
    categories: sums(categories, ({ category }) => category).map(([category, losses]) => ({ category, ...losses })),
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
