/** What the OpenAPI document says of availability, why, report and VOSI. */

import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { answer, exampleOf, operation, refusal, textContent } from "../http/openapi.ts";
import { Invalid, Malformed, NotFound } from "../input/problem.ts";
import { parseInstant } from "../time/instant.ts";
import { type Availability, AvailabilitySchema } from "./availability.ts";
import { availabilityCsv } from "./availability-csv.ts";
import { AvailabilityQuery, ReportQuery, WhyQuery } from "./query-params.ts";
import { reportCsv } from "./report-csv.ts";
import { type Report, ReportSchema } from "./report-schema.ts";
import { vosiOf } from "./vosi.ts";
import { WhySchema } from "./why.ts";

const code = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));
const vosiQuery = {
  telescope: code("Telescope code.", "1m0a"),
  site: code("Site code, where several telescopes have the same code.", "sud"),
  enclosure: code("Enclosure code, likewise.", "doma"),
};

const common = (schema: TSchema, query: TObject) => ({
  tag: "Availability" as const,
  access: "read" as const,
  query: query.properties,
  answers: { 200: answer("The selected telescopes.", schema) },
  errors: [refusal(new Invalid({ start: ["Enter a valid date/time."] }), "Invalid parameters; each is named.")],
});
const withCsv = ({ answers }: ReturnType<typeof common>, text: string) => ({
  200: { ...answers[200], content: { ...answers[200].content, ...textContent("text/csv", text) } },
});
const report = common(ReportSchema, ReportQuery);
const availability = common(AvailabilitySchema, AvailabilityQuery);

export const availabilityOperations = {
  availability: operation("getAvailability", "Get when telescopes are available", {
    ...availability,
    answers: withCsv(availability, availabilityCsv(exampleOf(AvailabilitySchema) as Availability, "csv")),
    description:
      "For each telescope, the merged blocked intervals of a span and the free ones between them, from every downtime that overlaps it; there is no paging. Includes telescopes that ConfigDB marks inactive, and downtimes of telescopes that are no longer in ConfigDB.",
  }),
  why: operation("getWhy", "Get whether a telescope is available at a time, and why not", {
    ...common(WhySchema, WhyQuery),
    description:
      "A downtime blocks from its `start` until just before its `end`. Codes repeat across sites: without `site` and `enclosure`, the answer has every telescope with the code.",
  }),
  report: operation("getReport", "Get the time lost to downtime", {
    ...report,
    description:
      "Time lost in a span by telescope and reason: seconds, dark seconds (the sun is below the limit of dark at the site, by default 12° below the horizon) and nights. A night lasts from one mean noon at the site to the next; it is lost by the part of its dark time that is lost, so that `nights_lost` is the sum of dark seconds lost over dark seconds of that night, and reports of adjoining spans add up. `nights_touched` counts nights that lost any dark time. Overlaps count once; by reason they count for the downtime that started first. Upcoming downtimes count too. Downtimes for one instrument type are listed separately and aren't in the CSV. `kinds` divides the losses into planned and unplanned ones, and `each_night` has the fraction of each night; `by` selects which of them are the lines of CSV.",
    answers: withCsv(report, reportCsv(exampleOf(ReportSchema) as Report)),
  }),
  vosi: operation("getVosiAvailability", "Get a telescope's availability for the Virtual Observatory", {
    tag: "Operation",
    description:
      "IVOA VOSI 1.1. A telescope is available unless a downtime blocks the whole of it or ConfigDB marks it inactive; downtimes that overlap or touch count as one. Without `telescope`: the service itself.",
    access: "public",
    query: vosiQuery,
    answers: {
      200: {
        description: "The availability.",
        content: textContent(
          "text/xml",
          vosiOf({ available: false, backAt: parseInstant("2027-01-15T09:45:00Z"), notes: ["Mirror wash"] }),
        ),
      },
    },
    errors: [
      refusal(
        new Malformed("Several telescopes are named 1m0a. Specify: site=nor&enclosure=doma, site=sud&enclosure=doma."),
        "Several telescopes have this code.",
      ),
      refusal(new NotFound("Telescope not found in ConfigDB."), "Telescope not found."),
    ],
  }),
};
