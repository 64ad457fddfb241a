/** Caches lists of downtimes as response bytes, and the downtimes in them as JSON texts. */

import { LRUCache } from "lru-cache";
import type { Facility } from "../facility/facility.ts";
import { longListRows, pageLinksOf } from "../http/json.ts";
import type { SecurityHeaders } from "../http/methods.ts";
import { finished, type Sendable } from "../http/send.ts";
import { atMost } from "../input/lru-limit.ts";
import { type Clock, dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import type { Downtime } from "./downtime.ts";
import { hasInstants, type Listing } from "./filter.ts";
import { listHeaders, readListing } from "./list-query.ts";
import type { Key, Page } from "./list-store.ts";
import { toDowntime } from "./rows.ts";
import type { Downtimes } from "./store.ts";

/** A complete response to one query. */
export interface CachedList extends Sendable {
  /** The size of a truncated response. */
  readonly cut: { readonly rows: number; readonly count: number } | undefined;
  /** Downtimes that ended before this time are omitted; undefined if none are. */
  readonly since: Instant | undefined;
}

export type ListCache = ReturnType<typeof createListCache>;

interface ListCacheServices {
  readonly downtimes: Rows & Pick<Downtimes, "newestChange" | "knownChange" | "count">;
  readonly facility: () => Facility | undefined;
  /** Headers of every response. Cached lists already carry them. */
  readonly securityHeaders: SecurityHeaders;
  /** The largest `limit`; undefined for no maximum. */
  readonly mostRows?: number | undefined;
  /** Lists without a time filter omit downtimes that ended more days ago; undefined for none. */
  readonly sinceDays?: number | undefined;
  readonly clock: Clock;
  readonly cacheBytes: number;
}

/** Bytes of an entry in addition to its text. */
const entryBytes = 200;

export function createListCache(services: ListCacheServices) {
  const { downtimes, facility, securityHeaders, mostRows, sinceDays, clock, cacheBytes } = services;
  // Responses are valid for one version of the data and of ConfigDB, which decides which filters are valid. A write clears
  // them, but not the row cache that they are made from.
  const answers = new LRUCache<string, CachedList>({
    maxSize: cacheBytes / 2,
    // Counted twice, because a blob or a compressed copy may be added.
    sizeCalculation: ({ bytes }, url) => 2 * bytes.length + url.length + entryBytes,
  });
  let answersAreFor: readonly [number, Facility | undefined] = [-1, undefined];
  const areFor = (version: number, known: Facility | undefined) =>
    answersAreFor[0] === version && answersAreFor[1] === known;
  const readRows = createRowCache(downtimes, cacheBytes / 2);
  const lookups = { hit: 0, miss: 0 };
  // Cache only on the second request; one-off answers would be promoted to the old generation, which only a full garbage
  // collection frees.
  const asked = new LRUCache<number, true>(atMost(10_000));

  const since = () => (sinceDays === undefined ? undefined : toInstant(clock() - sinceDays * dayMillis));

  /** Returns a cached response, unless its cutoff time is outdated. */
  const current = (url: string): CachedList | undefined => {
    const answer = answers.get(url);
    return answer?.since === undefined || answer.since === since() ? answer : undefined;
  };

  const read = (url: string, known: Facility | undefined): Listing & Pick<CachedList, "since"> => {
    const listing = readListing(new URL(url).searchParams, known, mostRows);
    const from = hasInstants(listing.filter) ? undefined : since();
    return { ...listing, since: from, filter: { ...listing.filter, ...(from && { ends_after: from }) } };
  };

  async function make(url: string, listing: ReturnType<typeof read>, changedAt: Instant | undefined, once: boolean) {
    const { count, results } = await readRows(listing);
    const links = pageLinksOf(url, listing, count);
    const head = JSON.stringify({ count, ...links }).slice(0, -1);
    const bytes = new TextEncoder().encode(`${head},"results":[${results.join(",")}]}`);
    const headers = {
      ...fixedHeaders,
      // Weak, because the same response is also sent compressed.
      etag: `W/"${Bun.hash(bytes).toString(36)}"`,
      ...(changedAt && { "last-modified": new Date(toMillis(changedAt)).toUTCString() }),
      ...listHeaders(url, listing, links.next),
      ...securityHeaders(url),
    };
    const cut = links.next === null ? undefined : { rows: results.length, count };
    return { ...finished(bytes, headers, once), cut, since: listing.since };
  }

  return {
    /** How many lists were sent from the cache, and how many weren't. */
    lookups,

    /** Returns the list query of a URL. @throws Invalid */
    listingOf: (url: string): Listing => read(url, facility()),

    /** Returns the response synchronously if it is cached and current; responses without any waiting are sent fastest. */
    cached(url: string): CachedList | undefined {
      const change = downtimes.knownChange();
      return change && areFor(change.number, facility()) ? current(url) : undefined;
    },

    /**
     * Returns the response to a URL, with the data at the time of the call or later; of a list that is too long to be
     * completed before sending, only its query and size.
     * @throws Invalid
     */
    async of(url: string): Promise<CachedList | { readonly listing: Listing; readonly count: number }> {
      const { number, at } = await downtimes.newestChange();
      const known = facility();
      if (!areFor(number, known)) {
        answers.clear();
        answersAreFor = [number, known];
      }
      const cached = current(url);
      lookups[cached ? "hit" : "miss"]++;
      if (cached) return cached;
      const listing = read(url, known);
      if (listing.limit > longListRows) {
        const count = await downtimes.count(listing.filter);
        if (count - listing.offset > longListRows) return { listing, count };
      }
      const hash = Bun.hash.xxHash32(url);
      const once = !asked.has(hash);
      asked.set(hash, true);
      const answer = await make(url, listing, at, once);
      // After a write in between, this response would be outdated, so it isn't cached.
      if (!once && areFor(number, known)) answers.set(url, answer);
      return answer;
    },
  };
}

const fixedHeaders = {
  "content-type": "application/json;charset=utf-8",
  "access-control-allow-origin": "*",
  // Clients may cache it, but must revalidate each time.
  "cache-control": "no-cache",
  vary: "Accept-Encoding",
};

type Rows = Pick<Downtimes, "listKeys" | "listVersioned" | "findAllStored">;

/** Creates the function that reads a page of a list as texts, which it caches. @param cacheBytes maximum memory */
export function createRowCache(downtimes: Rows, cacheBytes: number) {
  // A text stays valid for its version of the row, so a write invalidates only the rows that it changes.
  const cache = new LRUCache<number, { readonly version: number; readonly text: string }>({
    maxSize: cacheBytes,
    sizeCalculation: ({ text }) => text.length + entryBytes,
  });
  // If most rows are cached, as with a few thousand, reading only keys is faster. If most aren't, as with a million,
  // reading whole rows is. The hit rate of the last list decides.
  let mostAreKnown = false;

  const find = ({ id, version }: Key): string | undefined => {
    const known = cache.get(id);
    return known?.version === version ? known.text : undefined;
  };
  const findAll = (keys: readonly Key[]) => {
    const texts = keys.map(find);
    if (texts.length > 0) mostAreKnown = 2 * texts.filter((text) => text === undefined).length < texts.length;
    return texts;
  };
  const write = (downtime: Downtime, version: number): string => {
    const text = JSON.stringify(downtime);
    cache.set(downtime.id, { version, text });
    return text;
  };

  async function readWhole(listing: Listing): Promise<Page<string>> {
    const { count, results } = await downtimes.listVersioned(listing);
    const known = findAll(results);
    return { count, results: results.map((row, index) => known[index] ?? write(toDowntime(row), row.version)) };
  }

  /** Undefined if a row was changed or deleted after its key was read; then whole rows are read in one query. */
  async function readByKeys(listing: Listing): Promise<Page<string> | undefined> {
    const { count, results } = await downtimes.listKeys(listing);
    let texts = findAll(results);
    const missing = results.filter((_, index) => texts[index] === undefined).map(({ id }) => id);
    if (missing.length > 0) {
      for (const { downtime, version } of await downtimes.findAllStored(missing)) write(downtime, version);
      texts = results.map((key, index) => texts[index] ?? find(key));
    }
    return texts.every((text) => text !== undefined) ? { count, results: texts } : undefined;
  }

  return async (listing: Listing): Promise<Page<string>> =>
    (mostAreKnown && (await readByKeys(listing))) || readWhole(listing);
}
