/** Whether telescopes are down at a given time or now, because of which downtimes, and until when. */

import { type Static, Type } from "@sinclair/typebox";
import { type Downtime, DowntimeSchema } from "../downtime/downtime.ts";
import { bySoonest, type Filter, narrowed } from "../downtime/filter.ts";
import { type TelescopeState, telescopeStateOf, telescopeStateSchema } from "../downtime/state.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import type { DarkLimits } from "../sky/dark-limit.ts";
import { isDark } from "../sky/twilight.ts";
import { dayMillis, type Instant, moved, toInstant, toMillis } from "../time/instant.ts";
import { merged } from "../time/interval.ts";
import {
  darkOf,
  darkProperty,
  positionsIn,
  type QueriedTelescope,
  telescopeProperties,
  telescopesOf,
  timeSchema,
} from "./telescopes.ts";

const orNull = (schema: ReturnType<typeof timeSchema>) =>
  Type.Unsafe<Instant | null>({ ...schema, type: ["string", "number", "null"] });

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

export const WhySchema = Type.Object(
  {
    at: timeSchema("The time that was checked.", "2027-01-15T09:00:00Z"),
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        blocked: Type.Boolean({ description: "Whether the whole telescope is down." }),
        until: orNull(
          timeSchema(
            "If down: when the telescope is available again, after all overlapping and adjacent downtimes. If available: when its next downtime starts, or null if none is scheduled.",
            "2027-01-15T09:45:00Z",
          ),
        ),
        downtimes,
        instrument_types: Type.Array(
          Type.Object({
            instrument_type: Type.String({ description: "Instrument type code." }),
            until: timeSchema("When the instrument type is available again.", "2027-01-15T09:00:00Z"),
            downtimes,
          }),
          { description: "Instrument types that are down because of downtimes of their own.", examples: [[]] },
        ),
        state: telescopeStateSchema("at this time"),
        is_dark: Type.Union([Type.Boolean(), Type.Null()], {
          description:
            "Whether this time is dark, at the limit `dark`. Null if ConfigDB has no coordinates for the site.",
          examples: [true],
        }),
        ...darkProperty,
      }),
      { description: "Every matching telescope, in ConfigDB's order." },
    ),
  },
  { $id: "Why", description: "Whether telescopes are down at a given time, and why." },
);
export type Why = Static<typeof WhySchema>;
export type WhyTelescope = Why["telescopes"][number];

interface StatusAt {
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

/** Returns the status of the whole telescope, and of each instrument type that is down. */
function telescopeStatusAt(telescope: QueriedTelescope, at: Instant, horizon?: Instant) {
  const types = [...telescope.byType].map(([type, downtimes]) => [type, statusAt(downtimes, at, horizon)] as const);
  const blocked = types.filter(([, { blocking }]) => blocking.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = statusAt(telescope.whole, at, horizon);
  return { telescope, whole, byType: new Map(blocked), all: [whole, ...blocked.map(([, status]) => status)] };
}

/** The window of the first query; nearly always long enough to find the next change. */
const horizonMillis = 32 * dayMillis;

/** Returns for each telescope that matches a filter why it is down at a time, or until when it is available. */
export async function findWhy(
  downtimes: Pick<Downtimes, "during" | "list" | "creatorsOf">,
  facility: Facility | undefined,
  filter: Filter,
  at: Instant,
  dark?: DarkLimits,
): Promise<Why> {
  const positionOf = positionsIn(facility, dark);
  const horizon = toInstant(toMillis(at) + horizonMillis);
  const near = await downtimes.during(filter, { start: at, end: horizon });
  const statuses = [];
  for (const telescope of telescopesOf(facility, filter, near, positionOf)) {
    const status = telescopeStatusAt(telescope, at, horizon);
    // Telescopes that aren't in ConfigDB are listed only while they are down.
    if (!telescope.name.known && status.all.every(({ blocking }) => blocking.length === 0)) continue;
    const { name } = telescope;
    const only = { site: [name.site], enclosure: [name.enclosure], telescope: [name.telescope] };
    const readAll = async () => {
      const listing = { filter: narrowed(only, { from: at }), order: bySoonest, offset: 0 };
      const { results } = await downtimes.list({ ...listing, limit: Number.MAX_SAFE_INTEGER });
      return telescopesOf(facility, only, results, positionOf).map((all) => telescopeStatusAt(all, at));
    };
    statuses.push(...(status.all.every(({ isFinal }) => isFinal) ? [status] : await readAll()));
  }
  const creators = await downtimes.creatorsOf(statuses.flatMap(({ all }) => all.flatMap(({ blocking }) => blocking)));
  const withCreator = (blocking: readonly Downtime[]) =>
    blocking.map((downtime) => ({ ...downtime, created_by: creators.get(downtime.id) ?? null }));
  return {
    at,
    telescopes: statuses.map(({ telescope, whole, byType, all }) => ({
      ...telescope.name,
      blocked: whole.blocking.length > 0,
      until: whole.until ?? null,
      downtimes: withCreator(whole.blocking),
      instrument_types: [...byType].map(([instrument_type, { blocking, until }]) => ({
        instrument_type,
        until: until ?? at,
        downtimes: withCreator(blocking),
      })),
      state: telescopeStateOf(all.flatMap(({ blocking }) => blocking)),
      is_dark: telescope.position ? isDark(telescope.position, at) : null,
      ...darkOf(telescope.position),
    })),
  };
}

export interface TelescopeStatus {
  readonly name: QueriedTelescope["name"];
  readonly state: TelescopeState;
  /** The active downtimes: those of the whole telescope first, and of these, the last one to end. */
  readonly blocking: readonly Downtime[];
  /** When the state changes, if it does within 24 hours; if it is down for longer, at least until then. */
  readonly until: Instant | undefined;
  /** Downtimes that start in the next 24 hours. */
  readonly soon: number;
}

/** Returns the status of every telescope. @param near every downtime that is active now or starts in the next 24 hours */
export const telescopeStatusesOf = (
  facility: Facility | undefined,
  near: readonly Downtime[],
  now: Instant,
): TelescopeStatus[] => telescopesOf(facility, {}, near).map((telescope) => statusOf(telescope, now));

function statusOf(telescope: QueriedTelescope, now: Instant): TelescopeStatus {
  const { whole, byType, all } = telescopeStatusAt(telescope, now, moved(now, dayMillis));
  const blocking = all.flatMap((status) => status.blocking);
  const lastOfTypes = [...byType.values()]
    .flatMap(({ until }) => until ?? [])
    .sort()
    .at(-1);
  const first = [lastOfTypes, whole.until].filter((at) => at !== undefined).sort()[0];
  return {
    name: telescope.name,
    state: telescopeStateOf(blocking),
    blocking: blocking.toSorted((a, b) => rankOf(a) - rankOf(b) || (a.end > b.end ? -1 : 1)),
    until: whole.blocking.length > 0 ? whole.until : first,
    soon: [telescope.whole, ...telescope.byType.values()].flat().filter(({ start }) => start > now).length,
  };
}

const rankOf = ({ instrument_type }: Downtime) => (instrument_type === "" ? 0 : 1);
