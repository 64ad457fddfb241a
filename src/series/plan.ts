/** Plans: what a stored series was and is. A change from a date on leaves what was planned for the days before it. */

import type { Facility } from "../facility/facility.ts";
import { Invalid } from "../input/problem.ts";
import { addDays } from "../time/local-date.ts";
import type { Rule } from "./rule.ts";
import { type CheckedSeries, checkSeries, draftOf, type SeriesDraft } from "./series.ts";

/** What holds from a local date on, until the next part begins. */
export interface Part extends SeriesDraft {
  /** Null: from the beginning. */
  readonly from: string | null;
}

/** The newest part, with what held before. */
export interface Plan extends Part {
  /** The parts before this one, the first one first. */
  readonly earlier: readonly Part[];
  /** From this local date on nothing is planned any more; null: the rule's own end counts. */
  readonly ended: string | null;
}

/** A part that keeps every rule, until the local date (exclusive) on which another one takes over or all is over. */
export interface Stretch {
  readonly from: string | null;
  readonly until: string | null;
  readonly series: CheckedSeries;
}

const isSame = (one: SeriesDraft, other: SeriesDraft) =>
  JSON.stringify(draftOf(one)) === JSON.stringify(draftOf(other));

/** All parts, the first one first. */
export const partsOf = (plan: Plan): readonly [Part, ...Part[]] => {
  const [first = plan, ...rest] = [...plan.earlier, plan];
  return [partOf(first), ...rest.map(partOf)];
};
const partOf = (part: Part): Part => ({ from: part.from, ...draftOf(part) });

/** A part that only goes on with the one before is joined to it. */
function planOf(parts: readonly Part[], ended: string | null): Plan {
  const distinct = parts.filter((part, index) => index === 0 || !isSame(part, parts[index - 1] as Part));
  return { ...(distinct.at(-1) as Part), earlier: distinct.slice(0, -1), ended };
}

/** The plan of a new series. */
export const newPlan = (series: CheckedSeries): Plan => planOf([{ from: null, ...draftOf(series) }], null);

/**
 * The plan with some of its fields changed, in each part from a date on; of its rule, what the one that is sent says otherwise.
 * @param body field → value, as a client sends it; what isn't there stays
 * @param from a local date; undefined: from the beginning
 * @param shown what the client saw and changed; undefined: the newest part
 * @returns the plan, and the stretches of it that were changed
 * @throws Invalid
 */
export function changePlan(
  plan: Plan,
  body: Readonly<Record<string, unknown>>,
  from: string | undefined,
  facility: Facility,
  shown: SeriesDraft = plan,
): { readonly plan: Plan; readonly stretches: readonly Stretch[] } {
  checkFrom(plan, from);
  const since = from ?? "";
  const before = partsOf(plan).filter((part) => (part.from ?? "") < since);
  const later = partsOf(plan).filter((part) => (part.from ?? "") >= since);
  const cut = before.at(-1);
  if (cut && later[0]?.from !== since) later.unshift({ ...cut, from: since });
  const sent = checkSeries({ ...draftOf(shown), ...body }, facility).rule;
  const checked = later.map((part) => ({
    from: part.from,
    series: checkSeries({ ...draftOf(part), ...body, rule: changeRule(part.rule, shown.rule, sent) }, facility),
  }));
  const changed = checked.map((one) => ({ from: one.from, ...draftOf(one.series) }));
  return {
    plan: planOf([...before, ...changed], plan.ended),
    stretches: checked.map((one, index) => ({ ...one, until: checked[index + 1]?.from ?? plan.ended })),
  };
}

/** Fields of rules that say one thing together: how long it lasts, or when it ends. */
const lengths = ["to", "minutes", "until_time"];

/** A rule with what was changed in the one that was seen; a rule of another kind takes the place of each. */
function changeRule(rule: Rule, seen: Rule, sent: Rule): unknown {
  if (sent.kind !== seen.kind) return sent;
  if (rule.kind !== sent.kind) return rule;
  const [before, after] = [fieldsOf(seen), fieldsOf(sent)];
  // A list that isn't there is an empty one.
  const spell = (value: unknown) => JSON.stringify(value ?? []);
  const differs = (field: string) => spell(before.get(field)) !== spell(after.get(field));
  const isChanged = (field: string) => (lengths.includes(field) ? lengths.some(differs) : differs(field));
  const kept = Object.entries(rule).filter(([field]) => !isChanged(field));
  return Object.fromEntries([...kept, ...[...after].filter(([field]) => isChanged(field))]);
}
const fieldsOf = (rule: Rule): ReadonlyMap<string, unknown> => new Map(Object.entries(rule));

/** The plan with nothing in it from a local date on. */
export function endPlan(plan: Plan, from: string): Plan {
  const ended = plan.ended !== null && plan.ended < from ? plan.ended : from;
  const [first, ...rest] = partsOf(plan);
  return planOf([first, ...rest.filter((part) => (part.from ?? "") < ended)], ended);
}

/** The date from which on a plan without these occurrences has ended; undefined where there are none. */
export function dateOfFirst(occurrences: readonly { occurrence: string; start: string }[]): string | undefined {
  const dates = occurrences.map(({ occurrence, start }) =>
    // The only one has no date in its name, and its local date may be the day before.
    occurrence.startsWith("once") ? addDays(start.slice(0, 10), -1) : occurrence.slice(0, 10),
  );
  return dates.sort()[0];
}

/** The date from which on a plan has ended whose last occurrences these are; undefined where there are none. */
export function dateAfterLast(occurrences: readonly { occurrence: string; start: string }[]): string | undefined {
  const dates = occurrences.map(({ occurrence, start }) =>
    (occurrence.startsWith("once") ? start : occurrence).slice(0, 10),
  );
  const last = dates.sort().at(-1);
  return last && addDays(last, 1);
}

/** @throws Invalid where nothing comes from that local date on, or where nothing comes before or after another */
export function checkFrom(plan: Plan, from: string | undefined): void {
  if (from === undefined) return;
  if (plan.ended !== null && from >= plan.ended) throw new Invalid({ from: [`The series ended on ${plan.ended}.`] });
  if (partsOf(plan).some(({ rule }) => rule.kind === "once"))
    throw new Invalid({ from: ["It happens once: nothing comes before it or after it."] });
}
