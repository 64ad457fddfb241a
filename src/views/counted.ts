/** Counts in words. */

/** `1 downtime`, `212 downtimes` */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
