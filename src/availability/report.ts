/** Reports: the dark time and the nights that telescopes lost in a span, and for which reasons. */

import { type Static, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { lossOf, type Nights, nightsFor } from "../sky/dark-time.ts";
import type { Instant } from "../time/instant.ts";
import { clipped, type Interval, inOrder, merged, secondsOf } from "../time/interval.ts";
import { type QueriedTelescope, telescopeProperties } from "./telescopes.ts";

const orNull = (schema: ReturnType<typeof Type.Number | typeof Type.Integer>, description: string) =>
  Type.Union([schema, Type.Null()], {
    description: `${description} Null where ConfigDB doesn't say where the site is.`,
  });
const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: [example] });

const lost = {
  seconds_lost: Type.Integer({ description: "Seconds lost, by day and by night." }),
  dark_seconds_lost: orNull(Type.Integer(), "Seconds lost while the sun is 18° down or more."),
  nights_lost: orNull(
    Type.Number(),
    "Of each night the lost part of its dark time, added up: half of one night and all of another are 1.5.",
  ),
  nights_touched: orNull(Type.Integer(), "Nights of which any dark time is lost."),
};

/** What `/api/report/` answers. */
export const ReportSchema = Type.Object(
  {
    start: instant("First moment of the span.", "2027-01-01T00:00:00Z"),
    end: instant("The span's end.", "2027-02-01T00:00:00Z"),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        dark_seconds: orNull(Type.Integer(), "Dark seconds that the span has at the site."),
        nights: orNull(Type.Number(), "Nights that the span has there; those that it cuts count by their dark part."),
        ...lost,
        reasons: Type.Array(Type.Object({ reason: Type.String({ description: "As it is written." }), ...lost }), {
          description:
            "The same by reason, the greatest loss first. Where downtimes overlap, each moment counts for the one that started first (of those that started together for the one with the smaller id), so that the reasons add up to the telescope's loss; only a night may be touched by several.",
        }),
        instrument_types: Type.Array(
          Type.Object({ instrument_type: Type.String({ description: "Instrument type code." }), ...lost }),
          {
            description:
              "What downtimes for one instrument type alone cost that type. The telescope works meanwhile: none of it is in the telescope's loss.",
          },
        ),
      }),
      { description: "Telescopes in use, and those that lost anything." },
    ),
  },
  { description: "What downtimes cost telescopes in a span of time, planned ones too. Overlaps count once." },
);
export type Report = Static<typeof ReportSchema>;
export type ReportTelescope = Report["telescopes"][number];
export type Lost = Pick<ReportTelescope, keyof typeof lost>;

/** @param telescopes with every downtime that shares time with the span */
export function reportOf(telescopes: readonly QueriedTelescope[], span: Interval): Report {
  const nightsAt = nightsFor(span.start, span.end);
  return {
    ...span,
    telescopes: telescopes
      .map((telescope) => lossesOf(telescope, span, nightsAt(telescope.spot)))
      .filter((of) => of.active !== false || of.seconds_lost > 0 || of.instrument_types.length > 0),
  };
}

function lossesOf({ name, whole, byType }: QueriedTelescope, span: Interval, nights: Nights | undefined) {
  const all = nights && lossOf([span], nights);
  const types = [...byType].map(([instrument_type, of]) => ({
    instrument_type,
    ...lostIn(merged(clipped(of, span)), nights),
  }));
  return {
    ...name,
    dark_seconds: all?.darkSeconds ?? null,
    nights: all ? rounded(all.nights) : null,
    ...lostIn(merged(clipped(whole, span)), nights),
    reasons: [...byReason(whole, span)]
      .map(([reason, intervals]) => ({ reason, ...lostIn(intervals, nights) }))
      .sort(byLoss),
    instrument_types: types.filter(({ seconds_lost }) => seconds_lost > 0).sort(byLoss),
  };
}

/** The greatest loss first. */
export const byLoss = (a: Lost, b: Lost): number =>
  (b.dark_seconds_lost ?? 0) - (a.dark_seconds_lost ?? 0) || b.seconds_lost - a.seconds_lost;

/** Each blocked moment of the span for the reason of the downtime that started first. */
export function byReason(downtimes: readonly Downtime[], span: Interval): Map<string, Interval[]> {
  const reasons = new Map<string, Interval[]>();
  let counted = span.start;
  for (const { start, end, reason } of inOrder(downtimes.toSorted((a, b) => a.id - b.id))) {
    const from = start > counted ? start : counted;
    const to = end < span.end ? end : span.end;
    if (to <= from) continue;
    const intervals = reasons.get(reason) ?? [];
    intervals.push({ start: from, end: to });
    reasons.set(reason, intervals);
    counted = to;
  }
  return reasons;
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

/** All telescopes of a report together. */
export type Total = Omit<ReportTelescope, keyof typeof telescopeProperties | "instrument_types">;

/** Adds up; what nobody knows of a telescope counts as nothing, unless nobody knows it of any. */
export function totalOf({ telescopes }: Report): Total {
  const reasons = Map.groupBy(
    telescopes.flatMap((telescope) => telescope.reasons),
    ({ reason }) => reason,
  );
  return {
    dark_seconds: sumOf(telescopes, "dark_seconds"),
    nights: sumOf(telescopes, "nights"),
    ...totalLost(telescopes),
    reasons: [...reasons].map(([reason, losses]) => ({ reason, ...totalLost(losses) })).sort(byLoss),
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
