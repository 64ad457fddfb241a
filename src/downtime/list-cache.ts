/** Answers: lists of downtimes as finished bytes. The one place that keeps any, and that says how long they are good. */

import { LRUCache } from "lru-cache";

import type { Facility } from "../facility/facility.ts";
import { longListRows } from "../http/json-stream.ts";
import type { SecurityHeaders } from "../http/middleware.ts";
import { pageLinksOf } from "../http/page-links.ts";
import { finished, type Sendable } from "../http/send.ts";
import { type Clock, dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { hasInstants, type Listing } from "./filter.ts";
import { readListing } from "./list-query.ts";
import { createRowCache, type RowCacheServices } from "./row-cache.ts";
import type { Downtimes } from "./store.ts";

/** A finished answer to one question. */
export interface CachedList extends Sendable {
  readonly cut: Cut | undefined;
  /** What ended before is left out; undefined: nothing is. */
  readonly since: Instant | undefined;
}

/** How much of the list an answer is, when it isn't all. */
interface Cut {
  readonly rows: number;
  readonly count: number;
}

/** An answer that is too long to be finished before it is sent. */
export interface StreamedList {
  readonly listing: Listing;
  readonly count: number;
  readonly cut: Cut | undefined;
}

export interface ListCache {
  /** The question that a URL asks. @throws Invalid for a wrong one */
  listingOf(url: string): Listing;
  /**
   * The answer to the question that a URL asks, as the data is now or after the call.
   * @throws Invalid for a wrong question
   */
  of(url: string): Promise<CachedList | StreamedList>;
  /** The same at once, if it is kept and nothing has changed since. An answer that waits for nothing is sent fastest. */
  kept(url: string): CachedList | undefined;
}

interface ListCacheServices {
  readonly downtimes: Pick<Downtimes, "newestChange" | "knownChange" | "count"> & RowCacheServices["downtimes"];
  readonly facility: () => Facility | undefined;
  /** What every answer carries beside what it says of itself. */
  readonly hardening: SecurityHeaders;
  /** The greatest `limit` that is taken; undefined: any. */
  readonly mostRows?: number | undefined;
  /** What ended more days ago is left out of lists without a time filter; undefined: nothing is. */
  readonly sinceDays?: number | undefined;
  readonly clock: Clock;
  /** The most memory that is kept, in bytes, in all. */
  readonly keptBytes: number;
}

/** What an entry costs beside its text. */
const entryBytes = 200;

export function createListCache(parts: ListCacheServices): ListCache {
  const { downtimes, facility, hardening, mostRows, sinceDays, clock, keptBytes } = parts;
  // Answers hold for one version of the data and one answer of ConfigDB, which decides which questions are right. So a write
  // costs the answers, but not the texts that they are made of.
  const answers = new LRUCache<string, CachedList>({
    maxSize: keptBytes / 2,
    // Twice, since it may yet be a blob, or zipped.
    sizeCalculation: ({ bytes }, url) => 2 * bytes.length + url.length + entryBytes,
  });
  const texts = createRowCache({ downtimes, keptBytes: keptBytes / 2 });
  const asked = createAsked();
  let answersAreFor: readonly [number, Facility | undefined] = [-1, undefined];

  const since = () => (sinceDays === undefined ? undefined : toInstant(clock() - sinceDays * dayMillis));

  /** A kept answer, unless time has moved on what it leaves out. */
  const current = (url: string): CachedList | undefined => {
    const answer = answers.get(url);
    return answer?.since === undefined || answer.since === since() ? answer : undefined;
  };

  const read = (url: string, known: Facility | undefined): Listing & Pick<CachedList, "since"> => {
    const listing = readListing(new URL(url).searchParams, known, mostRows);
    const from = hasInstants(listing.filter) ? undefined : since();
    return { ...listing, since: from, filter: { ...listing.filter, ...(from && { ends_after: from }) } };
  };

  return {
    listingOf: (url) => read(url, facility()),

    kept(url) {
      const change = downtimes.knownChange();
      if (!change || answersAreFor[0] !== change.number || answersAreFor[1] !== facility()) return undefined;
      return current(url);
    },

    async of(url) {
      const change = await downtimes.newestChange();
      const known = facility();
      if (answersAreFor[0] !== change.number || answersAreFor[1] !== known) {
        answers.clear();
        answersAreFor = [change.number, known];
      }
      const kept = current(url);
      if (kept) return kept;
      const listing = read(url, known);
      if (listing.limit > longListRows) {
        const count = await downtimes.count(listing.filter);
        const rows = Math.min(listing.limit, count - listing.offset);
        if (rows > longListRows)
          return { listing, count, cut: rows < count - listing.offset ? { rows, count } : undefined };
      }
      const once = !asked.again(url);
      const answer = { ...(await make(url, listing, change.at, once)), since: listing.since };
      // Somebody may have written meanwhile: then this is for no version that anybody will ask for again.
      if (!once && answersAreFor[0] === change.number && answersAreFor[1] === known) answers.set(url, answer);
      return answer;
    },
  };

  async function make(url: string, listing: Listing, changedAt: Instant | undefined, once: boolean) {
    const { count, texts: rows } = await texts.of(listing);
    const { next, previous } = pageLinksOf(url, listing, count);
    const head = `{"count":${count},"next":${JSON.stringify(next)},"previous":${JSON.stringify(previous)}`;
    const bytes = new TextEncoder().encode(`${head},"results":[${rows.join(",")}]}`);
    // Weak, since the same answer is also sent zipped.
    const etag = `W/"${Bun.hash(bytes).toString(36)}"`;
    const sendable = finished(
      bytes,
      {
        ...fixedHeaders,
        etag,
        ...(changedAt && { "last-modified": new Date(toMillis(changedAt)).toUTCString() }),
        ...(next !== null && { link: `<${next}>; rel="next"` }),
        ...hardening(url),
      },
      once,
    );
    return { ...sendable, cut: next === null ? undefined : { rows: rows.length, count } };
  }
}

/** Questions that are remembered at most. */
const mostAsked = 10_000;

/**
 * Tells whether a question was asked before. An answer is kept only when it is asked for again: what is kept for nobody
 * outlives the young, and only a whole garbage collection would find it.
 */
function createAsked() {
  const hashes = new Set<number>();
  return {
    again(url: string): boolean {
      const hash = Bun.hash.xxHash32(url);
      if (hashes.has(hash)) return true;
      if (hashes.size >= mostAsked) hashes.clear();
      hashes.add(hash);
      return false;
    },
  };
}

const fixedHeaders = {
  "content-type": "application/json;charset=utf-8",
  "access-control-allow-origin": "*",
  // Keep it, but ask each time whether it is still good.
  "cache-control": "no-cache",
  vary: "Accept-Encoding",
};
