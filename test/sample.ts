/** Sweeps over many cases of one kind: `npm test` tries a part of them, always the same one; `TEST_ALL=true npm test` tries all. */

export const isWhole = process.env.TEST_ALL === "true";

/** @param share how many of the cases `npm test` tries, from 0 to 1 */
export const sample = <Case>(cases: readonly Case[], share: number): readonly Case[] =>
  isWhole ? cases : cases.filter((_, index) => Bun.hash.xxHash32(String(index)) < share * 2 ** 32);
