/** What the document says of availability, why and report. */

import type { TObject } from "@sinclair/typebox";
import { answer, parameter, reads, throttled, unauthenticated, unavailable } from "../http/openapi.ts";
import { AvailabilityQuery, ReportQuery, WhyQuery } from "./query-params.ts";

const place = { site: "sud", enclosure: "doma", telescope: "1m0a", known: true, active: true };
const bounds = { start: "2027-01-15T08:45:00Z", end: "2027-01-15T09:45:00Z" };
const downtime = {
  id: 1,
  ...bounds,
  site: "sud",
  enclosure: "doma",
  telescope: "1m0a",
  instrument_type: "",
  reason: "Mirror wash",
  created: "2026-11-22T20:18:03Z",
  modified: "2026-11-22T20:18:03Z",
  created_by: "ada",
};

const availabilityExample = {
  start: "2027-01-15T00:00:00Z",
  end: "2027-01-16T00:00:00Z",
  telescopes: [
    {
      ...place,
      blocked_seconds: 3600,
      dark_blocked_seconds: 0,
      blocked: [{ ...bounds, downtimes: [1] }],
      free: [
        { start: "2027-01-15T00:00:00Z", end: bounds.start },
        { start: bounds.end, end: "2027-01-16T00:00:00Z" },
      ],
      instrument_types: [],
      state: "down",
    },
  ],
};

const whyExample = {
  at: "2027-01-15T09:00:00Z",
  telescopes: [
    { ...place, blocked: true, until: bounds.end, downtimes: [downtime], instrument_types: [], state: "down" },
  ],
};

const lost = { seconds_lost: 36_000, dark_seconds_lost: 12_600, nights_lost: 0.5, nights_touched: 1 };
const reportExample = {
  start: "2027-01-01T00:00:00Z",
  end: "2027-02-01T00:00:00Z",
  telescopes: [
    {
      ...place,
      dark_seconds: 781_200,
      nights: 31,
      ...lost,
      reasons: [{ reason: "Mirror wash", ...lost }],
      instrument_types: [],
    },
  ],
};
const csvExample =
  "start,end,site,enclosure,telescope,reason,hours_lost,dark_hours_lost,nights_lost,nights_touched,dark_hours,nights\n" +
  "2027-01-01T00:00:00Z,2027-02-01T00:00:00Z,sud,doma,1m0a,Mirror wash,10,3.5,0.5,1,217,31\n";

const question = (schema: TObject) =>
  Object.entries(schema.properties).map(([name, property]) => ({
    ...parameter(name, property),
    ...(schema.required?.includes(name) && { required: true }),
  }));

const problems = (wrong: Record<string, readonly string[]>) => ({
  400: answer("The question is wrong; each bad parameter is named.", "FieldErrors", wrong),
  401: unauthenticated,
  429: throttled,
  503: unavailable,
});

export const documentOf = {
  availability: {
    detail: {
      tags: ["Answers"],
      operationId: "getAvailability",
      summary: "When telescopes are blocked and free",
      description:
        "For each telescope the merged blocked intervals of a span and the free ones between them, from every downtime that shares time with it: nothing is left to a next page. Telescopes that ConfigDB marks inactive are in it, and so are downtimes of telescopes that it doesn't know any more.",
      parameters: question(AvailabilityQuery),
      security: reads,
      responses: {
        200: answer("The telescopes that were asked about.", "Availability", availabilityExample),
        ...problems({ start: ["This field is required."], end: ["Enter a valid date/time."] }),
      },
    },
  },
  why: {
    detail: {
      tags: ["Answers"],
      operationId: "getWhy",
      summary: "Whether a telescope is blocked at an instant, and why",
      description:
        "A downtime blocks from its `start` on, and no more at its `end`. Codes repeat across sites: without `site` and `enclosure` every telescope that has the code is answered for.",
      parameters: question(WhyQuery),
      security: reads,
      responses: {
        200: answer("The telescopes that were asked about.", "Why", whyExample),
        ...problems({ telescope: ["This field is required."] }),
      },
    },
  },
  report: {
    detail: {
      tags: ["Answers"],
      operationId: "getReport",
      summary: "What downtimes cost",
      description:
        "Per telescope and reason the time lost in a span: seconds, dark seconds (the sun is 18° down or more at the site) and nights. A night lasts from one mean noon at the site to the next; it is lost by the part of its dark time that is, so that `nights_lost` is the sum of dark seconds lost over dark seconds of that night, and reports of adjoining spans add up. `nights_touched` counts nights of which any dark time is lost. Overlaps count once; by reason they count for the downtime that started first. Planned downtimes count as well. Downtimes for one instrument type alone are told apart and aren't in the CSV.",
      parameters: question(ReportQuery),
      security: reads,
      responses: {
        200: {
          description: "The telescopes that were asked about.",
          content: {
            "application/json": { schema: { $ref: "#/components/schemas/Report" }, example: reportExample },
            "text/csv": { schema: { type: "string" }, example: csvExample },
          },
        },
        ...problems({ end: ["End time must be after start time"] }),
      },
    },
  },
};
