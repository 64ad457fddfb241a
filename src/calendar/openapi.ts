/** What the OpenAPI document says of `/calendar.ics`. */

import { filterParameters } from "../downtime/openapi.ts";
import { answer, unavailable } from "../http/openapi.ts";

const example = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//Downtime//Downtime//EN",
  "NAME:Downtimes sud",
  "X-WR-CALNAME:Downtimes sud",
  "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
  "X-PUBLISHED-TTL:PT15M",
  "BEGIN:VEVENT",
  "UID:downtime-1@7b0c7c9e-2a55-4f0e-9d8e-0d6f6f1f3c1b",
  "SEQUENCE:0",
  "DTSTAMP:20261122T201803Z",
  "DTSTART:20270115T084500Z",
  "DTEND:20270115T094500Z",
  "SUMMARY:sud 1m0a down: Mirror wash",
  "TRANSP:TRANSPARENT",
  "LOCATION:sud doma 1m0a",
  "STATUS:CONFIRMED",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");

export const calendarDetail = {
  detail: {
    tags: ["Downtimes"],
    operationId: "getCalendar",
    summary: "Subscribe to a calendar",
    description:
      "The downtimes as iCalendar (RFC 5545), with the filters of `/api/`. Unless a filter says a time: what ended less than 90 days ago, and all that comes. What was deleted in the last 90 days is there as cancelled. All rows in one answer, at most 10,000; more are refused, never cut.",
    parameters: filterParameters,
    security: [{}],
    responses: {
      200: {
        description: "The calendar.",
        content: { "text/calendar": { schema: { type: "string" as const }, example } },
      },
      304: {
        description: "Not modified since the `ETag` in `If-None-Match`, or the `Last-Modified` in `If-Modified-Since`.",
      },
      400: answer("A filter is wrong, or too much is asked for.", "Detail", {
        detail: "This calendar would hold more than 10000 downtimes. Ask for fewer, by its filters.",
      }),
      503: unavailable,
    },
  },
};
