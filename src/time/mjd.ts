/** Modified Julian Dates: days since 1858-11-17 in UTC, as astronomers count them. */

import { dayMillis, type Instant, toInstant, toMillis } from "./instant.ts";

const epoch = 40_587; // 1970-01-01

/** To six decimals, which is a tenth of a second: enough to get the very instant back. */
export const toMjd = (at: Instant): number => Number((toMillis(at) / dayMillis + epoch).toFixed(6));

/**
 * Reads a Modified Julian Date, to the nearest second.
 * @returns undefined for other texts, and above five digits, where a Julian Date or a Unix time is meant
 */
export function parseMjd(text: string): Instant | undefined {
  if (!/^\s*\d{1,5}(\.\d+)?\s*$/.test(text)) return undefined;
  return toInstant(Math.round((Number(text) - epoch) * 86_400) * 1000);
}
