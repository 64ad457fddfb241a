/** The tail of the journal: what all who follow it ask for, read once for each change. */

import { LRUCache } from "lru-cache";
import type { ChangeLog, Changes } from "./change-log.ts";
import { type Cursor, spellCursor } from "./cursor.ts";

/** Changes that are read at a time. */
const changesAtATime = 100;
/**
 * Pages that are kept: those who follow at the end all ask for the same. A client that begins and doesn't read stops after some
 * fifty, when the system's buffer for it is full; a thousand of those shall not read them a thousand times.
 */
const mostPages = 64;

export type Tail = ReturnType<typeof createTail>;

export function createTail(journal: Pick<ChangeLog, "since">) {
  const pages = new LRUCache<string, Promise<Changes>>({ max: mostPages });

  return {
    /**
     * As the journal tells it, some changes at a time. What happens after the version may be missing: who follows asks again
     * with the next version that is told.
     * @param version the newest change's number, as it was told last
     * @throws Gone when the place isn't in this history
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
