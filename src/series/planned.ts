/** Plans the downtimes of a series, with names by which they are found again after an edit. */

import type { Kind } from "../auth/change-set-store.ts";
import { type Facility, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { readDate } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { expand, type Occurrence } from "./occurrences.ts";
import { editPlan, newPlan, type Part, type Plan, type Stretch } from "./plan.ts";
import type { SkippedNight } from "./rule-kind.ts";
import { checkSeries, mostRows } from "./series.ts";

/** An occurrence with its name, unique in its series: its key and its place. */
export interface PlannedDowntime extends Occurrence {
  readonly occurrence: string;
}

/** Which downtimes of a stored series are edited or deleted. */
export interface Reach {
  /** A local date: this one's and later ones; undefined: all. */
  readonly from?: string | undefined;
  /** Whether those that have begun are included: all, none, or, undefined, the active ones. */
  readonly begun?: boolean | undefined;
}

export interface PlannedSeries extends Reach {
  readonly plan: Plan;
  /** The downtimes within the reach, in order. */
  readonly planned: readonly PlannedDowntime[];
  readonly absences: readonly SkippedNight[];
  /** The kind of its change set, unless it is that of any series. */
  readonly kind?: Kind;
}

/** A change set that closes until further notice, or confirms it, says so, and when. */
const kindOf = ({ rule }: Pick<Part, "rule">, before?: Part): Pick<PlannedSeries, "kind"> =>
  rule.kind === "once" && rule.end === null && JSON.stringify(rule) !== JSON.stringify(before?.rule)
    ? { kind: "until_notice" }
    : {};

type Body = Readonly<Record<string, unknown>>;

/** Plans a new series. @param body field → value, as a client sends it @throws Invalid */
export function planNew(body: Body, facility: Facility, now: Instant): PlannedSeries {
  const series = checkSeries(body, facility, now);
  const all = { from: null, until: null, series };
  return { plan: newPlan(series), begun: true, ...kindOf(series), ...plannedIn([all], facility, now) };
}

/**
 * Plans an edit of a stored series.
 * @param body field → value, as a client sends it; other fields keep their values
 * @param shown the part that the client edited; by default, the newest
 * @throws Invalid
 */
export function planEdit(
  plan: Plan,
  body: Body,
  reach: Reach,
  facility: Facility,
  now: Instant,
  shown?: Part,
): PlannedSeries {
  const edited = editPlan(plan, body, reach.from, facility, now, shown);
  return { ...reach, plan: edited.plan, ...kindOf(edited.plan, plan), ...plannedIn(edited.stretches, facility, now) };
}

function plannedIn(stretches: readonly Stretch[], facility: Facility, now: Instant) {
  const found = stretches.map(({ from, until, series }) => {
    const { rows, absences } = expand(series, facility, now);
    const isWithin = ({ date }: { readonly date: string }) => date >= (from ?? "") && (until === null || date < until);
    return {
      planned: rows.filter(isWithin).map((row) => ({ ...row, occurrence: nameOf(row) })),
      absences: absences.filter(isWithin),
    };
  });
  const planned = found.flatMap((each) => each.planned);
  if (planned.length > mostRows) throw new Invalid({ [acrossFields]: [tooManyRows(planned.length)] });
  if (planned.length === 0)
    throw new Invalid({ [acrossFields]: ["No downtimes would remain. End the series instead."] });
  return { planned, absences: found.flatMap((each) => each.absences) };
}

export const tooManyRows = (count: number): string =>
  `Maximum ${mostRows.toLocaleString("en")} downtimes per series (this would be ${count.toLocaleString("en")}).`;

const nameOf = ({ key, draft }: Occurrence): string => `${key} ${placeFields.map((field) => draft[field]).join(".")}`;

/** Whether the occurrence with this name is on the local date or later; the only one of a one-time series always is. */
export const isSince = (occurrence: string, from: string | undefined): boolean => occurrence >= (from ?? "");

/** Reads a local date, or the name of an occurrence, which begins with one. @throws Invalid */
export function readFrom(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[. ].*)?$/.exec(text.trim())?.[1];
  if (!found || readDate(found) instanceof Refusal)
    throw new Invalid({ from: ["Enter a date such as 2027-01-12, or the name of an occurrence."] });
  return found;
}

/** Reads which downtimes are ended. @param from as `readFrom`, or `now`; undefined: all @throws Invalid */
export function readReach(from: string | undefined, begun: boolean | undefined): Reach | "now" {
  if (from?.trim().toLowerCase() === "now") return "now";
  return { begun, ...(from !== undefined && { from: readFrom(from) }) };
}
