/** A downtime: a period in which a telescope, or one instrument type on it, is unavailable, and why. */

import { type Static, Type } from "@sinclair/typebox";
import { type Facility, type PlaceField, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { type Instant, moved, parseInstant } from "../time/instant.ts";

export const categories = ["maintenance", "engineering", "weather", "education", "fault", "closure"] as const;
export type Category = (typeof categories)[number];
const category = { description: "What kind of downtime it is", examples: ["maintenance"] };

/** The field in responses; absent if no category is set. */
export const CategorySchema = Type.Unsafe<Category>({
  type: "string",
  enum: categories,
  ...category,
  description: `${category.description}; absent where none is set.`,
});

/** The field in requests. */
export const SentCategorySchema = Type.Unsafe<Category>({
  type: ["string", "null"],
  enum: [...categories, "", null],
  ...category,
  description: `${category.description}; empty or null for none.`,
});

/** Returns the category with this name; undefined if there is none. */
export const findCategory = (text: string): Category | undefined => categories.find((category) => category === text);

/** Reads a category from a request body; undefined for none. */
export function readCategory(value: unknown): Category | undefined | Refusal {
  const text = readText(value ?? "");
  return text instanceof Refusal || text === "" ? text || undefined : (findCategory(text) ?? notAChoice(text));
}

const notAChoice = (text: string) => new Refusal(`"${text}" is not a valid choice.`);

/** Maximum length of a reason, in characters. */
export const maxReasonLength = 3000;

const instant = (description: string, example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description, examples: [example] });
const code = (description: string, example: string) => Type.String({ description, examples: [example] });

const required = {
  start: instant("Start time (UTC), inclusive.", "2027-01-15T08:45:00Z"),
  end: instant("End time (UTC), exclusive; after `start`.", "2027-01-15T09:45:00Z"),
  site: code("Site code, as in ConfigDB.", "sud"),
  enclosure: code("Enclosure code, as in ConfigDB.", "doma"),
  telescope: code("Telescope code, as in ConfigDB.", "1m0a"),
};
const instrument = "Instrument type code, as in ConfigDB; empty for the whole telescope.";
const withDefault = {
  instrument_type: { ...code(instrument, ""), default: "", examples: ["", "1M0-CAMERA"] },
  reason: { ...code("Human-readable reason.", "Mirror wash"), default: "", maxLength: maxReasonLength },
};

/** The request body that creates a downtime. */
export const DraftSchema = Type.Object(
  {
    ...required,
    instrument_type: Type.Optional(withDefault.instrument_type),
    reason: Type.Optional(withDefault.reason),
    category: Type.Optional(SentCategorySchema),
  },
  { $id: "DowntimeDraft", description: "A downtime to create." },
);

/** The request body that edits a downtime. */
export const ChangeSchema = Type.Partial(DraftSchema, {
  $id: "DowntimeChange",
  description: "Fields to update.",
  examples: [{ end: "2027-01-15T10:15:00Z" }],
});

/** A stored downtime, as in every response. */
export const DowntimeSchema = Type.Object(
  {
    id: Type.Integer({ description: "Unique ID. Never changes and is never reused.", examples: [1] }),
    ...required,
    ...withDefault,
    created: instant("Creation time (UTC).", "2026-11-22T20:18:03Z"),
    modified: instant("Time of the last edit (UTC).", "2026-11-22T20:18:03Z"),
    series: Type.Optional(Type.Integer({ description: "ID of its series; absent if it has none." })),
    category: Type.Optional(CategorySchema),
  },
  { $id: "Downtime", description: "A period in which a telescope, or one instrument type on it, is unavailable." },
);
export type Downtime = Readonly<Static<typeof DowntimeSchema>>;
/** The fields that can be stored. Optional fields without a default are absent if not set. */
export type Draft = Readonly<Required<Omit<SentDraft, "category">> & Pick<SentDraft, "category">>;
type SentDraft = Static<typeof DraftSchema>;

declare const checked: unique symbol;
/** A draft that passed all checks. The store accepts nothing else. */
export type CheckedDraft = Draft & { readonly [checked]: true };

/** The fields of a draft, in the order of responses, files and forms. */
export const draftFields = Object.keys(DraftSchema.properties) as (keyof Draft)[];
/** Returns a field as text; empty if not set. */
export const textOf = (draft: Draft, field: keyof Draft): string => draft[field] ?? "";
/** The required fields of a draft. */
export const requiredFields: readonly string[] = Object.keys(required);

type Places = Pick<Facility, "knows" | "has">;
type Read<T> = (value: unknown, places: Places) => T | Refusal;

/** Reads a time from a request body. */
export const readInstant = (value: unknown): Instant | Refusal =>
  (typeof value === "string" && parseInstant(value)) ||
  new Refusal(
    "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
  );

const readCode =
  (field: PlaceField): Read<string> =>
  (value, places) => {
    const text = readText(value);
    if (text instanceof Refusal || places.knows(field, text) || (text === "" && !(field in required))) return text;
    return notAChoice(text);
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

function readField(field: keyof Draft, value: unknown, places: Places): string | undefined | Refusal {
  if (value === undefined && field in required) return new Refusal("This field is required.");
  if (value === undefined) return DraftSchema.properties[field].default;
  // Null unsets an optional field without a default.
  if (value === null && (field in required || field in withDefault)) return new Refusal("This field may not be null.");
  return readers[field](value, places);
}

/**
 * Checks the fields of a new downtime from the API, a form, a file or the command line.
 * @param body field → value; read-only fields are ignored
 * @throws Invalid with the errors of all fields, or else of the first broken rule across fields
 */
export function checkDraft(body: Readonly<Record<string, unknown>>, places: Places): CheckedDraft {
  const draft: Record<string, string> = {};
  const errors: Record<string, string[]> = {};
  for (const field of draftFields) {
    const read = readField(field, Object.hasOwn(body, field) ? body[field] : undefined, places);
    if (read instanceof Refusal) errors[field] = [read.text];
    else if (read !== undefined) draft[field] = read;
  }
  if (Object.keys(errors).length > 0) throw new Invalid(errors);
  // Cast: every field was read.
  const complete = draft as CheckedDraft;
  const broken = brokenRule(complete, places);
  if (broken) throw new Invalid({ [acrossFields]: [broken] });
  return complete;
}

/**
 * Checks an edit of a stored downtime, by the rules for a new one. Its telescope may stay even if it is no longer in
 * ConfigDB; a different telescope must exist.
 * @param facility called only if the telescope changes
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

/** The texts of rules across fields. Clients of OCS Downtime parse them. */
export const endBeforeStart = "End time must be after start time";
export const unknownPlace =
  "The site, enclosure, telescope, and instrument_type combination does not exist in Configdb";

/**
 * Returns the error of the first rule across fields that a downtime breaks.
 * @param places undefined until ConfigDB has been reached: then any telescope is accepted
 */
export function brokenRule(draft: Draft, places: Places | undefined): string | undefined {
  if (draft.end <= draft.start) return endBeforeStart;
  return !places || places.has(draft) ? undefined : unknownPlace;
}

/** The state of a downtime. `now` is active. */
export type State = "past" | "now" | "upcoming";

/** Returns the state. A downtime that starts now is active; one that ends now is past. */
export const stateOf = ({ start, end }: Pick<Draft, "start" | "end">, now: Instant): State =>
  end <= now ? "past" : start <= now ? "now" : "upcoming";

/** The end of an active downtime that ends now: at least a second after its start. */
export const endingNow = ({ start }: Pick<Draft, "start">, now: Instant): Instant =>
  start < now ? now : moved(start, 1000);

/** Returns the reason as pages, calendars and VOSI show it. */
export const spellReason = (reason?: string): string => reason || "No reason";

/** Formats a telescope: `ogg · clma · 2m0a`, followed by the instrument type if any. */
export const describePlace = (draft: Pick<Draft, PlaceField>): string =>
  placeFields
    .map((field) => draft[field])
    .filter(Boolean)
    .join(" · ");
