/** The conflict of an undo: something was edited since. */

import { Conflict } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";

/** A version that was written after the change set. */
export interface LaterVersion {
  readonly what: "downtimes" | "series";
  readonly id: number;
  readonly action: "create" | "change" | "end" | "delete" | "restore";
  readonly by: string;
  readonly at: Instant;
}

const maxNamed = 20;

/** Something was edited after the change set, so nothing is undone. */
export class Overtaken extends Conflict {
  constructor(readonly later: readonly LaterVersion[]) {
    const names = later.map(({ what, id, by }) => `${what === "series" ? "series" : "downtime"} ${id} by ${by}`);
    const more = names.length > maxNamed ? `, and ${names.length - maxNamed} more` : "";
    super(`Nothing was undone. Edited since: ${names.slice(0, maxNamed).join(", ")}${more}.`);
  }
}
