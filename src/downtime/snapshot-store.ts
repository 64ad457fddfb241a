/** The snapshot: an in-memory copy of downtimes that end yesterday (UTC) or later, used while the database can't be read. */

import { Gone } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type Clock, dayMillis, type Instant, toInstant } from "../time/instant.ts";
import { type ChangeLog, type Cursor, idBefore } from "./change-log.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, canSelect, type Filter, type Listing, selectFrom } from "./filter.ts";
import type { Page } from "./list-store.ts";
import type { Downtimes } from "./store.ts";

interface SnapshotServices {
  readonly downtimes: Pick<Downtimes, "streamPart">;
  readonly changeLog: Pick<ChangeLog, "latest" | "since">;
  readonly clock: Clock;
  /** A monotonic clock. */
  readonly steadyClock: Clock;
}

interface Copy {
  readonly downtimes: Map<number, Downtime>;
  /** It contains all downtimes that end at or after this time… */
  readonly since: Instant;
  /** …and start before this time; undefined for no limit. */
  readonly until: Instant | undefined;
  /** The last change included. */
  readonly cursor: Cursor;
}

const mostDowntimes = 20_000;
/** If there are more new changes than this, the snapshot is read again. Two of the largest series have as many. */
const mostChanges = 10_000;
const changesAtATime = 500;

export type Snapshot = ReturnType<typeof createSnapshot>;

export function createSnapshot({ downtimes, changeLog, clock, steadyClock }: SnapshotServices) {
  let copy: Copy | undefined;
  let rightAt = 0;
  let wanted: number | undefined;
  let isBusy = false;

  /** The start of yesterday UTC, because a scheduler may query from midnight in any time zone. */
  const yesterday = () => toInstant((Math.floor(clock() / dayMillis) - 1) * dayMillis);

  const read = async (): Promise<Copy> => {
    // Changes during the read are applied afterwards, possibly twice.
    const cursor = await changeLog.latest();
    const since = yesterday();
    const found = new Map<number, Downtime>();
    const page = { order: bySoonest, limit: mostDowntimes + 1, offset: 0 };
    // As two lists, each in the order of an index: sorting both together would hold up the thread.
    for (const filter of [{ ends_after: since, starts_before: since }, { starts_after: since }])
      for await (const batch of downtimes.streamPart({ ...page, filter })) {
        for (const downtime of batch) found.set(downtime.id, downtime);
        await takeTurn();
      }
    return { downtimes: found, since, until: undefined, cursor };
  };

  /** Applies the changes since the snapshot, all or none. @throws Gone if the database was restored */
  const follow = async (from: Copy, version: number): Promise<void> => {
    const changed = new Map<number, Downtime | undefined>();
    let { cursor } = from;
    for (let more = idBefore(cursor) !== version; more; ) {
      const part = await changeLog.since(cursor, changesAtATime);
      for (const { action, downtime } of part.changes)
        changed.set(downtime.id, action !== "delete" && isIn(from, downtime) ? downtime : undefined);
      ({ next: cursor, more } = part);
      await takeTurn();
    }
    // Without awaiting, so that no request sees a partial update.
    for (const [id, downtime] of changed)
      if (downtime) from.downtimes.set(id, downtime);
      else from.downtimes.delete(id);
    copy = cut({ ...from, cursor });
  };

  const renewOnce = async (version: number): Promise<void> => {
    if (copy && version - idBefore(copy.cursor) <= mostChanges && copy.since === yesterday())
      try {
        return await follow(copy, version);
      } catch (error) {
        if (!(error instanceof Gone)) throw error;
      }
    const begunAt = performance.now();
    await follow(await read(), version);
    // Limits repeated full reads, such as during an import, to a fifth of the time.
    await Bun.sleep(4 * (performance.now() - begunAt));
  };

  return {
    /**
     * Updates the snapshot to a version of the data, or a later one. Keeps it if the database can't be read.
     * @param version the number of the newest change
     */
    async renew(version: number): Promise<void> {
      const at = steadyClock();
      wanted = version;
      if (isBusy) return;
      isBusy = true;
      try {
        for (let done: number | undefined; done !== wanted; ) {
          done = wanted;
          await renewOnce(done);
        }
        rightAt = at;
      } catch {
        // The next database query reports the error.
      } finally {
        isBusy = false;
      }
    },

    /** Returns a list, and the seconds since it was last known to be current; undefined if it may not be complete. */
    list(listing: Listing): (Page & { readonly ageSeconds: number }) | undefined {
      if (!copy || !holds(copy, listing.filter)) return undefined;
      const ageSeconds = Math.max(0, Math.round((steadyClock() - rightAt) / 1000));
      return { ...selectFrom(copy.downtimes.values(), listing), ageSeconds };
    },
  };
}

const isIn = ({ since, until }: Copy, { start, end }: Downtime) => end >= since && (!until || start < until);

/** Drops the latest downtimes if there are too many. */
function cut(copy: Copy): Copy {
  const { downtimes } = copy;
  if (downtimes.size <= mostDowntimes) return copy;
  const until = Array.from(downtimes.values(), ({ start }) => start).sort()[mostDowntimes] as Instant;
  for (const { id, start } of downtimes.values()) if (start >= until) downtimes.delete(id);
  return { ...copy, until };
}

/** Whether the snapshot contains everything that the filter matches. What starts after a time also ends after it. */
function holds({ since, until }: Copy, filter: Filter): boolean {
  const { ends_after = "", starts_after = "", starts_before = "9999" } = filter;
  return (ends_after >= since || starts_after >= since) && (!until || starts_before < until) && canSelect(filter);
}
