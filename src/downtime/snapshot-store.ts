/** The snapshot: an in-memory copy of active and upcoming downtimes, used while the database can't be read. */

import { Gone } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type Clock, dayMillis, type Instant, toInstant } from "../time/instant.ts";
import type { Change, ChangeLog, Cursor } from "./change-log.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, type Filter, type Listing } from "./filter.ts";
import type { Page } from "./list-store.ts";
import { canSelect, selectFrom } from "./selection.ts";
import type { Downtimes } from "./store.ts";

interface SnapshotParts {
  readonly downtimes: Pick<Downtimes, "streamPart">;
  readonly journal: Pick<ChangeLog, "latest" | "page">;
  readonly clock: Clock;
  /** A monotonic clock. */
  readonly steadyClock: Clock;
}

/** A list from the snapshot. */
interface OldPage extends Page {
  /** Seconds since the snapshot was last known to be current. */
  readonly ageSeconds: number;
}

interface Copy {
  readonly downtimes: Map<number, Downtime>;
  /** It contains all downtimes that end at or after this time… */
  readonly since: Instant;
  /** …and start before this time; undefined for no limit. */
  readonly until: Instant | undefined;
  /** The number of the last change included. */
  readonly cursor: Cursor;
}

/** Maximum number of downtimes, the earliest first. */
const mostDowntimes = 20_000;
/** If there are more new changes than this, the snapshot is read again. */
const mostChanges = 2000;

export type Snapshot = ReturnType<typeof createSnapshot>;

export function createSnapshot({ downtimes, journal, clock, steadyClock }: SnapshotParts) {
  let copy: Copy | undefined;
  let rightAt = 0;
  let wanted: number | undefined;
  let isBusy = false;

  const read = async (): Promise<Copy> => {
    // Changes during the read are applied afterwards, possibly twice.
    const cursor = await journal.latest();
    const since = yesterday();
    const found = new Map<number, Downtime>();
    // As two lists, each of which an index gives in its order: sorting both together would hold up the thread.
    for (const filter of [{ ends_after: since, starts_before: since }, { starts_after: since }])
      for await (const batch of downtimes.streamPart({
        filter,
        order: bySoonest,
        limit: mostDowntimes + 1,
        offset: 0,
      })) {
        for (const downtime of batch) found.set(downtime.id, downtime);
        await takeTurn();
      }
    return cut({ downtimes: found, since, until: undefined, cursor });
  };

  /** Applies the changes since the snapshot, all or none. */
  const follow = async (from: Copy, version: number): Promise<Copy> => {
    const changes: Change[] = [];
    let { cursor } = from;
    for (let more = true; more; ) {
      const page = await journal.page(cursor, version);
      changes.push(...page.changes);
      ({ next: cursor, more } = page);
      await takeTurn();
    }
    // Without awaiting, so that no request sees a partial update.
    for (const change of changes) apply(from, change);
    return cut({ ...from, cursor });
  };

  /** The start of yesterday UTC, because a scheduler may query from midnight in any time zone. */
  const yesterday = () => toInstant((Math.floor(clock() / dayMillis) - 1) * dayMillis);

  const renewOnce = async (version: number): Promise<void> => {
    const isFar = !copy || version - copy.cursor.id > mostChanges || copy.since !== yesterday();
    if (!isFar && copy?.cursor.id === version) return;
    const kept = isFar ? undefined : copy;
    const followed = kept && (await follow(kept, version).catch(rejectUnless(Gone)));
    if (followed) {
      copy = followed;
      return;
    }
    const begunAt = performance.now();
    copy = await follow(await read(), version);
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

    /** Returns a list from the snapshot; undefined if it may not contain all matching downtimes. */
    list(listing: Listing): OldPage | undefined {
      if (!copy || !holds(copy, listing.filter)) return undefined;
      const ageSeconds = Math.max(0, Math.round((steadyClock() - rightAt) / 1000));
      return { ...selectFrom(copy.downtimes.values(), listing), ageSeconds };
    },
  };
}

const rejectUnless =
  (kind: typeof Gone) =>
  (error: unknown): undefined => {
    if (!(error instanceof kind)) throw error;
    return undefined;
  };

const isIn = ({ since, until }: Copy, { start, end }: Downtime) => end >= since && (!until || start < until);

function apply(copy: Copy, { action, downtime }: Change): void {
  if (action !== "delete" && isIn(copy, downtime)) copy.downtimes.set(downtime.id, downtime);
  else copy.downtimes.delete(downtime.id);
}

/** Drops the latest downtimes if there are too many. */
function cut(copy: Copy): Copy {
  if (copy.downtimes.size <= mostDowntimes) return copy;
  const sorted = [...copy.downtimes.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
  const until = sorted[mostDowntimes]?.start;
  const kept = sorted.slice(0, mostDowntimes).filter((downtime) => isIn({ ...copy, until }, downtime));
  return { ...copy, downtimes: new Map(kept.map((downtime) => [downtime.id, downtime])), until };
}

/** Whether the snapshot contains everything that the filter matches. What starts after a time also ends after it. */
function holds({ since, until }: Copy, filter: Filter): boolean {
  const { ends_after = "", starts_after = "", starts_before } = filter;
  const isSince = ends_after >= since || starts_after >= since;
  const isUntil = !until || (starts_before !== undefined && starts_before < until);
  return isSince && isUntil && canSelect(filter);
}
