/** What the OpenAPI document says of `/api/series/`. */

import { Type } from "@sinclair/typebox";
import { defaultLimit, PageSchema } from "../downtime/filter.ts";

import {
  answer,
  etag,
  forbidden,
  ifMatch,
  parameter,
  preconditionFailed,
  problem,
  reads,
  throttled,
  tooLarge,
  unauthenticated,
  unavailable,
  unreadable,
  writes,
} from "../http/openapi.ts";

const draft = {
  reason: "Education",
  scopes: [{ site: "sud", telescope: "1m0a" }],
  rule: {
    kind: "night",
    first: "2027-01-12",
    last: "2027-06-01",
    weekdays: ["TU", "WE", "TH", "FR"],
    from: { event: "astronomical_dusk", offset_minutes: 30 },
    minutes: 30,
  },
  breaks: [{ from: "2027-03-22", to: "2027-03-26", name: "Spring holidays" }],
};
const plan = { ...draft, from: null, earlier: [], ended: null };
const series = {
  id: 1,
  ...plan,
  created: "2026-11-22T20:18:03Z",
  modified: "2026-11-22T20:18:03Z",
  created_by: "ada",
};
const outcome = {
  series,
  created: 77,
  changed: 0,
  deleted: 0,
  unchanged: 0,
  begun: 0,
  by_hand: [],
  duplicates: 0,
  overlaps: 2,
  own_overlaps: 0,
  light: 0,
  inactive: 0,
  clock: 0,
  absences: [],
  warning: null,
};

const flag = (name: string, description: string) =>
  parameter(name, Type.Boolean({ description, default: false, examples: [true] }));
const dryRun = flag("dry_run", "Says what would be done, with every occurrence, and does nothing.");
const from = parameter(
  "from",
  Type.String({
    description:
      "This one and the following: those from this local date on, or from that of the occurrence that is named. Without it: all.",
    examples: ["2027-03-01"],
  }),
);
const begun = parameter(
  "begun",
  Type.Boolean({
    description:
      "Whether active and past downtimes are edited: `1` both, `0` neither; without it, active ones are and past ones aren't. An active one keeps its start and its telescope. They are deleted with `1` only.",
    examples: [true],
  }),
);
const endFrom = parameter(
  "from",
  Type.String({
    description:
      "As for an edit; or `now`: active downtimes end now, later ones are deleted, and past ones stay. Without it: all.",
    examples: ["2027-03-01"],
  }),
);

// Any: the document shows an integer, while the route itself answers 404 to whatever is none.
const idParameter = {
  params: Type.Object({
    id: Type.Any({ type: "integer", minimum: 1, description: "The id of the series.", examples: [1] }),
  }),
};

const notFound = problem("There is no such series.", "Not found.");
const badPlan = answer("The plan breaks rules; each bad field is named by its path.", "FieldErrors", {
  "rule.last": ["It reaches 2037-06-01. A series may reach 2 years ahead, to 2028-11-22."],
  "scopes.0.site": ['"nop" is not a valid choice.'],
});
const conflict = problem(
  "There is nothing in it that isn't stored already, or too much together with what stays.",
  "All of these downtimes are stored already, and none would belong to the series.",
);
const refusals = { 401: unauthenticated, 403: forbidden, 429: throttled, 503: unavailable };
const bodyRefusals = { ...refusals, 400: badPlan, 409: conflict, 413: tooLarge, 415: unreadable };

/** What the document says of each route; routes spread it into their options. */
export const seriesDetailOf = {
  list: {
    detail: {
      tags: ["Series"],
      operationId: "listSeries",
      summary: "List series",
      description: "The newest first. The downtimes of one: `/api/?series=` with its id.",
      parameters: [
        parameter("limit", { ...PageSchema.properties.limit, maximum: defaultLimit }),
        parameter("offset", PageSchema.properties.offset),
      ],
      security: reads,
      responses: {
        200: answer("The part of the list that was asked for.", "SeriesList", {
          count: 1,
          next: null,
          previous: null,
          results: [{ ...series, downtimes: 77 }],
        }),
        401: unauthenticated,
        429: throttled,
        503: unavailable,
      },
    },
  },
  create: {
    detail: {
      tags: ["Series"],
      operationId: "createSeries",
      summary: "Plan a series",
      description:
        "Expands the plan into a downtime for each telescope and occurrence, and stores all of them or none: at most 5,000, at most 2 years ahead, at least one. The very same downtime is never stored twice.",
      parameters: [dryRun],
      security: writes,
      requestBody: {
        required: true,
        content: { "application/json": { schema: { $ref: "#/components/schemas/SeriesDraft" }, example: draft } },
      },
      responses: {
        200: answer("What would be done.", "SeriesOutcome", { ...outcome, series: null, occurrences: [] }),
        201: {
          ...answer("The series as it was stored.", "SeriesOutcome", outcome),
          headers: { ...etag, Location: { description: "Where it is.", schema: { type: "string" as const } } },
        },
        ...bodyRefusals,
      },
    },
  },
  show: {
    ...idParameter,
    detail: {
      tags: ["Series"],
      operationId: "getSeries",
      summary: "Get one series",
      security: reads,
      responses: {
        200: {
          ...answer("The series, with its history.", "SeriesDetail", {
            ...series,
            history: [
              { action: "create", at: series.created, by: "ada", created: 77, changed: 0, deleted: 0, ...plan },
            ],
          }),
          headers: etag,
        },
        401: unauthenticated,
        404: notFound,
        429: throttled,
        503: unavailable,
      },
    },
  },
  change: {
    ...idParameter,
    detail: {
      tags: ["Series"],
      operationId: "changeSeries",
      summary: "Change a series",
      description:
        "Send the fields that change. Its downtimes are changed, created and deleted as the new plan says, and keep their ids. What somebody changed or deleted by hand stays so, and is listed; so do past ones, unless `begun` says otherwise. `warning` says why none was changed. To change one alone, change the downtime.",
      parameters: [from, begun, dryRun, ifMatch],
      security: writes,
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/SeriesChange" },
            example: { reason: "Education, second term" },
          },
        },
      },
      responses: {
        200: {
          ...answer("What was done, or would be.", "SeriesOutcome", {
            ...outcome,
            series: { ...series, reason: "Education, second term" },
            created: 0,
            changed: 77,
          }),
          headers: etag,
        },
        404: notFound,
        412: preconditionFailed,
        ...bodyRefusals,
      },
    },
  },
  end: {
    ...idParameter,
    detail: {
      tags: ["Series"],
      operationId: "endSeries",
      summary: "End or delete a series",
      description:
        "Deletes its downtimes, from a date on or all of them, but active and past ones and those that somebody changed by hand. With `from=now` the active ones end now. The series stays as long as it has a downtime; its history stays for ever.",
      parameters: [endFrom, begun, dryRun, ifMatch],
      security: writes,
      responses: {
        200: {
          ...answer("What was done, or would be.", "SeriesOutcome", {
            ...outcome,
            series: { ...series, ended: "2027-03-01" },
            created: 0,
            deleted: 50,
          }),
          headers: etag,
        },
        400: answer("A parameter is wrong.", "FieldErrors", { from: ["The series ended on 2027-03-01."] }),
        404: notFound,
        412: preconditionFailed,
        ...refusals,
      },
    },
  },
};
