/** Reads the form by the rules of the API: its input as a body, and back. */

import { type CheckedDraft, checkChange, checkDraft, type Draft, draftFields } from "../downtime/downtime.ts";
import { readEnd, readTypedTime } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import type { Configdb } from "../facility/configdb.ts";
import type { Facility } from "../facility/facility.ts";
import { fillPlace } from "../facility/places.ts";
import { Invalid } from "../input/problem.ts";
import { linesIn } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { addDays, daysBetween } from "../time/zone.ts";
import { errorsByInput } from "./form-errors.ts";
import {
  apiFieldOf,
  emptySeriesFormInput,
  inputsOf,
  isSingle,
  kindIn,
  locationsIn,
  ruleInput,
  ruleTextsIn,
  type SeriesErrors,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { type Plan, type PlannedSeries, type PlanPart, partsOf, planEdit, planNew, readFrom } from "./plan.ts";
import type { StoredSeries } from "./rows.ts";
import { ruleKinds, type SeriesDraft, spellBreak, splitBreakLine } from "./series.ts";
import {
  readTyped,
  spellWall,
  type TypedContext,
  timeOfDayIn,
  timesInUtc,
  typedZone,
  wallOfTyped,
} from "./typed-times.ts";

/** The stored series that is edited, in the version that the form shows. */
export interface Edited {
  readonly stored: StoredSeries;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  /** Whether downtimes that have begun are edited: all, none, or, empty, the active ones. */
  readonly begun: "" | "no" | "yes";
}

type Body = Readonly<Record<string, unknown>>;

/** Returns the input as a request body. Invalid input stays as typed, so that it gets the API's errors. */
export function bodyOf(input: SeriesFormInput, facility: Facility, now: Instant): Body {
  const kind = kindIn(input);
  const scopes = locationsIn(input);
  const texts = ruleTextsIn(input, kind);
  return {
    reason: input.reason,
    category: input.category,
    scopes,
    rule: nest({ kind, ...ruleKinds[kind].toFields(texts, { scopes, facility, now }) }),
    breaks: linesIn(input.breaks).map(({ text }) => splitBreakLine(text)),
    name: input.name,
  };
}

/** Path → value, as an object: `from.event` is the field `event` of `from`. */
function nest(fields: Body): Body {
  const object: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(fields)) {
    const [field = "", below] = path.split(".");
    object[field] = below ? { ...Object(object[field]), [below]: value } : value;
  }
  return object;
}

/** The inverse of `bodyOf`: the form's input for a series. */
export function seriesFormInputOf(series: SeriesDraft): SeriesFormInput {
  const { reason, category, scopes, rule, breaks, name = "" } = series;
  const repeat = rule.kind === "once" ? "none" : rule.kind;
  const texts = Object.entries({ repeat, ...ruleKinds[rule.kind].toTexts(rule) });
  return withLocations(
    {
      ...emptySeriesFormInput,
      reason,
      category: category ?? "",
      ...Object.fromEntries(
        texts.map(([field, text]) => [field === "repeat" ? field : ruleInput(rule.kind, field), text]),
      ),
      breaks: breaks.map(spellBreak).join("\n"),
      name,
    },
    scopes,
  );
}

/**
 * The input of a form that edits a series. From a date on, it begins with the occurrence of that date.
 * @param shown that date; empty: the newest part as it is stored
 */
export function editedInputOf(plan: Plan, shown: string, from = ""): SeriesFormInput {
  const part = partAt(plan, shown);
  const input: SeriesFormInput = { ...seriesFormInputOf(part), from };
  if (shown === "") return input;
  if (part.rule.kind === "calendar") return { ...input, start: shown + input.start?.slice(shown.length) };
  return part.rule.kind === "night" && !part.rule.nights ? { ...input, "rule.night.first": shown } : input;
}

/** The input with the times of the series' first occurrence, where the form shows those of a later one. */
function fromFirst(input: SeriesFormInput, { stored, shown }: Edited, context: TypedContext): SeriesFormInput {
  const { rule } = partAt(stored, shown);
  if (rule.kind === "night" && input["rule.night.first"] === shown) return { ...input, "rule.night.first": rule.first };
  if (rule.kind !== "calendar") return input;
  const zone = typedZone(input, context);
  const first = rule.start.slice(0, 10);
  const shift = daysBetween(shown || first, first);
  const shifted = (wall: string) => spellWall(addDays(wall.slice(0, 10), shift) + wall.slice(10));
  // A time of day alone keeps the date, and a weekday is the first one from it on.
  const day = readTyped(`${shown || first} 00:00`, zone, context.now);
  const start = wallOfTyped(input.start ?? "", zone, context.now, day);
  if (!start) return input;
  const from = readTyped(start, zone, context.now);
  const end = timeOfDayIn(input.end ?? "") ? undefined : wallOfTyped(input.end ?? "", zone, context.now, from);
  return { ...input, ...(zone && { zone }), start: shifted(start), ...(end && { end: shifted(end) }) };
}

/** The fields of a body whose inputs were edited; the others stay as stored, in each part of the plan. */
export function editedFields(body: Body, input: SeriesFormInput, before: SeriesFormInput): Body {
  const names = new Set([...inputsOf(input), ...inputsOf(before)]);
  const edited = new Set([...names].filter((name) => input[name] !== before[name]).map(apiFieldOf));
  return Object.fromEntries(Object.entries(body).filter(([field]) => edited.has(field)));
}

/** What the input means: one downtime or a series to store, or errors. */
export interface SeriesReading {
  readonly input: SeriesFormInput;
  /** The local date of its first start; undefined if it isn't known. */
  readonly date: string | undefined;
  readonly draft?: CheckedDraft;
  readonly series?: PlannedSeries;
  readonly errors: SeriesErrors;
}

/** The part of a plan that applies on a local date; for an empty date, the newest. */
function partAt(plan: Plan, date: string): PlanPart {
  const parts = partsOf(plan);
  const at = date === "" ? parts.at(-1) : parts.findLast(({ from }) => (from ?? "") <= date);
  return at ?? parts[0];
}

/** What the input's times depend on. @param facility undefined if ConfigDB hasn't been reached yet */
export const contextOf = (input: SeriesFormInput, facility: Facility | undefined, now: Instant): TypedContext => ({
  scopes: locationsIn(input),
  facility,
  now,
});

/** What the form edits: a series, one downtime, or nothing. */
export interface Target {
  readonly edited?: Edited | undefined;
  readonly stored?: Stored | undefined;
}

/** Reads the form. @throws Unavailable if it needs ConfigDB, which hasn't been reached yet */
export function readForm(
  typed: SeriesFormInput,
  configdb: Pick<Configdb, "find" | "get">,
  now: Instant,
  { edited, stored }: Target,
): SeriesReading {
  const [place, ...others] = locationsIn(typed);
  const fills = !stored && !edited && place?.telescope && others.length === 0;
  const filled = fills ? withLocations(typed, [fillPlace(configdb.find(), place)]) : typed;
  const isOne = stored !== undefined || (!edited && isSingle(filled));
  const input = isOne ? filled : typed;
  const context = contextOf(input, isOne ? configdb.find() : configdb.get(), now);
  const meant = edited ? fromFirst(input, edited, context) : input;
  const date = wallOfTyped(meant.start ?? "", typedZone(input, context), now)?.slice(0, 10);
  const about = { input, date, errors: {} };
  try {
    if (isOne) return { ...about, draft: readDraft(input, context, configdb.get, stored?.downtime) };
    return { ...about, series: planOf(meant, configdb.get(), now, edited) };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { ...about, errors: errorsByInput(error.errors, input, context) };
  }
}

/** @param stored the downtime to edit @throws Invalid */
function readDraft(
  input: SeriesFormInput,
  context: TypedContext,
  facility: () => Facility,
  stored: Draft | undefined,
): CheckedDraft {
  const { start, end } = timesInUtc(input, context);
  const from = readTypedTime(start, context.now) ?? context.now;
  // A duration is valid even if the start isn't.
  const body = {
    ...Object.fromEntries(draftFields.map((field) => [field, input[field]])),
    start,
    end: readEnd(end, from, context.now) ?? end,
  };
  return stored ? checkChange(stored, body, facility) : checkDraft(body, facility());
}

/** @param input with the times of the first occurrence @throws Invalid */
function planOf(input: SeriesFormInput, facility: Facility, now: Instant, edited: Edited | undefined): PlannedSeries {
  const body = bodyOf(input, facility, now);
  if (!edited) return planNew(body, facility, now);
  const { stored, shown, begun } = edited;
  const part = partAt(stored, shown);
  const from = input.from?.trim();
  const reach = { begun: begun === "" ? undefined : begun === "yes", ...(from && { from: readFrom(from) }) };
  return planEdit(stored, editedFields(body, input, seriesFormInputOf(part)), reach, facility, now, part);
}
