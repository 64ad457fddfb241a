/** The parts of a recurrence rule, and BYSETPOS. */

/** Part → value. */
export type RuleParts = ReadonlyMap<string, string>;

/** Returns a part that is a list of numbers; undefined if the rule doesn't have it. */
export const numbersIn = (parts: RuleParts, name: string): readonly number[] | undefined =>
  parts.get(name)?.split(",").map(Number);

/** Sorts numbers, without duplicates. */
export const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** Returns the indices below a size; with BYSETPOS, only its own: 1 is the first, -1 the last. */
export function* indicesOf(size: number, parts: RuleParts): Iterable<number> {
  const positions = numbersIn(parts, "BYSETPOS");
  if (!positions) for (let index = 0; index < size; index++) yield index;
  else
    for (const index of sorted(positions.map((position) => (position > 0 ? position - 1 : size + position))))
      if (index >= 0 && index < size) yield index;
}
