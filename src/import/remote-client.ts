/** Reads all downtimes of another service, OCS Downtime or this one, through its API. */

import { type Static, Type } from "@sinclair/typebox";
import { Unavailable } from "../input/problem.ts";
import { maybe, mismatchOf } from "../input/tolerant.ts";
import { type Clock, toStamp } from "../time/instant.ts";

const text = Type.String();
/** Missing in older versions. */
const maybeText = maybe(text);
const times = { start: Type.Unknown(), end: Type.Unknown(), created: maybeText, modified: maybeText };
const texts = { site: text, enclosure: text, telescope: text, instrument_type: maybeText, reason: maybeText };
const RowSchema = Type.Object({ id: Type.Integer({ minimum: 1 }), ...times, ...texts });
const PageSchema = Type.Object({
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  next: Type.Union([text, Type.Null()]),
  results: Type.Array(RowSchema),
});

const timeoutMillis = 60_000;
const maxReadings = 5;

/** In an order that new rows don't change; without a time filter, a service may omit old downtimes (`LIST_SINCE_DAYS`). */
const firstQuery = "?limit=1000&ordering=id&ends_after=0001-01-01T00:00:00Z";

/**
 * Reads all downtimes, in batches. If a row is deleted between two pages, the following rows move up and one is missed, so
 * the list is read until two readings are equal. Missing `created` and `modified` times default to now.
 * @param url base URL of the service, with or without `/api/`
 * @throws Unavailable if the service fails, keeps changing, or returns a different number of downtimes than its count
 */
export async function readDowntimes(url: string, clock: Clock) {
  const base = new URL(url.replace(/\/*$/, "/"));
  if (!base.pathname.endsWith("/api/")) base.pathname += "api/";
  let previous: Awaited<ReturnType<typeof readOnce>> | undefined;
  for (let readings = 0; readings < maxReadings; readings++) {
    const { pages, rows, count } = await readOnce(base);
    if (previous && Bun.deepEquals(previous.rows, rows)) {
      if (count === undefined || count === rows.size) return toBatches(pages, toStamp(clock()));
      throw new Unavailable(`Nothing imported: ${base.href} reports ${count} downtimes but returned ${rows.size}.`);
    }
    previous = { pages, rows, count };
  }
  throw new Unavailable(
    `Nothing imported: ${base.href} changed during each of ${maxReadings} attempts. Try again when nobody is editing there.`,
  );
}

/**
 * Reads the list once, from the first page to the last.
 * @returns the pages as compressed JSON, since a million downtimes take tens of megabytes; each row's hash by its ID; and the
 * count that the last page gives
 */
async function readOnce(base: URL) {
  const pages: Uint8Array<ArrayBuffer>[] = [];
  const rows = new Map<number, number | bigint>();
  const requested = new Set<string>();
  // Uses only the query of the next link: a service behind a proxy may not know its own address.
  for (let query = firstQuery; ; ) {
    if (requested.has(query))
      throw new Unavailable(`Nothing imported: the pages of ${base.href} form a loop at ${query}.`);
    requested.add(query);
    const { count, next, results } = await readPage(`${base.origin}${base.pathname}${query}`);
    const fresh = results.filter((row) => !rows.has(row.id) && rows.set(row.id, Bun.hash(JSON.stringify(row))));
    pages.push(Bun.gzipSync(JSON.stringify(fresh)));
    if (next === null) return { pages, rows, count };
    query = new URL(next, base).search;
  }
}

async function* toBatches(pages: readonly Uint8Array<ArrayBuffer>[], now: string) {
  for (const page of pages) {
    const rows: Static<typeof RowSchema>[] = JSON.parse(new TextDecoder().decode(Bun.gunzipSync(page)));
    yield rows.map((row) => {
      const created = row.created ?? now;
      return { ...row, created, modified: row.modified ?? created };
    });
  }
}

async function readPage(url: string): Promise<Static<typeof PageSchema>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
    if (response.status !== 200) throw new Error(`HTTP status ${response.status}`);
    const page = await response.json();
    const mismatch = mismatchOf(PageSchema, page);
    if (mismatch) throw new Error(`unexpected response: ${mismatch}`);
    return page;
  } catch (error) {
    throw new Unavailable(`Can't read ${url}: ${(error as Error).message}`);
  }
}
