/** The state of a telescope: the one definition of down, for pages, answers, VOSI and calendars. */

import { Type } from "@sinclair/typebox";
import type { Downtime } from "./downtime.ts";

/** Down: the whole telescope. Partly down: one or more instrument types, but not the telescope. */
const telescopeStates = ["down", "partly_down", "available"] as const;
export type TelescopeState = (typeof telescopeStates)[number];

/**
 * The state that downtimes give the telescope that they block.
 * Whether ConfigDB marks the telescope inactive is told beside it: inactive telescopes aren't counted as down.
 */
export const telescopeStateOf = (blocking: readonly Pick<Downtime, "instrument_type">[]): TelescopeState => {
  if (blocking.some(({ instrument_type }) => instrument_type === "")) return "down";
  return blocking.length > 0 ? "partly_down" : "available";
};

/** The states as people read them, within a sentence. */
export const telescopeStateNames: Readonly<Record<TelescopeState, string>> = {
  down: "down",
  partly_down: "partly down",
  available: "available",
};

/** The state as an answer's field. @param when the time that it is the state of, as the end of a sentence */
export const telescopeStateSchema = (when: string) =>
  Type.Unsafe<TelescopeState>({
    type: "string",
    enum: [...telescopeStates],
    description: `\`down\`: the whole telescope is blocked ${when}; \`partly_down\`: only instrument types are; \`available\`: nothing is. Inactive telescopes have a state too; see \`active\`.`,
    examples: ["down"],
  });
