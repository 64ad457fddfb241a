/** Modified Julian Dates: days since 1858-11-17 in UTC, as astronomers count them. */

import { dayMillis, type Instant, toInstant, toMillis } from "./instant.ts";

const epoch = 40_587; // 1970-01-01

/** Converts to a Modified Julian Date with six decimals (0.1 s), enough to convert back to the same second. */
export const toMjd = (at: Instant): number => Number((toMillis(at) / dayMillis + epoch).toFixed(6));

/**
 * Parses a Modified Julian Date, rounded to the nearest second.
 * @returns undefined for any other text, including numbers over five digits, which are Julian Dates or Unix times
 */
export function parseMjd(text: string): Instant | undefined {
  if (!/^\s*\d{1,5}(\.\d+)?\s*$/.test(text)) return undefined;
  return toInstant(Math.round((Number(text) - epoch) * 86_400) * 1000);
}
