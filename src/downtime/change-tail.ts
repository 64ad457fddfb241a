/** The newest pages of the change log, read once for all clients. */

import { LRUCache } from "lru-cache";
import type { ChangeLog, Changes } from "./change-log.ts";
import { type Cursor, spellCursor } from "./cursor.ts";

/** Changes per page. */
const changesAtATime = 100;
/**
 * Cached pages. Clients at the end of the log all request the same one. A new client that doesn't read stops after about
 * fifty pages, when its socket buffer is full; a thousand such clients share these pages.
 */
const mostPages = 64;

export type Tail = ReturnType<typeof createTail>;

export function createTail(journal: Pick<ChangeLog, "since">) {
  const pages = new LRUCache<string, Promise<Changes>>({ max: mostPages });

  return {
    /**
     * Returns a page of the change log. Changes after `version` may be missing; clients request again when it increases.
     * @param version the number of the newest known change
     * @throws Gone if the cursor isn't in this history
     */
    since(cursor: Cursor, version: number): Promise<Changes> {
      const key = `${version} ${spellCursor(cursor)}`;
      const kept = pages.get(key);
      if (kept) return kept;
      const page = journal.since(cursor, changesAtATime);
      pages.set(key, page);
      page.catch(() => pages.delete(key));
      return page;
    },
  };
}
