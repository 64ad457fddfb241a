/** Caches downtimes as JSON texts, until they change or the cache is full. */

import { LRUCache } from "lru-cache";

import type { Listing } from "./filter.ts";
import type { Key, Versioned } from "./list-store.ts";
import type { Downtimes } from "./store.ts";

export interface RowCacheServices {
  readonly downtimes: Pick<Downtimes, "listKeys" | "listVersioned" | "findAll">;
  /** Maximum memory, in bytes. */
  readonly keptBytes: number;
}

/** Bytes per entry in addition to its text. */
const entryBytes = 150;

/** Rows per query, below the parameter limits of both engines. */
const chunkSize = 1000;

export function createRowCache({ downtimes, keptBytes }: RowCacheServices) {
  // A text stays valid for its version of the row, so a write invalidates only the rows that it changes.
  const kept = new LRUCache<number, { readonly version: number; readonly text: string }>({
    maxSize: keptBytes,
    sizeCalculation: ({ text }) => text.length + entryBytes,
  });
  // If most rows are cached, as with a few thousand, reading only keys is faster. If most aren't, as with a million,
  // reading whole rows is. The hit rate of the last list decides.
  let mostAreKnown = false;

  const find = ({ id, version }: Key): string | undefined => {
    const known = kept.get(id);
    return known?.version === version ? known.text : undefined;
  };
  const write = ({ id, version, downtime }: Versioned): string => {
    const text = JSON.stringify(downtime);
    kept.set(id, { version, text });
    return text;
  };

  const note = (unknown: number, rows: number) => {
    if (rows > 0) mostAreKnown = 2 * unknown < rows;
  };

  async function readWhole(listing: Listing) {
    const { count, rows } = await downtimes.listVersioned(listing);
    let unknown = 0;
    const texts = rows.map((row) => {
      const text = find(row);
      if (text === undefined) unknown++;
      return text ?? write(row);
    });
    note(unknown, rows.length);
    return { count, texts };
  }

  /** Undefined if a row was changed or deleted after its key was read; then whole rows are read in one query. */
  async function readByKeys(listing: Listing) {
    const { count, keys } = await downtimes.listKeys(listing);
    const texts: string[] = [];
    const missing = new Map<number, number>();
    // By index, because `entries` would allocate an array per row.
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as Key;
      const text = find(key);
      if (text === undefined) missing.set(key.id, index);
      else texts[index] = text;
    }
    note(missing.size, keys.length);
    const ids = [...missing.keys()];
    for (let from = 0; from < ids.length; from += chunkSize)
      for (const row of await downtimes.findAll(ids.slice(from, from + chunkSize))) {
        const index = missing.get(row.id) as number;
        if (keys[index]?.version !== row.version) return undefined;
        texts[index] = write(row);
        missing.delete(row.id);
      }
    return missing.size > 0 ? undefined : { count, texts };
  }

  return {
    /** Returns a page of a list as texts, and the number of all rows. */
    of: async (listing: Listing): Promise<{ readonly count: number; readonly texts: readonly string[] }> =>
      (mostAreKnown && (await readByKeys(listing))) || readWhole(listing),
  };
}
