/** Words of series: what a version of one did. */

import { counted } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import type { Plan } from "./plan.ts";

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
  /** Why no downtime was changed; null where one was. */
  readonly warning: string | null;
}

/** What somebody did, as a sentence begins. */
export const doings = { create: "Planned", change: "Changed", end: "Ended", delete: "Deleted" } as const;

/** `212 downtimes created, 0 changed, 3 deleted` */
export const spellCounts = ({ created, changed, deleted }: ShownSeriesVersion) =>
  `${counted(created, "downtime")} created, ${changed.toLocaleString("en")} changed, ${deleted.toLocaleString("en")} deleted`;
