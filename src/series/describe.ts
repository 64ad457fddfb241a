/** Describes series in one line. */

import { describePlace } from "../downtime/downtime.ts";
import type { DescribeSeries } from "../downtime/page.tsx";
import { emptyPlace, telescopeName } from "../facility/facility.ts";
import { counted, shortened } from "../input/text.ts";
import type { StoredOccurrence } from "./reconcile.ts";
import type { Scope } from "./scope.ts";
import { ruleKinds, type SeriesDraft } from "./series.ts";
import type { SeriesStore } from "./store.ts";

/** Which telescopes: `ogg · clma · 2m0a; coj` */
export const describeScopes = (scopes: readonly Scope[]): string =>
  scopes.map((scope) => describePlace({ ...emptyPlace, ...scope })).join("; ");

/** When: `Tue–Fri nights, from 30 min after astronomical dusk, for 30 min, 12 Jan – 1 Jun 2027, except 2 breaks`. */
export function describeRule({ rule, breaks }: Pick<SeriesDraft, "rule" | "breaks">): string {
  const parts = ruleKinds[rule.kind].describe(rule);
  return [...parts, breaks.length > 0 && `except ${counted(breaks.length, "break")}`].filter(Boolean).join(", ");
}

/**
 * The name of a series, or else when it happens; of one that happens once, why.
 * @param rows its downtimes, to say on how many telescopes it happens once
 */
export function titleOf(plan: Pick<SeriesDraft, "rule" | "breaks" | "name" | "reason">, rows: StoredRows = []): string {
  if (plan.name) return plan.name;
  if (plan.rule.kind !== "once" || plan.reason === "") return describeRule(plan);
  const telescopes = new Set(rows.map(({ downtime }) => telescopeName(downtime))).size;
  return shortened(plan.reason, 80) + (telescopes > 0 ? `, ${counted(telescopes, "telescope")}` : "");
}

type StoredRows = readonly Pick<StoredOccurrence, "downtime">[];

/** Describes a series on the page of a downtime that belongs to it, also after the series was deleted. */
export const createSeriesDescriber =
  (series: Pick<SeriesStore, "history" | "rows">): DescribeSeries =>
  async (id) => {
    const [first, ...rest] = await series.history(id);
    if (!first) return undefined;
    const last = rest.at(-1) ?? first;
    const rows = last.plan.rule.kind === "once" ? await series.rows(id) : [];
    return { words: titleOf(last.plan, rows), createdBy: first.by, isDeleted: last.action === "delete" };
  };
