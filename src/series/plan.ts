/** Plans: a series' fields over time, and the downtimes they mean. An edit from a date on starts a new part and keeps the earlier ones. */

import type { Kind } from "../auth/change-set-store.ts";
import type { Facility } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { readDate } from "../input/readers.ts";
import type { Instant } from "../time/instant.ts";
import { expand, type PlannedDowntime, tooMany } from "./occurrences.ts";
import type { SkippedNight } from "./rule-kind.ts";
import { checkSeries, draftOf, mostRows, type Rule, type SeriesDraft } from "./series.ts";

/** The fields that apply from a local date until the next part begins. */
export interface PlanPart extends SeriesDraft {
  /** Null: from the beginning. */
  readonly from: string | null;
}

/** The newest part, and those before it. */
export interface Plan extends PlanPart {
  readonly earlier: readonly PlanPart[];
  /** The first local date without occurrences; null: the rule's own end applies. */
  readonly ended: string | null;
}

/** Which downtimes of a stored series are edited or deleted. */
export interface Reach {
  /** Only downtimes on this local date or later; undefined: all. */
  readonly from?: string | undefined;
  /** Whether those that have begun are included; undefined: only the active ones. */
  readonly begun?: boolean | undefined;
}

export interface PlannedSeries extends Reach {
  readonly plan: Plan;
  readonly planned: readonly PlannedDowntime[];
  readonly absences: readonly SkippedNight[];
  /** The kind of its change set, unless it is that of any series. */
  readonly kind?: Kind | undefined;
}

type Body = Readonly<Record<string, unknown>>;

/** Plans a new series. @param now as `checkSeries` @throws Invalid */
export function planNew(body: Body, facility: Facility, now: Instant): PlannedSeries {
  const series = { from: null, ...checkSeries(body, facility, now) };
  const plan = planOf([series], null);
  return { plan, begun: true, kind: kindOf(plan), ...plannedIn([series], null, facility, now) };
}

/**
 * Plans an edit: changes the fields that are sent in each part of the plan, from a date on. If the rule stays of the same kind,
 * only its fields that differ are changed.
 * @param shown the part that the client edited; by default, the newest
 * @throws Invalid
 */
export function planEdit(
  plan: Plan,
  body: Body,
  reach: Reach,
  facility: Facility,
  now: Instant,
  shown: SeriesDraft = plan,
): PlannedSeries {
  checkFrom(plan, reach.from);
  const since = reach.from ?? "";
  const { true: before = [], false: later = [] } = Object.groupBy(
    partsOf(plan),
    ({ from }) => `${(from ?? "") < since}`,
  );
  const cut = before.at(-1);
  if (cut && later[0]?.from !== since) later.unshift({ ...cut, from: since });
  const sent = checkSeries({ ...draftOf(shown), ...body }, facility, now).rule;
  const edited = later.map(({ from, ...part }) => {
    const rule = editRule(part.rule, shown.rule, sent);
    return { from, ...checkSeries({ ...draftOf(part), ...body, rule }, facility, now) };
  });
  const next = planOf([...before, ...edited], plan.ended);
  return { ...reach, plan: next, kind: kindOf(next, plan), ...plannedIn(edited, plan.ended, facility, now) };
}

/** The kind of a change set that closes until further notice, or confirms that; undefined for any other. */
const kindOf = ({ rule }: Plan, before?: Plan): Kind | undefined =>
  rule.kind === "once" && rule.end === null && JSON.stringify(rule) !== JSON.stringify(before?.rule)
    ? "until_notice"
    : undefined;

/** Fields that are only valid together: each of them sets when an occurrence ends. */
const endFields = ["to", "minutes", "until_time"];

/** Applies the difference between two rules to a third one; a rule that has changed its kind replaces it. */
function editRule(rule: Rule, shown: Rule, sent: Rule): unknown {
  if (sent.kind !== shown.kind) return sent;
  if (rule.kind !== sent.kind) return rule;
  const [before, after]: Readonly<Record<string, unknown>>[] = [{ ...shown }, { ...sent }];
  // An absent list is an empty one.
  const differs = (field: string) => JSON.stringify(before?.[field] ?? []) !== JSON.stringify(after?.[field] ?? []);
  const isEdited = (field: string) => (endFields.includes(field) ? endFields.some(differs) : differs(field));
  const kept = Object.entries(rule).filter(([field]) => !isEdited(field));
  return Object.fromEntries([...kept, ...Object.entries(sent).filter(([field]) => isEdited(field))]);
}

/** Returns the downtimes of checked parts, each until the next one begins. @param ended as in `Plan` */
function plannedIn(parts: readonly PlanPart[], ended: string | null, facility: Facility, now: Instant) {
  const found = parts.map((part, index) => {
    const [from, until] = [part.from ?? "", parts[index + 1]?.from ?? ended];
    const isWithin = ({ date }: { readonly date: string }) => date >= from && (until === null || date < until);
    const { rows, absences } = expand(part, facility, now);
    return { rows: rows.filter(isWithin), absences: absences.filter(isWithin) };
  });
  const planned = found.flatMap(({ rows }) => rows);
  if (planned.length > mostRows) throw new Invalid({ [acrossFields]: [tooMany] });
  if (planned.length === 0)
    throw new Invalid({ [acrossFields]: ["No downtimes would remain. End the series instead."] });
  return { planned, absences: found.flatMap(({ absences }) => absences) };
}

/** All parts in order, at least one. */
export const partsOf = (plan: Plan): readonly [PlanPart, ...PlanPart[]] =>
  [...plan.earlier, plan].map((part) => ({ from: part.from, ...draftOf(part) })) as [PlanPart, ...PlanPart[]];

/** Joins equal parts. The newest one's name is that of the whole series. */
function planOf(parts: readonly PlanPart[], ended: string | null): Plan {
  const name = parts.at(-1)?.name;
  const unnamed = parts.map(({ from, name: _, ...part }): PlanPart => ({ from, ...draftOf(part) }));
  const fieldsOf = ({ from: _, ...fields }: PlanPart) => JSON.stringify(fields);
  const distinct = unnamed.filter(
    (part, index, all) => index === 0 || fieldsOf(part) !== fieldsOf(all[index - 1] ?? part),
  );
  return { ...(distinct.at(-1) as PlanPart), ...(name && { name }), earlier: distinct.slice(0, -1), ended };
}

/** The plan without occurrences from a local date on. */
export function endPlan(plan: Plan, from: string): Plan {
  const ended = plan.ended !== null && plan.ended < from ? plan.ended : from;
  const parts = partsOf(plan).filter(({ from }) => (from ?? "") < ended);
  return planOf(parts, ended);
}

/** @throws Invalid when the plan has no occurrences from that local date on, or can't be split by date */
export function checkFrom(plan: Plan, from: string | undefined): void {
  if (from === undefined) return;
  if (plan.ended !== null && from >= plan.ended) throw new Invalid({ from: [`The series ended on ${plan.ended}.`] });
  if (partsOf(plan).some(({ rule }) => rule.kind === "once"))
    throw new Invalid({ from: ["A one-time series can't be split by date."] });
}

/** Reads a local date, or the name of an occurrence, which begins with one. @throws Invalid */
export function readFrom(text: string): string {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[. ].*)?$/.exec(text.trim())?.[1];
  if (found && typeof readDate(found) === "string") return found;
  throw new Invalid({ from: ["Enter a date such as 2027-01-12."] });
}

/** Reads which downtimes are ended. @param from as `readFrom`, or `now`; undefined: all @throws Invalid */
export function readReach(from: string | undefined, begun: boolean | undefined): Reach | "now" {
  if (from?.trim().toLowerCase() === "now") return "now";
  return { begun, ...(from !== undefined && { from: readFrom(from) }) };
}
