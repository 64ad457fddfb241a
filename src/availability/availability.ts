/** Availability: when each telescope is blocked in a span, and when it is free. */

import { type Static, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { telescopeStateOf, telescopeStateSchema } from "../downtime/telescope-state.ts";
import { lossOf, type Nights, nightsFor } from "../sky/dark-time.ts";
import type { Instant } from "../time/instant.ts";
import { clipped, gapsOf, type Interval, merged, secondsOf } from "../time/interval.ts";
import { type QueriedTelescope, telescopeProperties } from "./telescopes.ts";

const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({
    type: ["string", "number"],
    description: `${description} A number, a Modified Julian Date, with \`format=mjd\`.`,
    examples: [example],
  });
const bounds = {
  start: instant("First moment.", "2027-01-15T08:45:00Z"),
  end: instant("Moment at which it is over.", "2027-01-15T09:45:00Z"),
};

const seconds = {
  blocked_seconds: Type.Integer({ description: "How long it is blocked in the span." }),
  dark_blocked_seconds: Type.Union([Type.Integer(), Type.Null()], {
    description:
      "How much of that is dark: the sun is 18° down or more. Null where ConfigDB doesn't say where the site is.",
  }),
};
const blocked = Type.Array(
  Type.Object({
    ...bounds,
    downtimes: Type.Array(Type.Integer(), { description: "The ids of the downtimes that make it up, by their start." }),
  }),
  { description: "Blocked intervals in order, cut to the span; what overlaps or touches is one." },
);

/** What `/api/availability/` answers. */
export const AvailabilitySchema = Type.Object(
  {
    ...bounds,
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        ...seconds,
        blocked,
        free: Type.Array(Type.Object(bounds), { description: "The rest of the span, in order." }),
        instrument_types: Type.Array(
          Type.Object({ instrument_type: Type.String({ description: "Instrument type code." }), ...seconds, blocked }),
          {
            description:
              "Instrument types that are blocked by downtimes of their own. Those don't block the telescope; while the telescope is blocked, so are all of its instruments.",
          },
        ),
        state: telescopeStateSchema("at any time in the span"),
      }),
    ),
  },
  { description: "When telescopes are blocked and free in a span of time; all intervals are half-open." },
);
export type Availability = Static<typeof AvailabilitySchema>;

/**
 * @param telescopes with every downtime that shares time with the span
 */
export function availabilityOf(telescopes: readonly QueriedTelescope[], span: Interval): Availability {
  const nightsAt = nightsFor(span.start, span.end);
  return {
    ...span,
    telescopes: telescopes.map(({ name, spot, whole, byType }) => {
      const telescope = blockedOf(whole, span, nightsAt(spot));
      return {
        ...name,
        ...telescope,
        free: gapsOf(telescope.blocked, span),
        instrument_types: [...byType]
          .map(([instrument_type, downtimes]) => ({
            instrument_type,
            ...blockedOf(downtimes, span, nightsAt(spot)),
          }))
          .filter(({ blocked }) => blocked.length > 0)
          .sort((a, b) => (a.instrument_type < b.instrument_type ? -1 : 1)),
        state: telescopeStateOf(clipped([whole, ...byType.values()].flat(), span)),
      };
    }),
  };
}

function blockedOf(downtimes: readonly Downtime[], span: Interval, nights: Nights | undefined) {
  const intervals = merged(clipped(downtimes, span));
  return {
    blocked_seconds: secondsOf(intervals),
    dark_blocked_seconds: nights ? lossOf(intervals, nights).darkSeconds : null,
    blocked: intervals.map(({ start, end, parts }) => ({ start, end, downtimes: parts.map(({ id }) => id) })),
  };
}
