/** Pairs the occurrences of a series before and after an edit. */

/** The place in an occurrence's name, which is its key and its place: `2027-01-12.2 ogg.clma.2m0a.` */
const placeOf = (occurrence: string): string => occurrence.slice(occurrence.indexOf(" ") + 1);

interface Named {
  readonly occurrence: string;
}

/**
 * Pairs occurrences place by place: in order where there are as many as before or all are on other days, so that a series
 * that moves by a day keeps its ids; otherwise by name.
 * @returns before → after; those without a counterpart are absent
 */
export function correspond<Before extends Named, After extends Named>(
  before: readonly Before[],
  after: readonly After[],
): ReadonlyMap<Before, After> {
  const pairs = new Map<Before, After>();
  const afterAt = Map.groupBy(after, ({ occurrence }) => placeOf(occurrence));
  for (const [place, had] of Map.groupBy(before, ({ occurrence }) => placeOf(occurrence))) {
    const has = afterAt.get(place) ?? [];
    const named = pairByName(had, has);
    for (const [one, other] of had.length !== has.length && named.size > 0 ? named : pairInOrder(had, has))
      pairs.set(one, other);
  }
  return pairs;
}

/** Pairs those with the same name. */
export function pairByName<Before extends Named, After extends Named>(
  before: readonly Before[],
  after: readonly After[],
): ReadonlyMap<Before, After> {
  const named = new Map(after.map((one) => [one.occurrence, one]));
  return new Map(
    before.flatMap((one) => {
      const same = named.get(one.occurrence);
      return same ? [[one, same]] : [];
    }),
  );
}

function pairInOrder<Before extends Named, After extends Named>(before: readonly Before[], after: readonly After[]) {
  const [had, has] = [inOrder(before), inOrder(after)];
  return new Map(had.slice(0, has.length).map((one, index) => [one, has[index] as After]));
}

/** By date, and on the same date by number: `2027-01-12`, `2027-01-12.2`, `2027-01-12.10`. */
const inOrder = <Item extends Named>(items: readonly Item[]): readonly Item[] =>
  items.toSorted((one, other) => byNumber.compare(one.occurrence, other.occurrence));

const byNumber = new Intl.Collator("en", { numeric: true });
