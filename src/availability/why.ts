/** Why: whether a telescope is blocked at an instant, by which downtimes, and until when. */

import { type Static, Type } from "@sinclair/typebox";
import { type Downtime, DowntimeSchema } from "../downtime/downtime.ts";
import { telescopeStateOf, telescopeStateSchema } from "../downtime/telescope-state.ts";
import type { Instant } from "../time/instant.ts";
import { merged } from "../time/interval.ts";
import { type QueriedTelescope, telescopeProperties } from "./telescopes.ts";

const instant = (description: string) =>
  Type.Unsafe<Instant>({
    type: ["string", "number"],
    description: `${description} A number, a Modified Julian Date, with \`format=mjd\`.`,
    examples: ["2027-01-15T09:00:00Z"],
  });
const orNull = (description: string) =>
  Type.Unsafe<Instant | null>({ ...instant(description), type: ["string", "number", "null"] });

const downtimes = Type.Array(
  Type.Object({
    ...DowntimeSchema.properties,
    created_by: Type.Union([Type.String(), Type.Null()], {
      description: "Who made it; null where nobody knows, as of what was moved in from another program.",
    }),
  }),
  { description: "The downtimes that block it at the instant, by their start." },
);

/** What `/api/why/` answers. */
export const WhySchema = Type.Object(
  {
    at: instant("The instant that is asked about."),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        blocked: Type.Boolean({ description: "Whether the whole telescope is blocked at the instant." }),
        until: orNull(
          "Blocked: when it is free again, after all downtimes that overlap or touch. Free: when the next downtime of the whole telescope starts; null where none is planned.",
        ),
        downtimes,
        instrument_types: Type.Array(
          Type.Object({
            instrument_type: Type.String({ description: "Instrument type code." }),
            until: instant("When no downtime of its own blocks it any more."),
            downtimes,
          }),
          { description: "Instrument types that are blocked at the instant by downtimes of their own." },
        ),
        state: telescopeStateSchema("at the instant"),
      }),
      { description: "Every telescope that has the code and stands there, in ConfigDB's order." },
    ),
  },
  { description: "Whether telescopes are blocked at an instant, and why." },
);
export type Why = Static<typeof WhySchema>;
export type WhyTelescope = Why["telescopes"][number];

/** How something stands at an instant. */
export interface Standing {
  /** Those that block it, by their start. */
  readonly blocking: readonly Downtime[];
  /** When that changes; undefined where none of the downtimes says. */
  readonly until: Instant | undefined;
  /** Whether no downtime that starts later than all of these can change it. */
  readonly isSettled: boolean;
}

/**
 * @param downtimes every one that ends after the instant and starts before the horizon
 * @param horizon undefined: there are no others
 */
export function standingAt(downtimes: readonly Downtime[], at: Instant, horizon: Instant | undefined): Standing {
  const next = merged(downtimes).find(({ end }) => end > at);
  const isBlocked = next !== undefined && next.start <= at;
  const until = isBlocked ? next.end : next?.start;
  return {
    blocking: isBlocked ? next.parts.filter(({ start, end }) => start <= at && at < end) : [],
    until,
    isSettled: horizon === undefined || (until !== undefined && until < horizon),
  };
}

/** A telescope's standing as whole, and that of each instrument type that is blocked at the instant. */
export interface TelescopeStanding {
  readonly telescope: QueriedTelescope;
  readonly whole: Standing;
  readonly byType: ReadonlyMap<string, Standing>;
}

export function telescopeStanding(telescope: QueriedTelescope, at: Instant, horizon: Instant): TelescopeStanding {
  const types = [...telescope.byType].map(([type, of]) => [type, standingAt(of, at, horizon)] as const);
  const blocked = types.filter(([, { blocking }]) => blocking.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return { telescope, whole: standingAt(telescope.whole, at, horizon), byType: new Map(blocked) };
}

/** @param makerOf the user who made a downtime; undefined where nobody knows */
export function whyOf(
  standings: readonly TelescopeStanding[],
  at: Instant,
  makerOf: (id: number) => string | null | undefined,
): Why {
  const shown = (downtimes: readonly Downtime[]) =>
    downtimes.map((downtime) => ({ ...downtime, created_by: makerOf(downtime.id) ?? null }));
  return {
    at,
    telescopes: standings.map(({ telescope, whole, byType }) => ({
      ...telescope.name,
      blocked: whole.blocking.length > 0,
      until: whole.until ?? null,
      downtimes: shown(whole.blocking),
      instrument_types: [...byType].map(([instrument_type, { blocking, until }]) => ({
        instrument_type,
        until: until ?? at,
        downtimes: shown(blocking),
      })),
      state: telescopeStateOf([whole, ...byType.values()].flatMap(({ blocking }) => blocking)),
    })),
  };
}
