/** A cache of what is computed from values that change together, such as the version of the data. */

/** @param max entries to cache */
export function createLatest<Value>(max: number) {
  const cache = new Map<string, Promise<Value>>();
  let current: readonly unknown[] = [];
  /** Computes once per key, until one of the values that it is computed from changes. */
  return (from: readonly unknown[], key: string, compute: () => Promise<Value>): Promise<Value> => {
    if (from.some((value, index) => value !== current[index])) cache.clear();
    current = from;
    const known = cache.get(key) ?? compute();
    if (cache.size < max) cache.set(key, known);
    known.catch(() => cache.delete(key));
    return known;
  };
}
