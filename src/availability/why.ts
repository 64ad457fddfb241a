/** Why: whether a telescope is down at a given time, because of which downtimes, and until when. */

import { type Static, Type } from "@sinclair/typebox";
import { type Downtime, DowntimeSchema } from "../downtime/downtime.ts";
import { telescopeStateOf, telescopeStateSchema } from "../downtime/telescope-state.ts";
import type { Instant } from "../time/instant.ts";
import { merged } from "../time/interval.ts";
import { type QueriedTelescope, telescopeProperties } from "./telescopes.ts";

const instant = (description: string) =>
  Type.Unsafe<Instant>({
    type: ["string", "number"],
    description: `${description} With \`format=mjd\`, a Modified Julian Date (number).`,
    examples: ["2027-01-15T09:00:00Z"],
  });
const orNull = (description: string) =>
  Type.Unsafe<Instant | null>({
    ...instant(description),
    type: ["string", "number", "null"],
    examples: ["2027-01-15T09:45:00Z"],
  });

const downtimes = Type.Array(
  Type.Object({
    ...DowntimeSchema.properties,
    created_by: Type.Union([Type.String(), Type.Null()], {
      description: "Username of the creator; null if unknown, such as for migrated downtimes.",
      examples: ["ada"],
    }),
  }),
  { description: "The downtimes active at this time, by start time." },
);

/** The response of `/api/why/`. */
export const WhySchema = Type.Object(
  {
    at: instant("The time that was checked."),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        blocked: Type.Boolean({ description: "Whether the whole telescope is down." }),
        until: orNull(
          "If down: when the telescope is available again, after all overlapping and adjacent downtimes. If available: when its next downtime starts, or null if none is scheduled.",
        ),
        downtimes,
        instrument_types: Type.Array(
          Type.Object({
            instrument_type: Type.String({ description: "Instrument type code." }),
            until: instant("When the instrument type is available again."),
            downtimes,
          }),
          { description: "Instrument types that are down because of downtimes of their own.", examples: [[]] },
        ),
        state: telescopeStateSchema("at this time"),
      }),
      { description: "Every matching telescope, in ConfigDB's order." },
    ),
  },
  { $id: "Why", description: "Whether telescopes are down at a given time, and why." },
);
export type Why = Static<typeof WhySchema>;
export type WhyTelescope = Why["telescopes"][number];

/** The status of a telescope or an instrument type at a given time. */
export interface StatusAt {
  /** The active downtimes, by start time. */
  readonly blocking: readonly Downtime[];
  /** When the status changes; undefined if none of the given downtimes changes it. */
  readonly until: Instant | undefined;
  /** Whether `until` holds; false if a downtime beyond the horizon could move it. */
  readonly isFinal: boolean;
}

/**
 * Returns the status at a given time.
 * @param downtimes all that end after that time and start before the horizon
 * @param horizon undefined if there are no later downtimes
 */
export function statusAt(downtimes: readonly Downtime[], at: Instant, horizon: Instant | undefined): StatusAt {
  const next = merged(downtimes).find(({ end }) => end > at);
  const isBlocked = next !== undefined && next.start <= at;
  const until = isBlocked ? next.end : next?.start;
  return {
    blocking: isBlocked ? next.parts.filter(({ start, end }) => start <= at && at < end) : [],
    until,
    isFinal: horizon === undefined || (until !== undefined && until < horizon),
  };
}

/** The status of the whole telescope, and of each instrument type that is down. */
interface TelescopeStatusAt {
  readonly telescope: QueriedTelescope;
  readonly whole: StatusAt;
  readonly byType: ReadonlyMap<string, StatusAt>;
}

export function telescopeStatusAt(telescope: QueriedTelescope, at: Instant, horizon: Instant): TelescopeStatusAt {
  const types = [...telescope.byType].map(([type, downtimes]) => [type, statusAt(downtimes, at, horizon)] as const);
  const blocked = types.filter(([, { blocking }]) => blocking.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return { telescope, whole: statusAt(telescope.whole, at, horizon), byType: new Map(blocked) };
}

/** Returns the response. @param creatorOf returns who created a downtime; undefined if unknown */
export function whyOf(
  statuses: readonly TelescopeStatusAt[],
  at: Instant,
  creatorOf: (id: number) => string | null | undefined,
): Why {
  const withCreator = (downtimes: readonly Downtime[]) =>
    downtimes.map((downtime) => ({ ...downtime, created_by: creatorOf(downtime.id) ?? null }));
  return {
    at,
    telescopes: statuses.map(({ telescope, whole, byType }) => ({
      ...telescope.name,
      blocked: whole.blocking.length > 0,
      until: whole.until ?? null,
      downtimes: withCreator(whole.blocking),
      instrument_types: [...byType].map(([instrument_type, { blocking, until }]) => ({
        instrument_type,
        until: until ?? at,
        downtimes: withCreator(blocking),
      })),
      state: telescopeStateOf([whole, ...byType.values()].flatMap(({ blocking }) => blocking)),
    })),
  };
}
