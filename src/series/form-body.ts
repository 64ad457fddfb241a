/** Converts the input of the series form to the API's body, and back. */

import type { Facility } from "../facility/facility.ts";
import { linesIn } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { spellBreak, splitBreakLine } from "./breaks.ts";
import {
  emptySeriesFormInput,
  inputsOf,
  kindIn,
  locationsIn,
  ruleInput,
  ruleTextsIn,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { ruleKinds } from "./rule.ts";
import type { SeriesDraft } from "./series.ts";

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
    rule: nest({ kind: input["rule.kind"], ...ruleKinds[kind].toFields(texts, { scopes, facility, now }) }),
    breaks: linesIn(input.breaks).map(({ text }) => splitBreakLine(text)),
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
export function seriesFormInputOf({ reason, category, scopes, rule, breaks }: SeriesDraft, from = ""): SeriesFormInput {
  const texts = Object.entries(ruleKinds[rule.kind].toTexts(rule));
  return withLocations(
    {
      ...emptySeriesFormInput,
      from,
      reason,
      category: category ?? "",
      "rule.kind": rule.kind,
      ...Object.fromEntries(texts.map(([field, text]) => [ruleInput(rule.kind, field), text])),
      breaks: breaks.map(spellBreak).join("\n"),
    },
    scopes,
  );
}

/** The fields of a body whose inputs were edited; the others stay as stored, in each part of the plan. */
export function editedFields(body: Body, input: SeriesFormInput, before: SeriesFormInput): Body {
  const names = new Set([...inputsOf(input), ...inputsOf(before)]);
  const edited = new Set([...names].filter((name) => input[name] !== before[name]).map((name) => name.split(".")[0]));
  return Object.fromEntries(Object.entries(body).filter(([field]) => edited.has(field)));
}
