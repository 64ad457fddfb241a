/** Shows the errors of the API beside the inputs of the series form. */

import { maxReasonLength } from "../downtime/downtime.ts";
import type { FieldErrors } from "../input/problem.ts";
import { linesIn } from "../input/text.ts";
import { kindIn, ruleInput, ruleTextsIn, type SeriesErrors, type SeriesFormInput } from "./form-input.ts";
import { ruleKinds } from "./rule.ts";

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
  const full = path === "scopes" ? "scopes.0" : path.startsWith("rule") ? inputForRule(path, input) : path;
  const isInput = (name: string) => name in input || /^scopes\.\d+$/.test(name);
  for (let name = full; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf("."))))
    if (isInput(name)) return [name, full.slice(name.length + 1)];
  return ["form", ""];
}

function inputForRule(path: string, input: SeriesFormInput): string {
  if (path === "rule.kind") return path;
  const kind = kindIn(input);
  const { reachField, inputFor: mapped = (field: string) => field } = ruleKinds[kind];
  return ruleInput(kind, mapped(path.slice("rule.".length) || reachField, ruleTextsIn(input, kind)));
}

/** What to do, in words for a form. */
function wordsFor(name: string, text: string, input: SeriesFormInput): string {
  const typed = (input[name] ?? "").trim();
  const kind = kindIn(input);
  const whenEmpty = ruleKinds[kind].whenEmpty[name.slice(ruleInput(kind, "").length)];
  if (typed === "" && whenEmpty) return whenEmpty;
  if (name === "rule.calendar.until" && text.includes("UNTIL")) return "Enter a date such as 2027-06-01.";
  const characters = [...typed].length;
  if (name === "reason" && characters > maxReasonLength)
    return `Maximum ${maxReasonLength.toLocaleString("en")} characters (you entered ${characters.toLocaleString("en")}).`;
  return text;
}
