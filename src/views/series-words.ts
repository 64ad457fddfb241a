/** Words of series: where one is, and what a version of it did. */

import { describePlace } from "../domain/downtime.ts";
import type { Instant } from "../domain/instant.ts";
import type { Plan } from "../domain/plan.ts";
import type { Scope } from "../domain/scope.ts";
import { counted } from "./counted.ts";

/** A version of a series: as it became, or as it was when it was deleted. */
export interface ShownSeriesVersion {
  readonly action: "create" | "change" | "end" | "delete";
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  readonly plan: Plan;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
}

/** `ogg · clma · 2m0a; coj` */
export const describeScopes = (scopes: readonly Scope[]): string =>
  scopes
    .map((scope) => describePlace({ site: "", enclosure: "", telescope: "", instrument_type: "", ...scope }))
    .join("; ");

/** What somebody did, as a sentence begins. */
export const doings = { create: "Planned", change: "Changed", end: "Ended", delete: "Deleted" } as const;

/** `212 downtimes created, 0 changed, 3 deleted` */
export const spellCounts = ({ created, changed, deleted }: ShownSeriesVersion) =>
  `${counted(created, "downtime")} created, ${changed.toLocaleString("en")} changed, ${deleted.toLocaleString("en")} deleted`;
