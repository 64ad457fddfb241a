/** Bookings: what a series shall book from now on, named so that it is found again among what it booked before. */

import { type Facility, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { readDate } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { expand, type Occurrence } from "./occurrences.ts";
import { changePlan, newPlan, type Part, type Plan, type Stretch } from "./plan.ts";
import type { SkippedNight } from "./rule-time.ts";
import { checkSeries, mostRows } from "./series.ts";

/** An occurrence with the name that it has among all of its series': its key and its place. */
export interface PlannedDowntime extends Occurrence {
  readonly occurrence: string;
}

/** How much of a stored series is meant. */
export interface Reach {
  /** A local date: this one's and the following; undefined: all. */
  readonly from?: string | undefined;
  /** Whether downtimes that have begun are meant too: all of them, none of them, or, undefined, those that are active. */
  readonly begun?: boolean | undefined;
}

export interface PlannedSeries extends Reach {
  /** The plan as it shall be. */
  readonly plan: Plan;
  /** What it books within its reach, the first ones first. */
  readonly planned: readonly PlannedDowntime[];
  /** Nights on which the rule can't happen. */
  readonly absences: readonly SkippedNight[];
}

type Body = Readonly<Record<string, unknown>>;

/**
 * What a new series books.
 * @param body field → value, as a client sends it
 * @throws Invalid
 */
export function planNew(body: Body, facility: Facility, now: Instant): PlannedSeries {
  const series = checkSeries(body, facility);
  const all = { from: null, until: null, series };
  return { plan: newPlan(series), begun: true, ...plannedIn([all], facility, now) };
}

/**
 * What a stored series books once some of its fields are changed.
 * @param body field → value, as a client sends it; what isn't there stays
 * @param shown the part that the client saw and changed; undefined: the newest
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
  const changed = changePlan(plan, body, reach.from, facility, shown);
  return { ...reach, plan: changed.plan, ...plannedIn(changed.stretches, facility, now) };
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
  if (planned.length > mostRows)
    throw new Invalid({
      [acrossFields]: [`That makes ${planned.length} downtimes. A series has at most ${mostRows}.`],
    });
  if (planned.length === 0) throw new Invalid({ [acrossFields]: ["That leaves no downtime. End the series instead."] });
  return { planned, absences: found.flatMap((each) => each.absences) };
}

const nameOf = ({ key, draft }: Occurrence): string => `${key} ${placeFields.map((field) => draft[field]).join(".")}`;

/** Whether the occurrence with this name has its local date on the date or after it; the only one of a rule always has. */
export const isSince = (occurrence: string, from: string | undefined): boolean => occurrence >= (from ?? "");

/** Reads where something begins: a local date, or the name of an occurrence, which begins with it. @throws Invalid */
export function readFrom(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[. ].*)?$/.exec(text.trim())?.[1];
  if (!found || readDate(found) instanceof Refusal)
    throw new Invalid({ from: ["That is neither a date, such as 2027-01-12, nor an occurrence of the series."] });
  return found;
}
