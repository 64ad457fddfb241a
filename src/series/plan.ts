/** Plans: a series' fields over time, and the downtimes they mean. An edit from a date on starts a new part and keeps the earlier ones. */

import type { Kind } from "../auth/change-set-store.ts";
import { type Facility, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { readDate } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { expand, type Occurrence } from "./occurrences.ts";
import type { SkippedNight } from "./rule-kind.ts";
import { type CheckedSeries, checkSeries, draftOf, mostRows, type Rule, type SeriesDraft } from "./series.ts";

/** The fields that apply from a local date until the next part begins. */
export interface Part extends SeriesDraft {
  /** Null: from the beginning. */
  readonly from: string | null;
}

/** The newest part, and those before it. */
export interface Plan extends Part {
  /** In order. */
  readonly earlier: readonly Part[];
  /** The first local date without occurrences; null: the rule itself has the end. */
  readonly ended: string | null;
}

/** An occurrence with its name, unique in its series: its key and its place. After an edit, it is found again by this name. */
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
  readonly kind?: Kind | undefined;
}

/** A checked part, and the local date (exclusive) at which the next part or the end comes. */
type Stretch = Pick<Part, "from"> & { readonly until: string | null; readonly series: CheckedSeries };

/** Field → value, as a client sends it. */
type Body = Readonly<Record<string, unknown>>;

/** Plans a new series. @param now as `checkSeries` @throws Invalid */
export function planNew(body: Body, facility: Facility, now: Instant): PlannedSeries {
  const series = checkSeries(body, facility, now);
  const plan = planOf([{ from: null, ...draftOf(series) }], null);
  const all = { from: null, until: null, series };
  return { plan, begun: true, kind: kindOf(plan), ...plannedIn([all], facility, now) };
}

/**
 * Plans an edit of the fields that are sent, in each part of a stored series from a date on; of a rule of the same kind, only
 * of the fields that differ.
 * @param now as `checkSeries`
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
  const before = partsOf(plan).filter((part) => (part.from ?? "") < since);
  const later = partsOf(plan).filter((part) => (part.from ?? "") >= since);
  const cut = before.at(-1);
  if (cut && later[0]?.from !== since) later.unshift({ ...cut, from: since });
  const sent = checkSeries({ ...draftOf(shown), ...body }, facility, now).rule;
  const checked = later.map(({ from, ...part }) => {
    const rule = editRule(part.rule, shown.rule, sent);
    return { from, series: checkSeries({ ...draftOf(part), ...body, rule }, facility, now) };
  });
  const edited = planOf([...before, ...checked.map(({ from, series }) => ({ from, ...draftOf(series) }))], plan.ended);
  const stretches = checked.map((one, index) => ({ ...one, until: checked[index + 1]?.from ?? plan.ended }));
  return { ...reach, plan: edited, kind: kindOf(edited, plan), ...plannedIn(stretches, facility, now) };
}

/** A change set that closes until further notice, or confirms it, says so, and when. */
const kindOf = ({ rule }: Plan, before?: Plan): Kind | undefined =>
  rule.kind === "once" && rule.end === null && JSON.stringify(rule) !== JSON.stringify(before?.rule)
    ? "until_notice"
    : undefined;

/** Fields that are only valid together: each of them sets when an occurrence ends. */
const endFields = ["to", "minutes", "until_time"];

/** Applies the difference between two rules to a third one; a rule of another kind replaces it. */
function editRule(rule: Rule, shown: Rule, sent: Rule): unknown {
  if (sent.kind !== shown.kind) return sent;
  if (rule.kind !== sent.kind) return rule;
  const [before, after] = [shown, sent].map((one) => new Map<string, unknown>(Object.entries(one)));
  // An absent list is an empty one.
  const spell = (value: unknown) => JSON.stringify(value ?? []);
  const differs = (field: string) => spell(before?.get(field)) !== spell(after?.get(field));
  const isEdited = (field: string) => (endFields.includes(field) ? endFields.some(differs) : differs(field));
  const kept = Object.entries(rule).filter(([field]) => !isEdited(field));
  return Object.fromEntries([...kept, ...Object.entries(sent).filter(([field]) => isEdited(field))]);
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

const nameOf = ({ key, draft }: Occurrence): string => `${key} ${placeFields.map((field) => draft[field]).join(".")}`;

export const tooManyRows = (count: number): string =>
  `Maximum ${mostRows.toLocaleString("en")} downtimes per series (this would be ${count.toLocaleString("en")}).`;

/** All parts in order, at least one. */
export const partsOf = (plan: Plan): readonly [Part, ...Part[]] =>
  [...plan.earlier, plan].map((part) => ({ from: part.from, ...draftOf(part) })) as [Part, ...Part[]];

/** Joins equal parts. The newest one's name is that of the whole series. */
function planOf(parts: readonly Part[], ended: string | null): Plan {
  const name = parts.at(-1)?.name;
  const unnamed = parts.map(({ name: _, ...part }): Part => part);
  const fieldsOf = (part: Part) => JSON.stringify(draftOf(part));
  const distinct = unnamed.filter(
    (part, index) => fieldsOf(part) !== fieldsOf(unnamed[index - 1] ?? part) || index === 0,
  );
  return { ...(distinct.at(-1) as Part), ...(name && { name }), earlier: distinct.slice(0, -1), ended };
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

/**
 * Reads a local date, or the name of an occurrence, which begins with one.
 * @param other what the error names beside a date
 * @throws Invalid
 */
export function readFrom(text: string, other = ", or the name of an occurrence"): string {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[. ].*)?$/.exec(text.trim())?.[1];
  if (!found || readDate(found) instanceof Refusal)
    throw new Invalid({ from: [`Enter a date such as 2027-01-12${other}.`] });
  return found;
}

/** Reads which downtimes are ended. @param from and other as `readFrom`, or `now`; undefined: all @throws Invalid */
export function readReach(from: string | undefined, begun: boolean | undefined, other?: string): Reach | "now" {
  if (from?.trim().toLowerCase() === "now") return "now";
  return { begun, ...(from !== undefined && { from: readFrom(from, other) }) };
}
