/** Schemas of the responses of `/api/series/`. */

import { type TSchema, Type } from "@sinclair/typebox";
import { CategorySchema, DraftSchema } from "../downtime/downtime.ts";
import { listSchema } from "../http/json.ts";
import { wordSchema } from "./rule-kind.ts";
import { NameSchema, SeriesDraftSchema } from "./series.ts";
import { maxOverlaps, warningTexts } from "./warnings.ts";

const nullable = (schema: TSchema, description: string, example: unknown = null) =>
  Type.Union([schema, Type.Null()], { description, examples: [example] });
const date = () => Type.String({ format: "date" });
const instant = (description: string) => Type.String({ format: "date-time", description });
const count = (description: string, example = 0) => Type.Integer({ minimum: 0, description, examples: [example] });
/** For lists that are usually empty, as in the examples. */
const seldom = (description: string) => ({ description, examples: [[]] });

const category = Type.Optional(CategorySchema);
const { name: _, ...required } = Type.Required(SeriesDraftSchema).properties;
const part = {
  ...required,
  category,
  from: nullable(date(), "The local date from which these fields apply; null: from the beginning."),
};
const plan = {
  ...part,
  earlier: Type.Array(Type.Object(part), seldom("The fields that applied before, in order.")),
  ended: nullable(date(), "The first local date without occurrences; null: the rule itself has the end."),
  name: Type.Optional(NameSchema),
};

/** What a client sends to edit a series. */
export const SeriesChangeSchema = Type.Partial(SeriesDraftSchema, {
  $id: "SeriesChange",
  examples: [{ reason: "Education, second term" }],
  description:
    "Fields to update. Each replaces the whole field; of a rule of the same kind, earlier parts take only what differs from the newest part's.",
});

const series = {
  id: Type.Integer({ description: "Never changes and is never reused." }),
  ...plan,
  created: instant("When it was created."),
  modified: instant("When it was last edited."),
  created_by: nullable(Type.String(), "Who created it.", "ada"),
};
const SeriesSchema = Type.Object(series, {
  $id: "Series",
  description: "A series. Its downtimes have its id in `series`.",
});

const warning = nullable(Type.String(), "Why no downtime was edited; null where one was.");

export const SeriesDetailSchema = Type.Object(
  {
    ...series,
    history: Type.Array(
      Type.Object({
        action: wordSchema(["create", "change", "end", "delete"]),
        at: instant("When."),
        by: Type.String({ description: "Who.", examples: ["ada"] }),
        created: count("Downtimes that were created with it.", 77),
        changed: count("Downtimes that were changed with it."),
        deleted: count("Downtimes that were deleted with it."),
        ...plan,
        warning,
        change_set: nullable(
          Type.Integer(),
          "Identifies what was done together, for an undo; null for old versions.",
          17,
        ),
      }),
      { description: "Every version, in order." },
    ),
  },
  { $id: "SeriesDetail", description: "A series with its history." },
);

export const SeriesListSchema = listSchema(
  Type.Object({ ...series, downtimes: count("The number of its downtimes.", 77) }),
  {
    $id: "SeriesList",
    description: "A page of the list of series, newest first.",
  },
);

const name = Type.String({ description: "The name of the occurrence, which `from` also accepts." });
const window = { ...Type.Required(DraftSchema).properties, category };

/** What a write did, or would do. */
export const SeriesOutcomeSchema = Type.Object(
  {
    series: Type.Union([SeriesSchema, Type.Null()], {
      description: "The series afterwards; null after a dry run, and when it was deleted.",
    }),
    created: count("Downtimes created.", 77),
    changed: count("Downtimes edited."),
    deleted: count("Downtimes deleted."),
    unchanged: count("Downtimes already as planned."),
    begun: count("Kept, since they are active or past."),
    by_hand: Type.Array(
      Type.Object({ occurrence: name, id: Type.Union([Type.Integer(), Type.Null()]), ...window }),
      seldom(
        "Kept, since they were edited individually; or skipped, since they were deleted individually: then `id` is null.",
      ),
    ),
    duplicates: count("Skipped, since an identical downtime already exists."),
    overlaps: count("Occurrences that overlap other downtimes of the telescope."),
    own_overlaps: count("Occurrences that overlap each other."),
    light: count("Occurrences partly outside dark time, at the limit of dark of the site."),
    inactive: count("Occurrences on telescopes or instruments that are inactive in ConfigDB."),
    clock: count("Occurrences affected by a clock change."),
    absences: Type.Array(
      Type.Object({ site: Type.String(), date: date(), why: Type.String({ description: "A sentence." }) }),
      seldom("Nights that are skipped, since an event of the rule doesn't happen."),
    ),
    occurrences: Type.Optional(
      Type.Array(
        Type.Object({
          occurrence: name,
          date: date(),
          ...window,
          marks: Type.Array(wordSchema(Object.keys(warningTexts)), {
            description: Object.entries(warningTexts)
              .map(([mark, words]) => `\`${mark}\`: ${words}`)
              .join("; "),
          }),
          overlaps: Type.Array(Type.Integer(), {
            description: `The ids of downtimes that overlap it, at most ${maxOverlaps}.`,
          }),
          more_overlaps: Type.Integer({ minimum: 0, description: "How many more overlap it." }),
        }),
        { description: "All occurrences in order; only after a dry run." },
      ),
    ),
    warning,
  },
  { $id: "SeriesOutcome", description: "What a write did to a series and its downtimes, or would do." },
);
