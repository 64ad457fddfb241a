/** A downtime: a window of time in which a telescope, or one instrument type on it, may not be used, and why. */

import { type Static, Type } from "@sinclair/typebox";
import { type Facility, type PlaceField, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { type Instant, parseInstant } from "../time/instant.ts";
import { CategorySchema, readCategory, SentCategorySchema } from "./category.ts";

/** A reason's greatest length in characters. */
export const maxReasonLength = 3000;

const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: [example] });
const code = (description: string, example: string) => Type.String({ description, examples: [example] });

const window = {
  start: instant("First moment of the downtime, UTC.", "2027-01-15T08:45:00Z"),
  end: instant("Moment at which the downtime is over, UTC; after `start`.", "2027-01-15T09:45:00Z"),
};
const place = {
  site: code("Site code, as in ConfigDB.", "sud"),
  enclosure: code("Enclosure code, as in ConfigDB.", "doma"),
  telescope: code("Telescope code, as in ConfigDB.", "1m0a"),
};
const instrumentType = { default: "", examples: ["", "1M0-CAMERA"] };
const reason = { default: "", maxLength: maxReasonLength, examples: ["Mirror wash"] };

/** What a client sends to create a downtime. */
export const DraftSchema = Type.Object(
  {
    ...window,
    ...place,
    instrument_type: Type.Optional(
      Type.String({
        description: "Instrument type code, as in ConfigDB; empty for the whole telescope.",
        ...instrumentType,
      }),
    ),
    reason: Type.Optional(Type.String({ description: "Why, for people to read.", ...reason })),
    category: Type.Optional(SentCategorySchema),
  },
  { $id: "DowntimeDraft", description: "A downtime to be created." },
);

/** What a client sends to change one. */
export const ChangeSchema = Type.Partial(DraftSchema, {
  $id: "DowntimeChange",
  description: "Fields to update.",
  examples: [{ end: "2027-01-15T10:15:00Z" }],
});

/** A stored downtime, as every answer shows it. */
export const DowntimeSchema = Type.Object(
  {
    id: Type.Integer({ description: "Never changes and is never used again.", examples: [1] }),
    ...window,
    ...place,
    instrument_type: Type.String({
      description: "Instrument type code; empty: the whole telescope.",
      ...instrumentType,
    }),
    reason: Type.String({ description: "Why, for people to read.", ...reason }),
    created: instant("When it was stored.", "2026-11-22T20:18:03Z"),
    modified: instant("When it was last changed.", "2026-11-22T20:18:03Z"),
    series: Type.Optional(
      Type.Integer({ description: "The series that it belongs to; left out where it belongs to none." }),
    ),
    category: Type.Optional(CategorySchema),
  },
  { $id: "Downtime", description: "A period in which a telescope, or one instrument type on it, is unavailable." },
);
export type Downtime = Readonly<Static<typeof DowntimeSchema>>;
/** What can be stored: optional fields without a default are absent where none is set. */
export type Draft = Readonly<Required<Omit<SentDraft, "category">> & Pick<SentDraft, "category">>;
type SentDraft = Static<typeof DraftSchema>;

declare const checked: unique symbol;
/** A draft that keeps every rule: the only thing that can be stored. */
export type CheckedDraft = Draft & { readonly [checked]: true };

/** The fields of a draft, in the order in which every answer, file and form shows them. */
export const draftFields = Object.keys(DraftSchema.properties) as (keyof Draft)[];
/** The field as a text, empty where none is set. */
export const textOf = (draft: Draft, field: keyof Draft): string => draft[field] ?? "";
/** The fields that a draft must have. */
export const requiredFields: readonly string[] = DraftSchema.required ?? [];
const required = new Set(requiredFields);

/** What must be known of the facility to check a draft. */
type Places = Pick<Facility, "knows" | "has">;

/** Optional fields without a default: empty and null mean that none is set. */
const clearable = new Set(
  draftFields.filter((field) => !required.has(field) && !("default" in DraftSchema.properties[field])),
);

type Read<T> = (value: unknown, places: Places) => T | Refusal;

/** Reads an instant as bodies bring it. */
export const readInstant = (value: unknown): Instant | Refusal =>
  (typeof value === "string" && parseInstant(value)) ||
  new Refusal(
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
  );

const readCode =
  (field: PlaceField): Read<string> =>
  (value, places) => {
    const text = readText(value);
    if (text instanceof Refusal || places.knows(field, text) || (text === "" && !required.has(field))) return text;
    return new Refusal(`"${text}" is not a valid choice.`);
  };

const readers: { readonly [Field in keyof Draft]-?: Read<Draft[Field]> } = {
  start: readInstant,
  end: readInstant,
  site: readCode("site"),
  enclosure: readCode("enclosure"),
  telescope: readCode("telescope"),
  instrument_type: readCode("instrument_type"),
  reason: (value) => readText(value, maxReasonLength),
  category: readCategory,
};

/**
 * Checks what a client, a form, a file or the command line wants to store against every rule.
 * @param body field → value; fields that nobody may set are ignored
 * @throws Invalid naming every bad field at once, or else the first rule across fields that is broken
 */
export function checkDraft(body: Readonly<Record<string, unknown>>, places: Places): CheckedDraft {
  const draft: Record<string, string> = {};
  const errors: Record<string, string[]> = {};
  for (const field of draftFields) {
    const value = Object.hasOwn(body, field) ? body[field] : undefined;
    if (value === undefined) {
      if (required.has(field)) errors[field] = ["This field is required."];
      else if (!clearable.has(field)) draft[field] = DraftSchema.properties[field].default;
    } else if (value === null && !clearable.has(field)) errors[field] = ["This field may not be null."];
    else {
      const read = readers[field](value, places);
      if (read instanceof Refusal) errors[field] = [read.text];
      else if (read !== undefined) draft[field] = read;
    }
  }
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  const complete = draft as Draft;
  const broken = brokenRule(complete, places);
  if (broken) throw new Invalid({ [acrossFields]: [broken] });
  return complete as CheckedDraft;
}

/**
 * Checks what somebody wants to change of a stored downtime, by the rules for a new one. The place where it is may stay,
 * even if ConfigDB no longer knows it; another one must exist.
 * @param facility is asked only when the place changes
 * @throws Invalid
 */
export function checkChange(
  stored: Draft,
  body: Readonly<Record<string, unknown>>,
  facility: () => Facility,
): CheckedDraft {
  const sent = draftFields.filter((field) => Object.hasOwn(body, field) && body[field] !== undefined);
  const places: Places = {
    knows: (field, code) => code === stored[field] || facility().knows(field, code),
    has: (place) => placeFields.every((field) => place[field] === stored[field]) || facility().has(place),
  };
  return checkDraft({ ...stored, ...Object.fromEntries(sent.map((field) => [field, body[field]])) }, places);
}

export const endBeforeStart = "End time must be after start time";
export const unknownPlace =
  "The site, enclosure, telescope, and instrument_type combination does not exist in Configdb";

/**
 * The first rule across fields that a downtime breaks, in words.
 * @param places undefined when ConfigDB has never answered: then nobody can say that a place doesn't exist
 */
export function brokenRule(draft: Draft, places: Places | undefined): string | undefined {
  if (draft.end <= draft.start) return endBeforeStart;
  return !places || places.has(draft) ? undefined : unknownPlace;
}

/** Where a downtime stands in time. */
export type State = "past" | "now" | "upcoming";

/** A downtime that ends now is over; one that starts now is on. */
export const stateOf = ({ start, end }: Pick<Draft, "start" | "end">, now: Instant): State =>
  end <= now ? "past" : start <= now ? "now" : "upcoming";

/** A place in one line, for people: `ogg · clma · 2m0a`, and the instrument type where there is one. */
export const describePlace = (draft: Pick<Draft, PlaceField>): string =>
  placeFields
    .map((field) => draft[field])
    .filter(Boolean)
    .join(" · ");
