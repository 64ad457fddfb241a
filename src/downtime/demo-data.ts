/** The demo's data: a realistic year of downtimes around today. */

import type { Facility, Place } from "../facility/facility.ts";
import { dayMillis, toInstant } from "../time/instant.ts";
import { type CheckedDraft, checkDraft, type Draft } from "./downtime.ts";

const hourMillis = 3_600_000;
const quarterMillis = hourMillis / 4;
const halfYearDays = 183;

interface Cause extends Pick<Draft, "reason" | "category"> {
  readonly perDay: number;
  readonly hours: readonly [least: number, most: number];
}

/** Kinds of downtimes, with their frequency per day and duration in hours. */
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
  const drafts: CheckedDraft[] = [];
  for (const place of facility.places())
    for (let day = -halfYearDays; day <= halfYearDays; day++)
      for (const cause of place.instrument_type ? instrumentCauses : causes)
        if (random() < cause.perDay) drafts.push(draftOf(facility, place, cause, today + day * dayMillis, random));
  return [...drafts, ...currentDowntimes(facility, Math.floor(now / quarterMillis) * quarterMillis)];
}

function currentDowntimes(facility: Facility, quarter: number): CheckedDraft[] {
  const places = facility.places();
  return current.flatMap(({ reason, category, isWhole, place: index, since, hours }) => {
    const place = places.filter(({ instrument_type }) => (instrument_type === "") === isWhole).at(index);
    const start = quarter - since * hourMillis;
    const window = { start: toInstant(start), end: toInstant(start + hours * hourMillis) };
    return place ? [checkDraft({ ...place, ...window, reason, category }, facility)] : [];
  });
}

function draftOf(
  facility: Facility,
  place: Place,
  { reason, category, hours }: Cause,
  day: number,
  random: () => number,
) {
  const start = day + Math.floor(random() * 96) * quarterMillis;
  const length =
    Math.round(((hours[0] + random() * (hours[1] - hours[0])) * hourMillis) / quarterMillis) * quarterMillis;
  return checkDraft({ ...place, reason, category, start: toInstant(start), end: toInstant(start + length) }, facility);
}

/** Creates a seeded random number generator (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
