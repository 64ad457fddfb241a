/** Why: whether a telescope is down at a given time, because of which downtimes, and until when. */

import { type Static, Type } from "@sinclair/typebox";
import { type Downtime, DowntimeSchema } from "../downtime/downtime.ts";
import { bySoonest, type Filter, narrowed } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import { telescopeStateOf, telescopeStateSchema } from "../downtime/telescope-state.ts";
import type { Facility } from "../facility/facility.ts";
import type { DarkLimits } from "../sky/dark-limit.ts";
import { isDark } from "../sky/twilight.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
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
export function telescopeStatusAt(telescope: QueriedTelescope, at: Instant, horizon: Instant) {
  const types = [...telescope.byType].map(([type, downtimes]) => [type, statusAt(downtimes, at, horizon)] as const);
  const blocked = types.filter(([, { blocking }]) => blocking.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return { telescope, whole: statusAt(telescope.whole, at, horizon), byType: new Map(blocked) };
}

/** Returns the response. @param creatorOf returns who created a downtime; undefined if unknown */
export function whyOf(
  statuses: readonly ReturnType<typeof telescopeStatusAt>[],
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
      is_dark: telescope.position ? isDark(telescope.position, at) : null,
      ...darkOf(telescope.position),
    })),
  };
}

/** The window of the first query; nearly always long enough to find the next change. */
const horizonMillis = 32 * dayMillis;

type Reading = Pick<Downtimes, "during" | "list" | "creatorsOf">;

/** Returns for each telescope that matches a filter why it is down at a time, or until when it is available. */
export async function findWhy(
  downtimes: Reading,
  facility: Facility | undefined,
  filter: Filter,
  at: Instant,
  dark?: DarkLimits,
): Promise<Why> {
  const horizon = toInstant(toMillis(at) + horizonMillis);
  const rows = await downtimes.during(filter, { start: at, end: horizon });
  const candidates = telescopesOf(facility, filter, rows, positionsIn(facility, dark))
    .map((telescope) => telescopeStatusAt(telescope, at, horizon))
    // Telescopes that aren't in ConfigDB are listed only while they are down.
    .filter(({ telescope, whole, byType }) => telescope.name.known || whole.blocking.length + byType.size > 0);
  const telescopes = [];
  for (const { telescope, whole, byType } of candidates) {
    const { site, enclosure, telescope: code } = telescope.name;
    const finish = (status: StatusAt, type: string) => {
      const only = { site: [site], enclosure: [enclosure], telescope: [code], instrument_type: [type] };
      return status.isFinal ? status : readFurther(downtimes, only, at);
    };
    const types = new Map<string, StatusAt>();
    for (const [type, status] of byType) types.set(type, await finish(status, type));
    telescopes.push({ telescope, whole: await finish(whole, ""), byType: types });
  }
  const blocking = telescopes.flatMap(({ whole, byType }) =>
    [whole, ...byType.values()].flatMap((one) => one.blocking),
  );
  const creators = await downtimes.creatorsOf(blocking);
  return whyOf(telescopes, at, (id) => creators.get(id));
}

/** Upcoming downtimes to read, step by step. A later step is needed only if all before are adjacent or overlap. */
const rowLimits = [100, 10_000, Number.MAX_SAFE_INTEGER] as const;

async function readFurther(downtimes: Reading, filter: Filter, at: Instant): Promise<StatusAt> {
  let status = statusAt([], at, undefined);
  for (const limit of rowLimits) {
    const listing = { filter: narrowed(filter, { from: at }), order: bySoonest, limit, offset: 0 };
    const { results } = await downtimes.list(listing);
    status = statusAt(results, at, results.length < limit ? undefined : results.at(-1)?.start);
    if (status.isFinal) break;
  }
  return status;
}
