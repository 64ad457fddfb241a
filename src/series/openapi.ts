/** What the OpenAPI document says of `/api/series/`. */

import { type TSchema, Type } from "@sinclair/typebox";
import { CategorySchema, DraftSchema } from "../downtime/downtime.ts";
import { defaultLimit, PageSchema } from "../downtime/filter.ts";
import { listSchema } from "../http/json.ts";
import { answer, etag, location, operation, refusal } from "../http/openapi.ts";
import { Conflict, Invalid } from "../input/problem.ts";
import { wordSchema } from "./rule-kind.ts";
import { kindNames, NameSchema, SeriesDraftSchema } from "./series.ts";
import { maxOverlaps, warningTexts } from "./warnings.ts";

const nullable = (schema: TSchema, description: string, example: unknown = null) =>
  Type.Union([schema, Type.Null()], { description, examples: [example] });
const text = (description: string, examples: readonly string[] = []) => Type.String({ description, examples });
const date = Type.String({ format: "date" });
const instant = (description: string) => Type.String({ format: "date-time", description });
const count = (description: string, example = 0) => Type.Integer({ minimum: 0, description, examples: [example] });
/** A list that is usually empty, as in the examples. */
const seldom = (item: TSchema, description: string) => Type.Array(item, { description, examples: [[]] });

const category = Type.Optional(CategorySchema);
const { name: _, ...required } = Type.Required(SeriesDraftSchema).properties;
const part = {
  ...required,
  category,
  from: nullable(date, "The local date from which these fields apply; null: from the beginning."),
};
const plan = {
  ...part,
  earlier: seldom(Type.Object(part), "The fields that applied before, in order."),
  ended: nullable(date, "The first local date without occurrences; null: the rule itself has the end."),
  name: Type.Optional(NameSchema),
};
const series = {
  id: Type.Integer({ description: "Never changes and is never reused." }),
  ...plan,
  created: instant("When it was created."),
  modified: instant("When it was last edited."),
  created_by: nullable(Type.String(), "Who created it.", "ada"),
};
const described = { $id: "Series", description: "A series. Its downtimes have its id in `series`." };
const SeriesSchema = Type.Object(series, described);

const SeriesChangeSchema = Type.Partial(SeriesDraftSchema, {
  $id: "SeriesChange",
  examples: [{ reason: "Education, second term" }],
  description:
    "Fields to update. Each replaces the whole field; of a rule of the same kind, earlier parts take only what differs from the newest part's.",
});

const warning = nullable(Type.String(), "Why no downtime was edited; null where one was.");
const counts = {
  created: count("Downtimes created.", 77),
  changed: count("Downtimes edited."),
  deleted: count("Downtimes deleted."),
};
const version = Type.Object({
  action: wordSchema(["create", "change", "end", "delete"]),
  at: instant("When."),
  by: text("Who.", ["ada"]),
  ...counts,
  ...plan,
  warning,
  change_set: nullable(Type.Integer(), "Identifies what was done together, for an undo; null for old versions.", 17),
});
const SeriesDetailSchema = Type.Object(
  { ...series, history: Type.Array(version, { description: "Every version, in order." }) },
  { $id: "SeriesDetail", description: "A series with its history." },
);

const listed = Type.Object({ ...series, downtimes: count("The number of its downtimes.", 77) });
const SeriesListSchema = listSchema(listed, { $id: "SeriesList", description: "A page of series, newest first." });

const occurrence = text("The name of the occurrence, which `from` also accepts.");
const window = { ...Type.Required(DraftSchema).properties, category };
const meanings = Object.entries(warningTexts).map(([warning, words]) => `\`${warning}\`: ${words}`);
const planned = Type.Object({
  occurrence,
  date,
  ...window,
  marks: Type.Array(wordSchema(Object.keys(warningTexts)), { description: meanings.join("; ") }),
  overlaps: Type.Array(Type.Integer(), { description: `The ids of up to ${maxOverlaps} downtimes that overlap it.` }),
  more_overlaps: Type.Integer({ minimum: 0, description: "How many more overlap it." }),
});

const SeriesOutcomeSchema = Type.Object(
  {
    series: Type.Union([SeriesSchema, Type.Null()], {
      description: "The series afterwards; null after a dry run, and when it was deleted.",
    }),
    ...counts,
    unchanged: count("Downtimes already as planned."),
    begun: count("Kept, since they are active or past."),
    by_hand: seldom(
      Type.Object({ occurrence, id: Type.Union([Type.Integer(), Type.Null()]), ...window }),
      "Kept, since they were edited individually; or skipped, since they were deleted individually: then `id` is null.",
    ),
    duplicates: count("Skipped, since an identical downtime already exists."),
    overlaps: count("Occurrences that overlap other downtimes of the telescope."),
    own_overlaps: count("Occurrences that overlap each other."),
    light: count("Occurrences partly outside dark time, at the limit of dark of the site."),
    inactive: count("Occurrences on telescopes or instruments that are inactive in ConfigDB."),
    clock: count("Occurrences affected by a clock change."),
    absences: seldom(
      Type.Object({ site: Type.String(), date, why: text("A sentence.") }),
      "Nights that are skipped, since an event of the rule doesn't happen.",
    ),
    occurrences: Type.Optional(Type.Array(planned, { description: "All occurrences in order; only after a dry run." })),
    warning,
  },
  { $id: "SeriesOutcome", description: "What a write did to a series and its downtimes, or would do." },
);

const read = { tag: "Series", access: "read" } as const;
const write = { tag: "Series", access: "write" } as const;
const one = { pathId: "The ID of the series." };
const { limit, offset } = PageSchema.properties;
const rule = Type.Optional(
  wordSchema(kindNames, {
    description: "Only series with this kind of rule; may be repeated. Without it, all but `once`.",
    examples: ["once"],
  }),
);

const flag = (description: string, options = {}) =>
  Type.Optional(Type.Boolean({ description, examples: [true], ...options }));
const from = (description: string) => Type.Optional(text(description, ["2027-03-01"]));
export const dry_run = flag("Preview only; nothing is saved.", { default: false });
const editQuery = {
  from: from(
    "Edit this occurrence and those after it: a local date, or the name of an occurrence. Without it, all occurrences.",
  ),
  begun: flag(
    "Whether active and past downtimes are edited: `1` both, `0` neither; without it, active ones are and past ones aren't. Active ones keep their start and their telescope. They are deleted only with `1`.",
  ),
  dry_run,
};
const endQuery = {
  ...editQuery,
  from: from(
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
const badQuery = (field: string, error: string) => refusal(new Invalid({ [field]: [error] }), "Invalid parameter.");
const done = { 200: answer("The result; with `dry_run` it isn't saved.", SeriesOutcomeSchema, etag) };

export const seriesOperations = {
  list: operation("listSeries", "List series", {
    ...read,
    description: "Newest first. For the downtimes of one series, use `/api/?series=` with its id.",
    query: { limit: Type.Optional({ ...limit, maximum: defaultLimit }), offset, rule },
    answers: { 200: answer("A page of the list.", SeriesListSchema) },
    errors: [badQuery("limit", "Ensure this value is less than or equal to 1000.")],
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
    ...one,
    answers: { 200: answer("The series with its history.", SeriesDetailSchema, etag) },
  }),
  change: operation("changeSeries", "Edit a series", {
    ...write,
    ...one,
    description:
      "Send the fields to update. Downtimes are edited, created and deleted to match, and keep their ids. Downtimes that were edited or deleted individually stay so, and are listed; so do past ones unless `begun` says otherwise. `warning` says why no downtime was edited. To edit a single one, edit the downtime.",
    query: editQuery,
    ifMatch: true,
    body: SeriesChangeSchema,
    answers: done,
    errors: [badPlan, conflict],
  }),
  end: operation("endSeries", "End or delete a series", {
    ...write,
    ...one,
    description:
      "Deletes its downtimes, from a date on or all of them, except active and past ones and those that were edited individually. With `from=now` active ones end now. The series stays as long as it has a downtime; its history stays forever.",
    query: endQuery,
    ifMatch: true,
    answers: done,
    errors: [badQuery("from", "The series ended on 2027-03-01.")],
  }),
};
