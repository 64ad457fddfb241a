/** Durations as text: formats and parses them. */

import { type Instant, toMillis } from "./instant.ts";

/** Returns the seconds from one instant to another; negative if `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): number => (toMillis(to) - toMillis(from)) / 1000;

/** Formats a duration in at most two units, rounded down: `45 s`, `30 min`, `2 h 15 min`, `3 d 4 h`. */
export function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  const isHours = seconds < 2 * 86_400;
  const [large, name, small, rest] = isHours ? ([3600, "h", 60, "min"] as const) : ([86_400, "d", 3600, "h"] as const);
  const over = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${name}${over ? ` ${over} ${rest}` : ""}`;
}

/** Formats an instant relative to now: `in 2 h 15 min`, `3 d ago`, `now`. */
export function fromNow(at: Instant, now: Instant): string {
  const seconds = secondsBetween(now, at);
  if (seconds === 0) return "now";
  return seconds > 0 ? `in ${inWords(seconds)}` : `${inWords(-seconds)} ago`;
}

const unitPattern = /^(w(eeks?)?|d(ays?)?|h((ou)?rs?)?|m(in(ute)?s?)?|s(ec(ond)?s?)?)$/;
const unitSeconds: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
const maxSeconds = 100 * 366 * 86_400;

/** Parses a duration such as `4 h`, `90 min`, `2d`, `1 h 30 min` or `1.5 h`. @returns seconds; undefined if invalid */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  const parts = [...trimmed.matchAll(/(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*/gy)];
  if (trimmed === "" || parts.map(([part]) => part).join("") !== trimmed) return undefined;
  let seconds = 0;
  for (const [, number = "", name = ""] of parts) {
    if (!unitPattern.test(name)) return undefined;
    seconds += Number(number.replace(",", ".")) * (unitSeconds[name.charAt(0)] ?? 0);
  }
  const whole = Math.round(seconds);
  return whole > 0 && whole <= maxSeconds ? whole : undefined;
}
