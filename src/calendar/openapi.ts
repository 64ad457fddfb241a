/** What the OpenAPI document says of `/calendar.ics`. */

import { FilterSchema } from "../downtime/filter.ts";
import { badFilter } from "../downtime/openapi.ts";
import { operation, textContent } from "../http/openapi.ts";

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

export const calendarOperation = operation("getCalendar", "Subscribe to a calendar", {
  tag: "Downtimes",
  description:
    "The downtimes as iCalendar (RFC 5545), with the filters of `/api/`. Without a time filter: downtimes that ended in the last 90 days, and all active and upcoming ones. Downtimes deleted in the last 90 days are included as cancelled. One answer has at most 10,000 downtimes; more are refused with 400, never cut.",
  access: "public",
  query: FilterSchema.properties,
  answers: {
    200: { description: "The calendar.", content: textContent("text/calendar", example) },
    304: { description: "Not modified since the `ETag` in `If-None-Match`, or the time in `If-Modified-Since`." },
  },
  errors: [badFilter],
});
