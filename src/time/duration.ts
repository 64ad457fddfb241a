/** Durations as text, absolute and relative to now. */

import { type Instant, toMillis } from "./instant.ts";

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Returns the seconds from one instant to another; negative if `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): number => (toMillis(to) - toMillis(from)) / 1000;

/** Formats a duration in at most two units, rounded down: `45 s`, `30 min`, `2 h 15 min`, `3 d 4 h`. */
export function inWords(seconds: number): string {
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < 2 * day) return units(seconds, hour, "h", minute, "min");
  return units(seconds, day, "d", hour, "h");
}

function units(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ""}`;
}

/** Formats an instant relative to now: `in 2 h 15 min`, `3 d ago`, `now`. */
export function fromNow(at: Instant, now: Instant): string {
  const seconds = secondsBetween(now, at);
  if (seconds === 0) return "now";
  return seconds > 0 ? `in ${inWords(seconds)}` : `${inWords(-seconds)} ago`;
}
