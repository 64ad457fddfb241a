/** Schemas of the answers of `/api/series/`. */

import { type TSchema, Type } from "@sinclair/typebox";
import { CategorySchema } from "../downtime/category.ts";
import { DraftSchema } from "../downtime/downtime.ts";
import { listSchema } from "../http/page-links.ts";
import { mostOverlaps } from "./preview.ts";
import { SeriesDraftSchema } from "./series.ts";
import { warningTexts } from "./warnings.ts";

const nullable = (schema: TSchema, description: string, example: unknown = null) =>
  Type.Union([schema, Type.Null()], { description, examples: [example] });
const date = () => Type.String({ format: "date" });
const instant = (description: string) => Type.String({ format: "date-time", description });
const count = (description: string, example = 0) => Type.Integer({ minimum: 0, description, examples: [example] });
/** Lists of what seldom occurs; the examples have none. */
const seldom = (description: string) => ({ description, examples: [[]] });

const category = Type.Optional(CategorySchema);
const part = {
  ...Type.Required(SeriesDraftSchema).properties,
  category,
  from: nullable(date(), "From this local date on it is planned so; null: from the beginning."),
};
const plan = {
  ...part,
  earlier: Type.Array(Type.Object(part), seldom("How it was planned for the days before, the first part first.")),
  ended: nullable(date(), "From this local date on nothing is planned any more; null: the rule's own end counts."),
};

/** What a client sends to change one. */
export const SeriesChangeSchema = Type.Partial(SeriesDraftSchema, {
  $id: "SeriesChange",
  examples: [{ reason: "Education, second term" }],
  description:
    "What shall change of a series: each field that is sent replaces the whole field; of a rule of the same kind, earlier parts take only what differs from the newest part's.",
});

const series = {
  id: Type.Integer({ description: "Never changes and is never used again." }),
  ...plan,
  created: instant("When it was stored."),
  modified: instant("When it was last changed."),
  created_by: nullable(Type.String(), "Who created it.", "ada"),
};
const SeriesSchema = Type.Object(series, {
  $id: "Series",
  description: "A plan, whose downtimes name it in `series`.",
});

const warning = nullable(Type.String(), "Why no downtime was changed; null where one was.");

export const SeriesDetailSchema = Type.Object(
  {
    ...series,
    history: Type.Array(
      Type.Object({
        action: Type.Union(["create", "change", "end", "delete"].map((action) => Type.Literal(action))),
        at: instant("When."),
        by: Type.String({ description: "Who.", examples: ["ada"] }),
        created: count("Downtimes that were created with it.", 77),
        changed: count("Downtimes that were changed with it."),
        deleted: count("Downtimes that were deleted with it."),
        ...plan,
        warning,
      }),
      { description: "Every version, the first one first." },
    ),
  },
  { $id: "SeriesDetail", description: "A series with its history." },
);

export const SeriesListSchema = listSchema(Type.Object({ ...series, downtimes: count("Downtimes that it has.", 77) }), {
  $id: "SeriesList",
  description: "A page of the list of series, newest first.",
});

const name = Type.String({ description: "Its name among the occurrences of the series; `from` takes it too." });
const window = { ...Type.Required(DraftSchema).properties, category };

/** What a write did, or would do. */
export const SeriesOutcomeSchema = Type.Object(
  {
    series: Type.Union([SeriesSchema, Type.Null()], {
      description: "As it is now; null after a dry run, and when it is deleted.",
    }),
    created: count("Downtimes that were created.", 77),
    changed: count("Downtimes that were changed."),
    deleted: count("Downtimes that were deleted."),
    unchanged: count("Downtimes that were right already."),
    begun: count("Those that stay as they are since they are active or past."),
    by_hand: Type.Array(
      Type.Object({ occurrence: name, id: Type.Union([Type.Integer(), Type.Null()]), ...window }),
      seldom("Those that stay as they are since somebody changed them, or deleted them: then `id` is null."),
    ),
    duplicates: count("Left out, since the very same downtime is stored already."),
    overlaps: count("Those that share time with other downtimes of the telescope."),
    own_overlaps: count("Those that share time with another one of the series."),
    light: count("Those of which a part isn't astronomical night."),
    inactive: count("Those on something that ConfigDB calls inactive."),
    clock: count("Those at a time that a change of the clock touches."),
    absences: Type.Array(
      Type.Object({ site: Type.String(), date: date(), why: Type.String({ description: "A sentence." }) }),
      seldom("Nights that are left out, since something that the rule names doesn't happen in them."),
    ),
    occurrences: Type.Optional(
      Type.Array(
        Type.Object({
          occurrence: name,
          date: date(),
          ...window,
          marks: Type.Array(Type.Union(Object.keys(warningTexts).map((mark) => Type.Literal(mark))), {
            description: Object.entries(warningTexts)
              .map(([mark, words]) => `\`${mark}\`: ${words}`)
              .join("; "),
          }),
          overlaps: Type.Array(Type.Integer(), {
            description: `The ids of downtimes that share time with it, ${mostOverlaps} at most.`,
          }),
          more_overlaps: Type.Integer({ minimum: 0, description: "How many more share time with it." }),
        }),
        { description: "All of them, the first ones first; after a dry run alone." },
      ),
    ),
    warning,
  },
  { $id: "SeriesOutcome", description: "What a write did to a series and its downtimes, or would do." },
);
