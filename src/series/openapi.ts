/** What the OpenAPI document says of `/api/series/`. */

import { Type } from "@sinclair/typebox";
import { defaultLimit, PageSchema } from "../downtime/filter.ts";
import { answer, etag, location, operation, refusal } from "../http/openapi.ts";
import { Conflict, Invalid } from "../input/problem.ts";
import { wordSchema } from "./rule-kind.ts";
import { SeriesChangeSchema, SeriesDetailSchema, SeriesListSchema, SeriesOutcomeSchema } from "./schema.ts";
import { kindNames, SeriesDraftSchema } from "./series.ts";

const read = { tag: "Series", access: "read" } as const;
const write = { tag: "Series", access: "write" } as const;
const pathId = "The ID of the series.";
const { limit, offset } = PageSchema.properties;
const rule = Type.Optional(
  wordSchema(kindNames, {
    description: "Only series with this kind of rule; may be repeated. Without it, all but `once`.",
    examples: ["once"],
  }),
);

const flag = (description: string, options = {}) =>
  Type.Optional(Type.Boolean({ description, examples: [true], ...options }));
const fromDate = (description: string) => Type.Optional(Type.String({ description, examples: ["2027-03-01"] }));
export const dry_run = flag("Preview only; nothing is saved.", { default: false });
const editQuery = {
  from: fromDate(
    "Edit this occurrence and those after it: a local date, or the name of an occurrence. Without it, all occurrences.",
  ),
  begun: flag(
    "Whether active and past downtimes are edited: `1` both, `0` neither; without it, active ones are and past ones aren't. Active ones keep their start and their telescope. They are deleted only with `1`.",
  ),
  dry_run,
};
const endQuery = {
  ...editQuery,
  from: fromDate(
    "As for an edit; or `now`: active downtimes end now, upcoming ones are deleted, and past ones stay. Without it, all downtimes.",
  ),
};

const badPlan = refusal(
  new Invalid({
    "rule.last": ["A series may reach 2 years ahead, to 2028-11-22 (this one reaches 2037-06-01)."],
    "scopes.0.site": ['"nop" is not a valid choice.'],
  }),
  "Invalid fields or parameters; each field is named by its path.",
);
const conflict = refusal(
  new Conflict("All of these downtimes already exist, so the series would have none of its own."),
  "All downtimes exist already, or there are too many together with those that stay.",
);

export const seriesOperations = {
  list: operation("listSeries", "List series", {
    ...read,
    description: "Newest first. For the downtimes of one series, use `/api/?series=` with its id.",
    query: { limit: Type.Optional({ ...limit, maximum: defaultLimit }), offset, rule },
    answers: { 200: answer("A page of the list.", SeriesListSchema) },
    errors: [
      refusal(new Invalid({ limit: ["Ensure this value is less than or equal to 1000."] }), "Invalid parameter."),
    ],
  }),
  create: operation("createSeries", "Create a series", {
    ...write,
    description:
      "Creates a downtime for each telescope and date, all of them or none: at least one, at most 5,000, at most 2 years ahead. Identical downtimes are never stored twice.",
    query: { dry_run },
    body: SeriesDraftSchema,
    answers: {
      200: answer("With `dry_run`: the result, which isn't saved.", SeriesOutcomeSchema),
      201: answer("The stored series.", SeriesOutcomeSchema, { ...etag, ...location }),
    },
    errors: [badPlan, conflict],
  }),
  show: operation("getSeries", "Get a series", {
    ...read,
    pathId,
    answers: { 200: answer("The series with its history.", SeriesDetailSchema, etag) },
  }),
  change: operation("changeSeries", "Edit a series", {
    ...write,
    description:
      "Send the fields to update. Downtimes are edited, created and deleted to match, and keep their ids. Downtimes that were edited or deleted individually stay so, and are listed; so do past ones unless `begun` says otherwise. `warning` says why no downtime was edited. To edit a single one, edit the downtime.",
    pathId,
    query: editQuery,
    ifMatch: true,
    body: SeriesChangeSchema,
    answers: { 200: answer("The result; with `dry_run` it isn't saved.", SeriesOutcomeSchema, etag) },
    errors: [badPlan, conflict],
  }),
  end: operation("endSeries", "End or delete a series", {
    ...write,
    description:
      "Deletes its downtimes, from a date on or all of them, except active and past ones and those that were edited individually. With `from=now` active ones end now. The series stays as long as it has a downtime; its history stays for ever.",
    pathId,
    query: endQuery,
    ifMatch: true,
    answers: { 200: answer("The result; with `dry_run` it isn't saved.", SeriesOutcomeSchema, etag) },
    errors: [refusal(new Invalid({ from: ["The series ended on 2027-03-01."] }), "Invalid parameter.")],
  }),
};
