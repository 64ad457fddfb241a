/** Caches downtimes as JSON texts, until they change or the cache is full. */

import { LRUCache } from "lru-cache";
import type { Downtime } from "./downtime.ts";
import type { Listing } from "./filter.ts";
import type { Key } from "./list-store.ts";
import { toDowntime } from "./rows.ts";
import type { Downtimes } from "./store.ts";

export interface RowCacheServices {
  readonly downtimes: Pick<Downtimes, "listKeys" | "listVersioned" | "findAllStored">;
  /** Maximum memory, in bytes. */
  readonly keptBytes: number;
}

/** A page of a list as texts, and the number of all rows. */
interface TextPage {
  readonly count: number;
  readonly texts: readonly string[];
}

/** Bytes per entry in addition to its text. */
const entryBytes = 150;

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
  const write = (downtime: Downtime, version: number): string => {
    const text = JSON.stringify(downtime);
    kept.set(downtime.id, { version, text });
    return text;
  };
  const note = (unknown: number, rows: number) => {
    if (rows > 0) mostAreKnown = 2 * unknown < rows;
  };

  async function readWhole(listing: Listing): Promise<TextPage> {
    const { count, results } = await downtimes.listVersioned(listing);
    const known = results.map(find);
    note(known.filter((text) => text === undefined).length, results.length);
    return { count, texts: results.map((row, index) => known[index] ?? write(toDowntime(row), row.version)) };
  }

  /** Undefined if a row was changed or deleted after its key was read; then whole rows are read in one query. */
  async function readByKeys(listing: Listing): Promise<TextPage | undefined> {
    const { count, results } = await downtimes.listKeys(listing);
    const known = results.map(find);
    const missing = results.filter((_, index) => known[index] === undefined).map(({ id }) => id);
    note(missing.length, results.length);
    for (const { downtime, version } of await downtimes.findAllStored(missing)) write(downtime, version);
    const texts = results.flatMap((key, index) => known[index] ?? find(key) ?? []);
    return texts.length < results.length ? undefined : { count, texts };
  }

  return {
    of: async (listing: Listing): Promise<TextPage> =>
      (mostAreKnown && (await readByKeys(listing))) || readWhole(listing),
  };
}
