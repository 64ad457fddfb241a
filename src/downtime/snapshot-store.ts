/** The snapshot: an in-memory copy of active and upcoming downtimes, used while the database can't be read. */

import { takeTurn } from "../time/event-loop.ts";
import { type Clock, dayMillis, type Instant, toInstant } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";
import { bySoonest, canSelect, type Filter, type Listing, selectFrom } from "./filter.ts";
import type { Page } from "./list-store.ts";
import type { Downtimes } from "./store.ts";

interface SnapshotServices {
  readonly downtimes: Pick<Downtimes, "streamPart">;
  readonly clock: Clock;
  /** A monotonic clock. */
  readonly steadyClock: Clock;
}

interface Copy {
  readonly downtimes: readonly Downtime[];
  /** It contains all downtimes that end at or after this time… */
  readonly since: Instant;
  /** …and start before this time; undefined for no limit. */
  readonly until: Instant | undefined;
  /** The number of the newest change that it includes. */
  readonly version: number;
}

const mostDowntimes = 20_000;

export type Snapshot = ReturnType<typeof createSnapshot>;

export function createSnapshot({ downtimes, clock, steadyClock }: SnapshotServices) {
  let copy: Copy | undefined;
  let rightAt = 0;
  let wanted = 0;
  let isBusy = false;

  /** The start of yesterday UTC, because a scheduler may query from midnight in any time zone. */
  const yesterday = () => toInstant((Math.floor(clock() / dayMillis) - 1) * dayMillis);

  const read = async (version: number): Promise<Copy> => {
    const since = yesterday();
    // By ID, because a downtime that is edited meanwhile may be in both lists.
    const found = new Map<number, Downtime>();
    const page = { order: bySoonest, limit: mostDowntimes + 1, offset: 0 };
    // As two lists, each of which an index gives in its order: sorting both together would hold up the thread.
    for (const filter of [{ ends_after: since, starts_before: since }, { starts_after: since }])
      for await (const batch of downtimes.streamPart({ ...page, filter })) {
        for (const downtime of batch) found.set(downtime.id, downtime);
        await takeTurn();
      }
    const all = [...found.values()];
    const until = all.map(({ start }) => start).sort()[mostDowntimes];
    return { downtimes: all.filter(({ start }) => !until || start < until), since, until, version };
  };

  /** Reads it again, unless it is of this version and day. Spends at most a fifth of the time, such as during an import. */
  const renewOnce = async (version: number): Promise<void> => {
    const at = steadyClock();
    const begunAt = performance.now();
    const isRead = copy?.version !== version || copy.since !== yesterday();
    if (isRead) copy = await read(version);
    rightAt = at;
    if (isRead) await Bun.sleep(4 * (performance.now() - begunAt));
  };

  return {
    /**
     * Updates the snapshot to a version of the data, or a later one. Keeps it if the database can't be read.
     * @param version the number of the newest change
     */
    async renew(version: number): Promise<void> {
      wanted = version;
      if (isBusy) return;
      isBusy = true;
      try {
        do await renewOnce(wanted);
        while (copy?.version !== wanted);
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
      return { ...selectFrom(copy.downtimes, listing), ageSeconds };
    },
  };
}

/** Whether the snapshot contains everything that the filter matches. What starts after a time also ends after it. */
function holds({ since, until }: Copy, filter: Filter): boolean {
  const { ends_after = "", starts_after = "", starts_before = "9999" } = filter;
  return (ends_after >= since || starts_after >= since) && (!until || starts_before < until) && canSelect(filter);
}
