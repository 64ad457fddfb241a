/** `/calendar.ics`: the downtimes as a calendar feed, with the API's filters. */

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import packageJson from "../../package.json";
import { FilterSchema } from "../downtime/filter.ts";
import { readListing } from "../downtime/list-query.ts";
import { badFilter } from "../downtime/openapi.ts";
import type { CoreServices } from "../downtime/store.ts";
import { readableByAll } from "../http/json.ts";
import { operation, textContent } from "../http/openapi.ts";
import { basePathOf, createRoutes } from "../http/request-context.ts";
import { acceptsGzip, hasAlready } from "../http/send.ts";
import { addressFrom } from "../input/address.ts";
import { Malformed } from "../input/problem.ts";
import type { SeriesStore } from "../series/store.ts";
import { dayMillis, toMillis } from "../time/instant.ts";
import { calendarOf } from "./ics-text.ts";
import { type Calendar, calendarQueryOf } from "./store.ts";

interface CalendarServices extends CoreServices {
  readonly calendar: Calendar;
  readonly series: Pick<SeriesStore, "find">;
  /** A unique ID of this installation. */
  readonly installation: string;
}

/** Calendar apps fail on much larger feeds without an error. */
const maxEvents = 10_000;

export function calendarRoutes({ calendar, downtimes, series, configdb, clock, installation }: CalendarServices) {
  const send = async (request: Request): Promise<Response> => {
    const url = addressFrom(request.url);
    const origin = url.origin + basePathOf(request);
    const { filter } = readListing(url.searchParams, configdb.find());
    const now = clock();
    const query = calendarQueryOf(filter, now);
    // Read before the events: a change in between is sent twice, but never missed.
    const { number, at } = await downtimes.newestChange();
    const named = filter.series === undefined ? undefined : await series.find(filter.series);
    // Everything that the calendar depends on.
    const parts = [packageJson.version, installation, query, number, named?.name, named?.reason, origin];
    // Renaming a series changes no downtime. At midnight UTC, old downtimes leave the calendar.
    const changes = [at, named?.modified].filter((change) => change !== undefined).map(toMillis);
    const lastModified = Math.max(...changes, Math.floor(now / dayMillis) * dayMillis);
    const headers = {
      ...fixedHeaders,
      etag: `W/"${Bun.hash(JSON.stringify(parts)).toString(36)}"`,
      "last-modified": new Date(lastModified).toUTCString(),
    };
    // A time of one-second precision is a reliable validator only after a minute (RFC 9110, section 8.8.2.2).
    const tags = request.headers.get("if-none-match");
    const isSame =
      request.headers.get("if-modified-since") === headers["last-modified"] && now - lastModified >= 60_000;
    if (tags === null ? isSame : hasAlready(tags, headers.etag)) return new Response(null, { status: 304, headers });
    const events = await calendar.find(query, maxEvents);
    if (!events) throw new Malformed("Too many downtimes for one calendar (limit 10,000). Add filters.");
    if (request.method === "HEAD") return new Response(null, { headers });
    const text = await calendarOf({ filter, series: named, events, origin, installation });
    if (!acceptsGzip(request)) return new Response(text, { headers });
    return new Response(await compress(text), { headers: { ...headers, "content-encoding": "gzip" } });
  };

  return (
    createRoutes("calendar")
      .get("/calendar.ics", ({ request }) => send(request), calendarOperation)
      // Elysia's own HEAD would render the whole calendar to find its length.
      .head("/calendar.ics", ({ request }) => send(request))
  );
}

/** Compresses in another thread. */
const compress = promisify(gzip);

const fixedHeaders = {
  vary: "accept-encoding",
  "content-type": "text/calendar; charset=utf-8",
  "content-disposition": 'inline; filename="downtimes.ics"',
  "cache-control": "no-cache",
  ...readableByAll,
};

const example = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Downtime//Downtime//EN
NAME:Downtimes sud
BEGIN:VEVENT
UID:downtime-1@7b0c7c9e-2a55-4f0e-9d8e-0d6f6f1f3c1b
DTSTAMP:20261122T201803Z
DTSTART:20270115T084500Z
DTEND:20270115T094500Z
SUMMARY:sud 1m0a down: Mirror wash
STATUS:CONFIRMED
END:VEVENT
END:VCALENDAR
`.replaceAll("\n", "\r\n");

const calendarOperation = operation("getCalendar", "Subscribe to a calendar", {
  tag: "Downtimes",
  description:
    "The downtimes as iCalendar (RFC 5545), with the filters of `/api/`. Without a time filter: downtimes that ended in the last 90 days, and all active and upcoming ones. Downtimes deleted in the last 90 days are included as cancelled. A response has at most 10,000 downtimes; more are rejected with a 400, never cut.",
  access: "public",
  query: FilterSchema.properties,
  answers: {
    200: { description: "The calendar.", content: textContent("text/calendar", example) },
    304: { description: "Not modified since the `ETag` in `If-None-Match`, or the time in `If-Modified-Since`." },
  },
  errors: [badFilter],
});
