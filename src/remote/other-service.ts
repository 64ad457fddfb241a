/** Another downtime service, of either program, as its `/api/` shows it. */

import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Arrival, toArrival } from "../domain/arrival.ts";
import { type Clock, toStamp } from "../domain/instant.ts";
import { Unavailable } from "../domain/problem.ts";

const PageSchema = Type.Object({
  next: Type.Union([Type.String(), Type.Null()]),
  results: Type.Array(
    Type.Object({
      id: Type.Integer({ minimum: 1 }),
      start: Type.String(),
      end: Type.String(),
      site: Type.String(),
      enclosure: Type.String(),
      telescope: Type.String(),
      // Its older versions leave out the rest.
      instrument_type: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
      created: Type.Optional(Type.String()),
      modified: Type.Optional(Type.String()),
    }),
  ),
});
type Page = Static<typeof PageSchema>;

const timeoutMillis = 60_000;

/**
 * Reads all downtimes, page by page to the end. What it doesn't tell about when they were stored is taken for now.
 * @param url the service's, with or without `/api/`
 * @throws Unavailable when it doesn't answer so
 */
export async function* readDowntimes(url: string, clock: Clock): AsyncIterable<readonly Arrival[]> {
  const base = new URL(url.replace(/\/*$/, "/"));
  if (!base.pathname.endsWith("/api/")) base.pathname += "api/";
  const now = toStamp(clock());
  const asked = new Set<string>();
  // Of the link to the next page the query alone counts: a service behind a proxy may not know its own address.
  for (let query: string | undefined = "?limit=1000"; query !== undefined; ) {
    if (asked.has(query)) throw new Unavailable(`${base.href} leads in circles: ${query}`);
    asked.add(query);
    const { next, results } = await readPage(`${base.origin}${base.pathname}${query}`);
    yield results.map((row) =>
      toArrival({
        ...row,
        instrument_type: row.instrument_type ?? "",
        reason: row.reason ?? "",
        ...stampsOf(row, now),
      }),
    );
    query = next === null ? undefined : new URL(next, base).search;
  }
}

const stampsOf = ({ created, modified }: Page["results"][number], now: string) => ({
  created: created ?? now,
  modified: modified ?? created ?? now,
});

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
