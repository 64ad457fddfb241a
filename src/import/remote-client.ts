/** Another downtime service, of either program, as its `/api/` shows it. */

import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Unavailable } from "../input/problem.ts";
import { type Clock, toStamp } from "../time/instant.ts";

const maybeText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const PageSchema = Type.Object({
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  next: Type.Union([Type.String(), Type.Null()]),
  results: Type.Array(
    Type.Object({
      id: Type.Integer({ minimum: 1 }),
      start: Type.Unknown(),
      end: Type.Unknown(),
      site: Type.String(),
      enclosure: Type.String(),
      telescope: Type.String(),
      // Its older versions leave out the rest.
      instrument_type: maybeText,
      reason: maybeText,
      created: maybeText,
      modified: maybeText,
    }),
  ),
});
type Page = Static<typeof PageSchema>;
type Row = Page["results"][number];

/** The list as one reading from its first page to its last showed it. */
interface Reading {
  /** As zipped JSON a million downtimes take tens of megabytes. */
  readonly zipped: readonly Uint8Array<ArrayBuffer>[];
  /** Id → a hash of the row. */
  readonly rows: ReadonlyMap<number, number | bigint>;
  /** How many there are, as the last page says. */
  readonly count: number | undefined;
}

const timeoutMillis = 60_000;
const mostReadings = 5;

/**
 * Everything, in an order that new rows don't disturb. Without a time filter a service may leave out what ended long ago
 * (`LIST_SINCE_DAYS`).
 */
const firstQuery = "?limit=1000&ordering=id&ends_after=0001-01-01T00:00:00Z";

/**
 * Reads all downtimes, a batch at a time. A row that is deleted while pages are read shifts those that follow, and one of
 * them is on no page; so the list is read until two readings agree. What it doesn't tell about when they were stored is
 * taken for now.
 * @param url the service's, with or without `/api/`
 * @param tell is told after each page how many were read
 * @throws Unavailable when it doesn't answer so, keeps changing, or sends another number of downtimes than it counts
 */
export async function readDowntimes(url: string, clock: Clock, tell: (read: number) => void) {
  const base = new URL(url.replace(/\/*$/, "/"));
  if (!base.pathname.endsWith("/api/")) base.pathname += "api/";
  let before: Reading | undefined;
  for (let readings = 0; readings < mostReadings; readings++) {
    const reading = await readOnce(base, tell);
    // One page is one answer, in which nothing can shift.
    if (reading.zipped.length === 1 || (before && Bun.deepEquals(before.rows, reading.rows))) {
      const { count, rows } = reading;
      if (count === undefined || count === rows.size) return batchesOf(reading, toStamp(clock()));
      throw new Unavailable(`${base.href} counts ${count} downtimes, but sends ${rows.size}. Nothing was imported.`);
    }
    before = reading;
  }
  throw new Unavailable(
    `${base.href} changed each of the ${mostReadings} times that it was read. Nothing was imported. Try again while nobody writes there.`,
  );
}

async function readOnce(base: URL, tell: (read: number) => void): Promise<Reading> {
  const zipped: Uint8Array<ArrayBuffer>[] = [];
  const rows = new Map<number, number | bigint>();
  const asked = new Set<string>();
  // Of the link to the next page the query alone counts: a service behind a proxy may not know its own address.
  for (let query = firstQuery; ; ) {
    if (asked.has(query)) throw new Unavailable(`${base.href} leads in circles: ${query}`);
    asked.add(query);
    const { count, next, results } = await readPage(`${base.origin}${base.pathname}${query}`);
    const fresh = results.filter((row) => !rows.has(row.id) && rows.set(row.id, Bun.hash(JSON.stringify(row))));
    zipped.push(Bun.gzipSync(JSON.stringify(fresh)));
    tell(rows.size);
    if (next === null) return { zipped, rows, count };
    query = new URL(next, base).search;
  }
}

async function* batchesOf({ zipped }: Reading, now: string) {
  for (const batch of zipped)
    yield (JSON.parse(new TextDecoder().decode(Bun.gunzipSync(batch))) as Row[]).map((row) => ({
      ...row,
      created: row.created ?? now,
      modified: row.modified ?? row.created ?? now,
    }));
}

async function readPage(url: string): Promise<Page> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMillis) });
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    const page = await response.json();
    if (!Value.Check(PageSchema, page)) {
      const { path = "", message = "" } = Value.Errors(PageSchema, page).First() ?? {};
      throw new Error(`its answer is not understood: ${path} ${message}`);
    }
    return page;
  } catch (error) {
    throw new Unavailable(`${url} can't be read: ${(error as Error).message}`);
  }
}
