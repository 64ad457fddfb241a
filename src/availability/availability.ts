/** Availability: when each telescope is down and when it is available between two times. */

import { type Static, Type } from "@sinclair/typebox";
import type { Downtime } from "../downtime/downtime.ts";
import { telescopeStateOf, telescopeStateSchema } from "../downtime/state.ts";
import { lossOf, type Nights, nightsFor } from "../sky/dark-time.ts";
import { clipped, gapsOf, type Interval, merged, secondsOf } from "../time/interval.ts";
import { darkOf, darkProperty, type QueriedTelescope, telescopeProperties, timeSchema } from "./telescopes.ts";

const bounds = {
  start: timeSchema("Start time, inclusive.", "2027-01-15T08:45:00Z"),
  end: timeSchema("End time, exclusive.", "2027-01-15T09:45:00Z"),
};

const seconds = {
  blocked_seconds: Type.Integer({ description: "Seconds down in the requested range.", examples: [3600] }),
  dark_blocked_seconds: Type.Union([Type.Integer(), Type.Null()], {
    examples: [0],
    description: "Seconds of that in dark time, at the limit `dark`. Null if ConfigDB has no coordinates for the site.",
  }),
};
const blocked = Type.Array(
  Type.Object({
    ...bounds,
    downtimes: Type.Array(Type.Integer(), { description: "IDs of the downtimes in this interval, by start time." }),
  }),
  {
    description:
      "Intervals of unavailability in order, clipped to the requested range. Overlapping and adjacent ones are merged.",
  },
);

export const AvailabilitySchema = Type.Object(
  {
    start: bounds.start,
    end: { ...bounds.end, examples: ["2027-01-16T00:00:00Z"] },
    telescopes: Type.Array(
      Type.Object({
        ...telescopeProperties,
        ...seconds,
        blocked,
        free: Type.Array(Type.Object(bounds), {
          description: "Intervals in which the telescope is available, in order.",
          examples: [[{ start: "2027-01-15T09:45:00Z", end: "2027-01-16T00:00:00Z" }]],
        }),
        instrument_types: Type.Array(
          Type.Object({ instrument_type: Type.String({ description: "Instrument type code." }), ...seconds, blocked }),
          {
            examples: [[]],
            description:
              "Instrument types with downtimes of their own. These don't block the telescope; a telescope that is down blocks all of its instruments.",
          },
        ),
        state: telescopeStateSchema("at any time in the requested range"),
        ...darkProperty,
      }),
    ),
  },
  {
    $id: "Availability",
    description: "When telescopes are down and available between two times. All intervals are half-open.",
  },
);
export type Availability = Static<typeof AvailabilitySchema>;

/**
 * Returns when each telescope is down and available.
 * @param telescopes with every downtime that overlaps the span
 */
export function availabilityOf(telescopes: readonly QueriedTelescope[], span: Interval): Availability {
  const nightsAt = nightsFor(span.start, span.end);
  return {
    ...span,
    telescopes: telescopes.map(({ name, position, whole, byType }) => {
      const telescope = blockedOf(whole, span, nightsAt(position));
      return {
        ...name,
        ...telescope,
        free: gapsOf(telescope.blocked, span),
        instrument_types: [...byType]
          .map(([instrument_type, downtimes]) => ({
            instrument_type,
            ...blockedOf(downtimes, span, nightsAt(position)),
          }))
          .filter(({ blocked }) => blocked.length > 0)
          .sort((a, b) => (a.instrument_type < b.instrument_type ? -1 : 1)),
        state: telescopeStateOf(clipped([whole, ...byType.values()].flat(), span)),
        ...darkOf(position),
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
