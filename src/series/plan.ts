/** Plans: a series' fields over time. An edit from a date on starts a new part and keeps the earlier ones. */

import type { Facility } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";
import { addDays } from "../time/zone.ts";
import type { Rule } from "./rule.ts";
import { type CheckedSeries, checkSeries, draftOf, type SeriesDraft } from "./series.ts";

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

/** A checked part, and the local date (exclusive) at which the next part or the end comes. */
export interface Stretch {
  readonly from: string | null;
  readonly until: string | null;
  readonly series: CheckedSeries;
}

const isSame = (one: SeriesDraft, other: SeriesDraft) =>
  JSON.stringify(draftOf(one)) === JSON.stringify(draftOf(other));

/** All parts in order. */
export const partsOf = (plan: Plan): readonly [Part, ...Part[]] => {
  const [first = plan, ...rest] = [...plan.earlier, plan];
  return [partOf(first), ...rest.map(partOf)];
};
const partOf = (part: Part): Part => ({ from: part.from, ...draftOf(part) });

/** Joins equal parts. The newest one's name is that of the whole series. */
function planOf(parts: readonly Part[], ended: string | null): Plan {
  const name = parts.at(-1)?.name;
  const unnamed = parts.map(({ name: _, ...part }): Part => part);
  const distinct = unnamed.filter((part, index) => index === 0 || !isSame(part, unnamed[index - 1] as Part));
  return { ...(distinct.at(-1) as Part), ...(name && { name }), earlier: distinct.slice(0, -1), ended };
}

export const newPlan = (series: CheckedSeries): Plan => planOf([{ from: null, ...draftOf(series) }], null);

/**
 * Edits the fields that are sent, in each part from a date on; of a rule of the same kind, only the fields that differ.
 * @param body field → value, as a client sends it; other fields keep their values
 * @param from a local date; undefined: from the beginning
 * @param now as `checkSeries`
 * @param shown what the client edited; by default, the newest part
 * @returns the plan, and its stretches from that date
 * @throws Invalid
 */
export function editPlan(
  plan: Plan,
  body: Readonly<Record<string, unknown>>,
  from: string | undefined,
  facility: Facility,
  now: Instant,
  shown: SeriesDraft = plan,
): { readonly plan: Plan; readonly stretches: readonly Stretch[] } {
  checkFrom(plan, from);
  const since = from ?? "";
  const before = partsOf(plan).filter((part) => (part.from ?? "") < since);
  const later = partsOf(plan).filter((part) => (part.from ?? "") >= since);
  const cut = before.at(-1);
  if (cut && later[0]?.from !== since) later.unshift({ ...cut, from: since });
  const sent = checkSeries({ ...draftOf(shown), ...body }, facility, now).rule;
  const checked = later.map((part) => ({
    from: part.from,
    series: checkSeries({ ...draftOf(part), ...body, rule: editRule(part.rule, shown.rule, sent) }, facility, now),
  }));
  const edited = checked.map((one) => ({ from: one.from, ...draftOf(one.series) }));
  return {
    plan: planOf([...before, ...edited], plan.ended),
    stretches: checked.map((one, index) => ({ ...one, until: checked[index + 1]?.from ?? plan.ended })),
  };
}

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

/** The plan without occurrences from a local date on. */
export function endPlan(plan: Plan, from: string): Plan {
  const ended = plan.ended !== null && plan.ended < from ? plan.ended : from;
  const [first, ...rest] = partsOf(plan);
  return planOf([first, ...rest.filter((part) => (part.from ?? "") < ended)], ended);
}

type Dated = readonly { readonly occurrence: string; readonly start: string }[];

/** The first local date of some occurrences. */
export const dateOfFirst = (occurrences: Dated): string | undefined =>
  // The name of a one-time occurrence has no date, and its local date may be the day before.
  datesOf(occurrences, (start) => addDays(start, -1))[0];

/** The local date after the last of some occurrences. */
export function dateAfterLast(occurrences: Dated): string | undefined {
  const last = datesOf(occurrences, (start) => start).at(-1);
  return last && addDays(last, 1);
}

const datesOf = (occurrences: Dated, dateOfOnce: (start: string) => string): string[] =>
  occurrences
    .map(({ occurrence, start }) =>
      occurrence.startsWith("once") ? dateOfOnce(start.slice(0, 10)) : occurrence.slice(0, 10),
    )
    .sort();

/** @throws Invalid when the plan has no occurrences from that local date on, or can't be split by date */
export function checkFrom(plan: Plan, from: string | undefined): void {
  if (from === undefined) return;
  if (plan.ended !== null && from >= plan.ended) throw new Invalid({ from: [`The series ended on ${plan.ended}.`] });
  if (partsOf(plan).some(({ rule }) => rule.kind === "once"))
    throw new Invalid({ from: ["A one-time series can't be split by date."] });
}
