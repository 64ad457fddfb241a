/** The demo's data: a realistic year of downtimes around today. */

import type { Facility } from "../facility/facility.ts";
import { dayMillis, hourMillis, toInstant } from "../time/instant.ts";
import { type CheckedDraft, checkDraft, type Draft } from "./downtime.ts";

const quarterMillis = hourMillis / 4;
const halfYearDays = 183;

type Cause = Pick<Draft, "reason" | "category"> & {
  readonly perDay: number;
  readonly hours: readonly [least: number, most: number];
};

const causes: readonly Cause[] = [
  { reason: "RTI", category: "education", perDay: 0.35, hours: [0.5, 0.5] },
  { reason: "Mirror wash", category: "maintenance", perDay: 0.01, hours: [6, 10] },
  { reason: "Focus and pointing tests", category: "engineering", perDay: 0.04, hours: [1, 3] },
  { reason: "Autoguider replacement", category: "fault", perDay: 0.008, hours: [12, 48] },
  { reason: "Dome drive maintenance", category: "maintenance", perDay: 0.012, hours: [8, 30] },
  { reason: "Storm", category: "weather", perDay: 0.015, hours: [10, 60] },
];
const instrumentCauses: readonly Cause[] = [
  { reason: "Detector warm-up", category: "engineering", perDay: 0.015, hours: [24, 72] },
  { reason: "Filter wheel repair", category: "fault", perDay: 0.006, hours: [4, 30] },
];

/** Downtimes that are active now; `since` and `hours` are hours. */
const current = [
  { reason: "Mirror wash", category: "maintenance", isWhole: true, place: 0, since: 2, hours: 5 },
  { reason: "Detector warm-up", category: "engineering", isWhole: false, place: 0, since: 20, hours: 31 },
  { reason: "Storm", category: "weather", isWhole: true, place: -1, since: 1, hours: 14 },
] as const;

/** Returns half a year of downtimes before and after now; the same ones within the same quarter of an hour. */
export function demoDowntimes(facility: Facility, now: number): CheckedDraft[] {
  const today = Math.floor(now / dayMillis) * dayMillis;
  const random = createRandom(today / dayMillis);
  const places = facility.places();
  const window = (start: number, hours: number) => ({
    start: toInstant(start),
    end: toInstant(start + Math.round(hours * 4) * quarterMillis),
  });
  const drafts: CheckedDraft[] = [];
  for (const place of places)
    for (let day = -halfYearDays; day <= halfYearDays; day++)
      for (const { reason, category, perDay, hours } of place.instrument_type ? instrumentCauses : causes) {
        if (random() >= perDay) continue;
        const start = today + day * dayMillis + Math.floor(random() * 96) * quarterMillis;
        const length = hours[0] + random() * (hours[1] - hours[0]);
        drafts.push(checkDraft({ ...place, ...window(start, length), reason, category }, facility));
      }
  const quarter = Math.floor(now / quarterMillis) * quarterMillis;
  for (const { reason, category, isWhole, place: index, since, hours } of current) {
    const place = places.filter(({ instrument_type }) => (instrument_type === "") === isWhole).at(index);
    const times = window(quarter - since * hourMillis, hours);
    if (place) drafts.push(checkDraft({ ...place, ...times, reason, category }, facility));
  }
  return drafts;
}

/** Creates a seeded random number generator (MINSTD). */
function createRandom(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = seed;
  return () => {
    state = (state * 48_271) % modulus;
    return state / modulus;
  };
}
