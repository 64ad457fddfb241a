/** The snapshot: a copy of the current and upcoming downtimes in memory, for as long as the database can't be read. */

import { Gone } from "../input/problem.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type Clock, dayMillis, type Instant, toInstant } from "../time/instant.ts";
import type { Change, ChangeLog } from "./change-log.ts";
import type { Tail } from "./change-tail.ts";
import type { Cursor } from "./cursor.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, type Filter, type Listing } from "./filter.ts";
import type { Page } from "./list-store.ts";
import { canSelect, selectFrom } from "./selection.ts";
import type { Downtimes } from "./store.ts";

interface SnapshotParts {
  readonly downtimes: Pick<Downtimes, "streamPart">;
  readonly journal: Pick<ChangeLog, "latest">;
  readonly tail: Tail;
  readonly clock: Clock;
  /** Never goes back. */
  readonly steadyClock: Clock;
}

/** A list from the snapshot. */
interface OldPage extends Page {
  /** How long ago it was certainly right, in seconds. */
  readonly ageSeconds: number;
}

interface Copy {
  readonly downtimes: Map<number, Downtime>;
  /** It holds all downtimes that end at this instant or later… */
  readonly since: Instant;
  /** …and start before this one; undefined: whenever they start. */
  readonly until: Instant | undefined;
  /** The last change that is in it. */
  readonly cursor: Cursor;
}

/** The most downtimes that it holds, the first ones first. */
const mostDowntimes = 20_000;
/** It grows to so many before it is cut again: sorting it at each change would hold up the thread. */
const mostBeforeCut = 21_000;
/** After more changes at once it is read anew. */
const mostChanges = 2000;

export type Snapshot = ReturnType<typeof createSnapshot>;

export function createSnapshot({ downtimes, journal, tail, clock, steadyClock }: SnapshotParts) {
  let copy: Copy | undefined;
  let rightAt = 0;
  let wanted: number | undefined;
  let isBusy = false;

  const read = async (): Promise<Copy> => {
    // Changes that come while the rows are read are applied to them after, perhaps a second time.
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

  /** What happened since, all of it or nothing. */
  const follow = async (from: Copy, version: number): Promise<Copy> => {
    const changes: Change[] = [];
    let { cursor } = from;
    for (let more = true; more; ) {
      const page = await tail.since(cursor, version);
      changes.push(...page.changes);
      ({ next: cursor, more } = page);
      await takeTurn();
    }
    // At once, so that nobody sees a part of it.
    for (const change of changes) apply(from, change);
    return from.downtimes.size > mostBeforeCut ? cut({ ...from, cursor }) : { ...from, cursor };
  };

  /** Yesterday's beginning: a scheduler may ask from midnight on, wherever that is. */
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
    // Reading all of it again and again, as beside an import, takes a fifth of the time at most.
    await Bun.sleep(4 * (performance.now() - begunAt));
  };

  return {
    /**
     * Brings it up to a version of the data, or a later one. While the database can't be read it stays as it is.
     * @param version the newest change's number, just read
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
        // Those who ask the database next learn what is wrong with it.
      } finally {
        isBusy = false;
      }
    },

    /** A list from the last good copy; undefined where that doesn't hold all that the filter lets through. */
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

/** Without the last ones to start, where there are too many. */
function cut(copy: Copy): Copy {
  if (copy.downtimes.size <= mostDowntimes) return copy;
  const sorted = [...copy.downtimes.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
  const until = sorted[mostDowntimes]?.start;
  const kept = sorted.slice(0, mostDowntimes).filter((downtime) => isIn({ ...copy, until }, downtime));
  return { ...copy, downtimes: new Map(kept.map((downtime) => [downtime.id, downtime])), until };
}

/** Whether all that the filter lets through is in it. What starts after an instant also ends after it. */
function holds({ since, until }: Copy, filter: Filter): boolean {
  const { ends_after = "", starts_after = "", starts_before } = filter;
  const isSince = ends_after >= since || starts_after >= since;
  const isUntil = !until || (starts_before !== undefined && starts_before < until);
  return isSince && isUntil && canSelect(filter);
}
