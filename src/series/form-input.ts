/** The input of the series form: the text of each input, by name. */

import { emptyPlace, forEachPlaceField, type Place, placeFields } from "../facility/facility.ts";
import { isEndWord } from "./once-rule.ts";
import type { Texts } from "./rule-kind.ts";
import { kindNames, type Rule, ruleKinds } from "./series.ts";

/** Exactly as typed. Boxes that are checked under the same name are joined by commas. */
export type SeriesFormInput = Texts;

/** Input → error, at most one each; `form`: of the form as a whole. */
export type SeriesErrors = Texts;

/** The input of a rule's field: `start`, which the kinds share; of a nightly rule, its path: `rule.night.from.event`. */
export const ruleInput = (kind: Rule["kind"], field: string): string =>
  kind === "night" ? `rule.night.${field}` : field;

/** The input of a part of a location: `site` of the first, `scopes.1.site` of the second. */
export const locationInput = (index: number, field: keyof Place): string =>
  index === 0 ? field : `scopes.${index}.${field}`;

const mostLocations = 100;

/** An empty form: every input but those of locations, in the order of the page. Inputs are named by their paths in the API. */
const emptyTexts: SeriesFormInput = {
  from: "",
  reason: "",
  category: "",
  repeat: "none",
  ...Object.fromEntries(
    kindNames.flatMap((kind) =>
      Object.entries(ruleKinds[kind].inputs).map(([field, text]) => [ruleInput(kind, field), text]),
    ),
  ),
  breaks: "",
  name: "",
};

const ruleInputs = new Set(kindNames.flatMap((kind) => inputsOfKind(kind)));

/** The field of the API that an input is a part of: `scopes`, `rule` or its own name. */
export function apiFieldOf(name: string): string {
  if (name.startsWith("scopes.") || placeFields.some((field) => field === name)) return "scopes";
  return name === "repeat" || ruleInputs.has(name) ? "rule" : name;
}

function inputsOfKind(kind: Rule["kind"]): readonly string[] {
  return Object.keys(ruleKinds[kind].inputs).map((field) => ruleInput(kind, field));
}

/** @param locations at least one */
export const withLocations = (input: SeriesFormInput, locations: readonly Partial<Place>[]): SeriesFormInput => ({
  ...Object.fromEntries(Object.entries(input).filter(([name]) => apiFieldOf(name) !== "scopes")),
  ...Object.fromEntries(
    (locations.length > 0 ? locations : [emptyPlace]).flatMap((location, index) =>
      placeFields.map((field) => [locationInput(index, field), location[field] ?? ""]),
    ),
  ),
});

export const emptySeriesFormInput = withLocations(emptyTexts, []);

/** The locations; an empty part means all. */
export function locationsIn(input: SeriesFormInput): readonly Place[] {
  const locations: Place[] = [];
  const isIn = (index: number) => placeFields.some((field) => locationInput(index, field) in input);
  for (let index = 0; index < mostLocations && isIn(index); index++)
    locations.push(forEachPlaceField((field) => input[locationInput(index, field)] ?? ""));
  return locations;
}

/** The input that a form sent; what it didn't send is as in an empty form. */
export function readSeriesFormInput(sent: URLSearchParams): SeriesFormInput {
  const textOf = (name: string, empty: string) => (sent.has(name) ? sent.getAll(name).join(",") : empty);
  const texts = Object.entries(emptyTexts).map(([name, empty]) => [name, textOf(name, empty)]);
  return withLocations(Object.fromEntries(texts), locationsIn(Object.fromEntries(sent)));
}

/** The kind of rule that the selected repetition is stored as. */
export function kindIn({ repeat }: SeriesFormInput): Rule["kind"] {
  if (repeat === "night") return repeat;
  return repeat === "none" ? "once" : "calendar";
}

/** Whether the input means one downtime: of one telescope, without a repetition, to an end that is a time or a duration. */
export function isSingle(input: SeriesFormInput): boolean {
  const [location, ...others] = locationsIn(input);
  const isOne = location?.site && location.enclosure && location.telescope && others.length === 0;
  return Boolean(isOne) && kindIn(input) === "once" && !isEndWord(input.end ?? "");
}

/** The texts of a kind's inputs, by their names below it. */
export const ruleTextsIn = (input: SeriesFormInput, kind: Rule["kind"]): Texts => ({
  repeat: input.repeat ?? "",
  ...Object.fromEntries(
    Object.keys(ruleKinds[kind].inputs).map((field) => [field, input[ruleInput(kind, field)] ?? ""]),
  ),
});

/** The inputs that count, in the order of the page: those of the selected kind alone. */
export function inputsOf(input: SeriesFormInput): readonly string[] {
  const own = inputsOfKind(kindIn(input));
  const locations = locationsIn(input).flatMap((_, index) => placeFields.map((field) => locationInput(index, field)));
  const counts = (name: string) => !ruleInputs.has(name) || own.includes(name);
  return [...locations, ...Object.keys(emptyTexts).filter(counts)];
}

/** Merges two edits of the same series; where both edited an input, mine wins. */
export function mergeSeriesFormInputs(
  before: SeriesFormInput,
  theirs: SeriesFormInput,
  mine: SeriesFormInput,
): SeriesFormInput {
  const merged = Object.keys(emptyTexts).map((name) => [name, (mine[name] === before[name] ? theirs : mine)[name]]);
  const locations = [before, theirs, mine].map((input) => JSON.stringify(locationsIn(input)));
  const ofLocations = locations[2] === locations[0] ? theirs : mine;
  return withLocations({ ...Object.fromEntries(merged), from: mine.from }, locationsIn(ofLocations));
}

/** The input after a button of the form; undefined: the button saves, as Enter does where nothing repeats. */
export function afterButton(button: string, input: SeriesFormInput): SeriesFormInput | undefined {
  if (button === "preview" || (button === "enter" && input.repeat !== "none")) return input;
  if (button === "add") return withLocations(input, [...locationsIn(input), emptyPlace]);
  const suggested = /^reason-(.*)$/s.exec(button)?.[1];
  if (suggested !== undefined) return { ...input, reason: suggested };
  const removed = /^remove-(\d+)$/.exec(button)?.[1];
  if (removed === undefined) return undefined;
  return withLocations(input, locationsIn(input).toSpliced(Number(removed), 1));
}

/** Focuses the last location after one was added or removed. */
export function focusAfter(input: SeriesFormInput, before: SeriesFormInput) {
  const count = locationsIn(input).length;
  return count === locationsIn(before).length ? {} : { focus: locationInput(count - 1, "site") };
}
