/** Recurrence parts: the values of a recurrence rule that was read, and how its positions are counted. */

/** Part → value. */
export type RuleParts = ReadonlyMap<string, string>;

/** The values of a part that is a list of numbers; undefined where it isn't there. */
export const numbersIn = (parts: RuleParts, name: string): readonly number[] | undefined =>
  parts.get(name)?.split(",").map(Number);

/** Each number once, in order. */
export const sorted = (numbers: Iterable<number>): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** The indices below a size; only those that BYSETPOS names, where it is there: from 1 on, or back from the end from -1 on. */
export function* indicesOf(size: number, parts: RuleParts): Iterable<number> {
  const positions = numbersIn(parts, "BYSETPOS");
  if (!positions) for (let index = 0; index < size; index++) yield index;
  else
    for (const index of sorted(positions.map((position) => (position > 0 ? position - 1 : size + position))))
      if (index >= 0 && index < size) yield index;
}
