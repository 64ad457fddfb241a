/** `/calendar.ics`: the downtimes as a calendar that people subscribe to, with the API's filters. */

import packageJson from "../../package.json";
import { addressFrom } from "../domain/address.ts";
import { type CalendarQuestion, calendarQuestion } from "../domain/calendar.ts";
import { readListing } from "../domain/filter.ts";
import type { Clock } from "../domain/instant.ts";
import { Malformed } from "../domain/problem.ts";
import type { Configdb } from "../remote/configdb.ts";
import type { Calendar } from "../store/calendar.ts";
import type { Downtimes } from "../store/downtimes.ts";
import { calendarOf } from "../views/calendar.ts";
import { readableByAll } from "./api/downtimes.ts";
import { hasAlready } from "./api/sending.ts";
import { calendarDetail } from "./calendar-document.ts";
import { createRoutes } from "./caller.ts";

export interface CalendarParts {
  readonly calendar: Calendar;
  readonly downtimes: Pick<Downtimes, "version">;
  readonly configdb: Configdb;
  readonly clock: Clock;
  /** What no other service is called. */
  readonly installation: string;
}

/** The most downtimes in a calendar: programs give up on much larger ones, without a word. */
export const mostEntries = 10_000;

export function calendarRoutes({ calendar, downtimes, configdb, clock, installation }: CalendarParts) {
  const send = async (request: Request): Promise<Response> => {
    const url = addressFrom(request.url);
    const question = calendarQuestion(readListing(url.searchParams, configdb.find()).filter, clock());
    // Read first: a change that comes in between is then sent once more, never missed.
    const etag = tagOf(url, question, await downtimes.version());
    const headers = { ...fixedHeaders, etag };
    if (hasAlready(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
    const entries = await calendar.find(question, mostEntries);
    if (!entries)
      throw new Malformed(
        `This calendar would hold more than ${mostEntries} downtimes. Ask for fewer, by its filters.`,
      );
    if (request.method === "HEAD") return new Response(null, { headers });
    const { filter } = question;
    const pieces = await Array.fromAsync(calendarOf({ filter, entries, origin: url.origin, installation }));
    return new Response(pieces.join(""), { headers });
  };

  /** Changes whenever the calendar may: what it is made of stands in it. Weak, since what it is made into doesn't. */
  const tagOf = ({ origin }: URL, question: CalendarQuestion, version: number) =>
    `W/"${Bun.hash(JSON.stringify([packageJson.version, installation, origin, question, version])).toString(36)}"`;

  return (
    createRoutes("calendar")
      .get("/calendar.ics", ({ request }) => send(request), calendarDetail)
      // Left to itself Elysia would read the whole of it to know its length.
      .head("/calendar.ics", ({ request }) => send(request), { detail: { hide: true } })
  );
}

const fixedHeaders = {
  "content-type": "text/calendar; charset=utf-8",
  "content-disposition": 'inline; filename="downtimes.ics"',
  "cache-control": "no-cache",
  ...readableByAll,
};
