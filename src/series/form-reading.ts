/** Reads the series form by the rules of the API: its input as a body, and back; the errors by input; and a preview. */

import { maxReasonLength } from "../downtime/downtime.ts";
import { formInputFrom, type ParsedInput, readFormInput } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import type { Facility } from "../facility/facility.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import { linesIn } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { addDays, daysBetween } from "../time/zone.ts";
import {
  apiFieldOf,
  emptySeriesFormInput,
  inputsOf,
  kindIn,
  locationsIn,
  ruleInput,
  ruleTextsIn,
  type SeriesErrors,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { isDaytime } from "./night-rule.ts";
import { isEndWord } from "./once-rule.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import { type Part, type Plan, type PlannedSeries, partsOf, planEdit, planNew, readFrom } from "./plan.ts";
import type { PlanOutcome } from "./preview-view.tsx";
import type { StoredSeries } from "./rows.ts";
import type { FormContext } from "./rule-kind.ts";
import { ruleKinds, type SeriesDraft, spellBreak, splitBreakLine } from "./series.ts";
import {
  durationOf,
  siteZone,
  spellWall,
  timeOfDayIn,
  timesInUtc,
  typedZone,
  wallOfTyped,
  wordTimeErrors,
} from "./typed-times.ts";
import { addWarnings } from "./warnings.ts";

/** The stored series that is edited, in the version that the form shows. */
export interface Edited {
  readonly stored: StoredSeries;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  /** Whether downtimes that have begun are edited: all, none, or, empty, the active ones. */
  readonly begun: "" | "no" | "yes";
}

/** Field → value, as a client of the API sends it. */
type Body = Readonly<Record<string, unknown>>;

/** The body that the input means. What can't be read stays as typed, and is refused like any other value. */
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
  for (const [field, paths] of Map.groupBy(Object.keys(fields), (path) => path.split(".")[0] ?? "")) {
    const below = paths.filter((path) => path !== field).map((path) => [path.slice(field.length + 1), fields[path]]);
    object[field] = below.length > 0 ? nest(Object.fromEntries(below)) : fields[field];
  }
  return object;
}

/** The input of a form that shows a series. */
export function seriesFormInputOf(series: SeriesDraft, from = ""): SeriesFormInput {
  const { reason, category, scopes, rule, breaks, name = "" } = series;
  const repeat = rule.kind === "once" ? "none" : rule.kind;
  const texts = Object.entries({ repeat, ...ruleKinds[rule.kind].toTexts(rule) });
  return withLocations(
    {
      ...emptySeriesFormInput,
      from,
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
  const input = seriesFormInputOf(part, from);
  if (shown === "") return input;
  if (part.rule.kind === "calendar") return { ...input, start: shown + input.start?.slice(shown.length) };
  return part.rule.kind === "night" && !part.rule.nights ? { ...input, "rule.night.first": shown } : input;
}

/** The input with the times of the series' first occurrence, where the form shows those of a later one. */
function fromFirst(input: SeriesFormInput, { stored, shown }: Edited, context: FormContext): SeriesFormInput {
  const { rule } = partAt(stored, shown);
  if (rule.kind === "night" && input["rule.night.first"] === shown) return { ...input, "rule.night.first": rule.first };
  if (rule.kind !== "calendar" || shown === "") return input;
  const zone = typedZone(input, context);
  const first = rule.start.slice(0, 10);
  const shift = daysBetween(shown, first);
  const start = wallOfTyped(input.start ?? "", zone, context.now);
  if (!start || start.startsWith(first)) return input;
  const end = timeOfDayIn(input.end ?? "") === undefined && wallOfTyped(input.end ?? "", zone, context.now);
  const shifted = (wall: string) => spellWall(addDays(wall.slice(0, 10), shift) + wall.slice(10));
  return { ...input, start: shifted(start), ...(end && { end: shifted(end) }) };
}

/** The fields of a body whose inputs were edited; the others stay as stored, in each part of the plan. */
export function editedFields(body: Body, input: SeriesFormInput, before: SeriesFormInput): Body {
  const names = new Set([...inputsOf(input), ...inputsOf(before)]);
  const edited = new Set([...names].filter((name) => input[name] !== before[name]).map(apiFieldOf));
  return Object.fromEntries(Object.entries(body).filter(([field]) => edited.has(field)));
}

/** Input → error. An error of a list that is typed line by line names the line. */
export function errorsByInput(errors: FieldErrors, input: SeriesFormInput): SeriesErrors {
  const found: Record<string, string> = {};
  for (const [path, [text = ""]] of Object.entries(errors)) {
    const [name, below] = inputFor(path, input);
    const line = below === "" ? undefined : linesIn(input[name])[Number.parseInt(below, 10)];
    found[name] ??= line ? `Line ${line.number}: ${text}` : wordsFor(name, text, input);
  }
  return found;
}

/** The input for a path such as `rule.from.event` or `breaks.1.to`, and the rest of the path below it. */
function inputFor(path: string, input: SeriesFormInput): readonly [name: string, below: string] {
  const location = path === "scopes" ? "scopes.0" : path.replace(/^scopes\.0\./, "");
  const full = path.startsWith("rule") ? inputForRule(path, input) : location;
  const isInput = (name: string) => name in input || /^scopes\.\d+$/.test(name);
  for (let name = full; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf("."))))
    if (isInput(name)) return [name, full.slice(name.length + 1)];
  return ["form", ""];
}

function inputForRule(path: string, input: SeriesFormInput): string {
  const kind = kindIn(input);
  const { reachField, inputFor: mapped = (field: string) => field } = ruleKinds[kind];
  return ruleInput(kind, mapped(path.slice("rule.".length) || reachField, ruleTextsIn(input, kind)));
}

/** What to do, in words for a form. */
function wordsFor(name: string, text: string, input: SeriesFormInput): string {
  const typed = (input[name] ?? "").trim().replace(name === "zone" ? siteZone : "", "");
  const kind = kindIn(input);
  const whenEmpty = ruleKinds[kind].whenEmpty[name.slice(ruleInput(kind, "").length)];
  if (typed === "" && whenEmpty) return whenEmpty;
  if (name === "until" && text.includes("UNTIL")) return "Enter a date such as 2027-06-01.";
  if (name === "end" && text.startsWith("Enter a time of day"))
    return "Enter an end after the start, or a duration such as 4 h.";
  const characters = [...typed].length;
  if (name === "reason" && characters > maxReasonLength)
    return `Maximum ${maxReasonLength.toLocaleString("en")} characters (you entered ${characters.toLocaleString("en")}).`;
  return text;
}

/** What the input means: one downtime or a series to store, or errors. */
export interface SeriesReading {
  readonly input: SeriesFormInput;
  /** The local date of its first start; undefined if it isn't known. */
  readonly date: string | undefined;
  /** The duration of its times, unless it is typed. */
  readonly duration: string | undefined;
  readonly single?: ParsedInput;
  readonly series?: PlannedSeries;
  readonly errors: SeriesErrors;
}

/** The part of a plan that applies on a local date; for an empty date, the newest. */
export function partAt(plan: Plan, date: string): Part {
  const parts = partsOf(plan);
  const at = date === "" ? parts.at(-1) : parts.findLast(({ from }) => (from ?? "") <= date);
  return at ?? parts[0];
}

/** What the input's times depend on. @param facility undefined if ConfigDB has never answered */
export const contextOf = <Known extends Facility | undefined>(
  input: SeriesFormInput,
  facility: Known,
  now: Instant,
) => ({
  scopes: locationsIn(input),
  facility,
  now,
});

/** Whether the input means one downtime: of one telescope, without a repetition, to an end that is a time or a duration. */
function isSingle(input: SeriesFormInput): boolean {
  const [location, ...others] = locationsIn(input);
  const isOne = location?.site && location.enclosure && location.telescope && others.length === 0;
  return Boolean(isOne) && kindIn(input) === "once" && !isEndWord(input.end ?? "");
}

/** What happens to the name of an edited series; undefined if it stays. */
function describeRenaming({ name: before }: Plan, { name: after }: Plan): string | undefined {
  if (before === after) return undefined;
  return after ? `The name changes to “${after}”.` : "The name is removed.";
}

/** What the form edits: a series, one downtime, or nothing. */
interface Target {
  readonly edited?: Edited | undefined;
  readonly stored?: Stored | undefined;
}

export function createFormReader({ series, configdb, clock }: SeriesStaffServices) {
  /** @param input with the times of the first occurrence */
  const plan = (input: SeriesFormInput, context: FormContext, edited: Edited | undefined): PlannedSeries => {
    const { facility, now } = context;
    const body = bodyOf(input, facility, now);
    if (!edited) return planNew(body, facility, now);
    const { stored, shown, begun } = edited;
    const part = partAt(stored, shown);
    const from = input.from?.trim();
    const reach = { begun: begun === "" ? undefined : begun === "yes", ...(from && { from: readFrom(from) }) };
    return planEdit(stored, editedFields(body, input, seriesFormInputOf(part)), reach, facility, now, part);
  };

  const readSingle = (input: SeriesFormInput, now: Instant, stored: Stored | undefined): SeriesReading => {
    const context = contextOf(input, configdb.find(), now);
    const times = timesInUtc(input, context);
    const typed = { ...formInputFrom((field) => input[field] ?? ""), ...times };
    const single = readFormInput(typed, now, configdb.get, stored?.downtime);
    const date = wallOfTyped(input.start ?? "", typedZone(input, context), now)?.slice(0, 10);
    const errors = wordTimeErrors({ ...single.errors }, input, context);
    return { input, date, duration: durationOf(input, context), single, errors };
  };

  const readSeries = (input: SeriesFormInput, now: Instant, edited: Edited | undefined): SeriesReading => {
    const context = contextOf(input, configdb.get(), now);
    const meant = edited ? fromFirst(input, edited, context) : input;
    const date = wallOfTyped(meant.start ?? "", typedZone(input, context), now)?.slice(0, 10);
    const about = { input, date, duration: durationOf(input, context) };
    try {
      return { ...about, series: plan(meant, context, edited), errors: {} };
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      return { ...about, errors: wordTimeErrors(errorsByInput(error.errors, input), input, context) };
    }
  };

  return {
    read: (input: SeriesFormInput, now: Instant, { edited, stored }: Target): SeriesReading =>
      stored || (!edited && isSingle(input)) ? readSingle(input, now, stored) : readSeries(input, now, edited),

    /** What would happen to the downtimes; undefined where the input has errors. */
    async preview({ series: planned }: SeriesReading, edited?: Edited): Promise<PlanOutcome | undefined> {
      if (!planned) return undefined;
      const id = edited?.stored.id;
      const now = { at: clock() };
      const outcome =
        id === undefined ? await series.tryAdd(planned, now) : await series.tryChange(id, now, () => planned);
      const marked = addWarnings(outcome, await series.overlapping(outcome.planned, id), configdb.get());
      // Work by clock time, such as a visit at noon, isn't meant to be dark.
      const isOfNight = planned.plan.rule.kind === "night" && !isDaytime(planned.plan.rule);
      const withoutLight = marked.map((one) => ({ ...one, marks: one.marks.filter((mark) => mark !== "light") }));
      return {
        ...outcome,
        marked: isOfNight ? marked : withoutLight,
        renaming: edited && describeRenaming(edited.stored, planned.plan),
      };
    },
  };
}
