/** `/calendar.ics`: the downtimes as a calendar that people subscribe to, with the API's filters. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import packageJson from "../../package.json";
import { readListing } from "../downtime/list-query.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Configdb } from "../facility/configdb.ts";
import { readableByAll } from "../http/json.ts";
import { createRoutes } from "../http/request-context.ts";
import { acceptsGzip, hasAlready } from "../http/send.ts";
import { addressFrom } from "../input/address.ts";
import { Malformed } from "../input/problem.ts";
import type { SeriesStore } from "../series/store.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type Clock, dayMillis, type Instant, toMillis } from "../time/instant.ts";
import { calendarOf } from "./ics-text.ts";
import { calendarOperation } from "./openapi.ts";
import type { Calendar } from "./store.ts";
import { calendarQueryOf } from "./subscription.ts";

export interface CalendarServices {
  readonly calendar: Calendar;
  readonly downtimes: Pick<Downtimes, "newestChange">;
  readonly series: Pick<SeriesStore, "find">;
  readonly configdb: Configdb;
  readonly clock: Clock;
  /** What no other service is called. */
  readonly installation: string;
}

/** The most downtimes in a calendar: programs give up on much larger ones, without a word. */
export const mostEntries = 10_000;

export function calendarRoutes({ calendar, downtimes, series, configdb, clock, installation }: CalendarServices) {
  const send = async (request: Request): Promise<Response> => {
    const url = addressFrom(request.url);
    const { filter } = readListing(url.searchParams, configdb.find());
    const now = clock();
    const question = calendarQueryOf(filter, now);
    // Read first: a change that comes in between is then sent once more, never missed.
    const { number, at } = await downtimes.newestChange();
    const seriesReason = filter.series === undefined ? undefined : (await series.find(filter.series))?.reason;
    const etag = tagOf(url, [question, number, seriesReason]);
    const lastModified = lastModifiedOf(at, now);
    const headers = { ...fixedHeaders, etag, "last-modified": new Date(lastModified).toUTCString() };
    if (isKnown(request, headers, now - lastModified)) return new Response(null, { status: 304, headers });
    const entries = await calendar.find(question, mostEntries);
    if (!entries)
      throw new Malformed(
        `This calendar would hold more than ${mostEntries} downtimes. Ask for fewer, by its filters.`,
      );
    if (request.method === "HEAD") return new Response(null, { headers });
    let text = "";
    for await (const piece of calendarOf({ filter, seriesReason, entries, origin: url.origin, installation })) {
      text += piece;
      // Ten thousand entries take a second.
      await takeTurn();
    }
    if (!acceptsGzip(request)) return new Response(text, { headers });
    return new Response(await zip(text), { headers: { ...headers, "content-encoding": "gzip" } });
  };

  /** Changes whenever the calendar may: what it is made of stands in it. Weak, since what it is made into doesn't. */
  const tagOf = ({ origin }: URL, parts: readonly unknown[]) =>
    `W/"${Bun.hash(JSON.stringify([packageJson.version, installation, origin, ...parts])).toString(36)}"`;

  return (
    createRoutes("calendar")
      .get("/calendar.ics", ({ request }) => send(request), calendarOperation)
      // Left to itself Elysia would read the whole of it to know its length.
      .head("/calendar.ics", ({ request }) => send(request), { detail: { hide: true } })
  );
}

/** Elsewhere than in the thread that answers. */
const zip = promisify(gzip);

/** When the calendar last changed: with the newest change, or at midnight, when what is old leaves it. */
const lastModifiedOf = (changedAt: Instant | undefined, now: number): number =>
  Math.max(changedAt ? toMillis(changedAt) : 0, Math.floor(now / dayMillis) * dayMillis);

/** Within a minute, a second change may have come in the same second as the first (RFC 9110, section 8.8.2.2). */
const safeMillis = 60_000;

/** Whether the client has the calendar already: by its tag, or, where it sends none, by its time. */
function isKnown({ headers }: Request, known: { etag: string; "last-modified": string }, age: number): boolean {
  const tags = headers.get("if-none-match");
  if (tags !== null) return hasAlready(tags, known.etag);
  return headers.get("if-modified-since") === known["last-modified"] && age >= safeMillis;
}

const fixedHeaders = {
  vary: "accept-encoding",
  "content-type": "text/calendar; charset=utf-8",
  "content-disposition": 'inline; filename="downtimes.ics"',
  "cache-control": "no-cache",
  ...readableByAll,
};
