/** Texts: downtimes as JSON, each kept for as long as there is room and the downtime stays as it is. */

import { LRUCache } from "lru-cache";

import type { Listing } from "./filter.ts";
import type { Key, Versioned } from "./list-store.ts";
import type { Downtimes } from "./store.ts";

interface RowCache {
  /** A list as texts, and the number of all its rows. */
  of(listing: Listing): Promise<{ readonly count: number; readonly texts: readonly string[] }>;
}

export interface RowCacheServices {
  readonly downtimes: Pick<Downtimes, "listKeys" | "listVersioned" | "findAll">;
  /** The most memory that is kept, in bytes. */
  readonly keptBytes: number;
}

/** What an entry costs beside its text. */
const entryBytes = 150;

/** Rows that are asked for at a time: below the number of values that either engine takes. */
const chunkSize = 1000;

export function createRowCache({ downtimes, keptBytes }: RowCacheServices): RowCache {
  // A text holds for its version of the row for ever, so a write costs no more of them than it changes rows.
  const kept = new LRUCache<number, { readonly version: number; readonly text: string }>({
    maxSize: keptBytes,
    sizeCalculation: ({ text }) => text.length + entryBytes,
  });
  // Where most rows of a list are known it is enough to ask for keys, as among few thousands. Where most aren't, as among a
  // million, the rows are better asked for at once. The last list tells.
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

  /** Undefined when a row was changed or deleted after its key was read: whole rows come from one moment. */
  async function readByKeys(listing: Listing) {
    const { count, keys } = await downtimes.listKeys(listing);
    const texts: string[] = [];
    const missing = new Map<number, number>();
    // By index: the pairs of `entries` would be garbage of ten thousand arrays a list.
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
    of: async (listing) => (mostAreKnown && (await readByKeys(listing))) || readWhole(listing),
  };
}
