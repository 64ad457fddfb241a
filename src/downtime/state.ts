/** States of telescopes, the only definition of down for pages, the API, VOSI and calendars; and "until further notice". */

import { Type } from "@sinclair/typebox";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";

/** The states' names, for use in a sentence. Down: the whole telescope. Partly down: one or more instrument types only. */
export const telescopeStateNames = { down: "down", partly_down: "partly down", available: "available" } as const;
export type TelescopeState = keyof typeof telescopeStateNames;

/**
 * Returns the state of a telescope from its active downtimes. Inactive telescopes aren't counted as down; whether a
 * telescope is inactive is a separate field.
 */
export const telescopeStateOf = (blocking: readonly Pick<Downtime, "instrument_type">[]): TelescopeState => {
  if (blocking.some(({ instrument_type }) => instrument_type === "")) return "down";
  return blocking.length > 0 ? "partly_down" : "available";
};

/** Returns the schema of the state field. @param when the time that it applies to, as the end of a sentence */
export const telescopeStateSchema = (when: string) =>
  Type.Unsafe<TelescopeState>({
    type: "string",
    enum: Object.keys(telescopeStateNames),
    description: `\`down\`: the whole telescope is blocked ${when}; \`partly_down\`: only instrument types are; \`available\`: nothing is. Inactive telescopes have a state too; see \`active\`.`,
    examples: ["down"],
  });

/** The downtimes until further notice: ID → when someone last confirmed it. */
export type UntilNotice = ReadonlyMap<number, Instant>;

/** The text shown instead of an end time. */
export const untilNoticeText = "until further notice";

/** Days after which someone is asked to confirm that it is still closed. */
const askAfterDays = 14;

/** Returns the end to store: the same date and time a year later. */
export function oneYearAfter(now: Instant): Instant {
  const end = new Date(toMillis(now));
  end.setUTCFullYear(end.getUTCFullYear() + 1);
  return toInstant(end.getTime());
}

/** Whether to ask "Still closed?". */
export const needsConfirmation = ({ id }: Pick<Downtime, "id">, untilNotice: UntilNotice, now: Instant): boolean => {
  const saidAt = untilNotice.get(id);
  return saidAt !== undefined && toMillis(now) - toMillis(saidAt) >= askAfterDays * dayMillis;
};
