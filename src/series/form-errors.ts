/** The errors of the form: by input, and in words that say what to type. */

import { endBeforeStart, maxReasonLength, unknownPlace } from "../downtime/downtime.ts";
import { acrossFields, type FieldErrors } from "../input/problem.ts";
import { linesIn } from "../input/text.ts";
import { parseDuration } from "../time/duration.ts";
import { kindIn, ruleInput, ruleTextsIn, type SeriesErrors, type SeriesFormInput } from "./form-input.ts";
import { isEndWord } from "./once-rule.ts";
import { ruleKinds } from "./series.ts";
import { readTyped, siteZone, type TypedContext, typedZone } from "./typed-times.ts";

/** Input → error. An error of a list that is typed line by line names the line. */
export function errorsByInput(errors: FieldErrors, input: SeriesFormInput, context: TypedContext): SeriesErrors {
  const found: Record<string, string> = {};
  for (const [path, [text = ""]] of Object.entries(errors)) {
    const [name, below] = inputFor(path === acrossFields ? (acrossInputs[text] ?? "form") : path, input);
    const line = below === "" ? undefined : linesIn(input[name])[Number.parseInt(below, 10)];
    found[name] ??= line ? `Line ${line.number}: ${text}` : wordsFor(name, text, input, context);
  }
  return found;
}

/** The inputs of rules across the fields of a downtime, by their texts in the API. */
const acrossInputs: SeriesErrors = { [endBeforeStart]: "end", [unknownPlace]: "telescope" };

/** The input for a path such as `rule.from.event` or `breaks.1.to`, and the rest of the path below it. */
function inputFor(path: string, input: SeriesFormInput): readonly [name: string, below: string] {
  const kind = kindIn(input);
  const { reachField, inputFor: mapped = (field: string) => field } = ruleKinds[kind];
  const field = path.startsWith("rule") && (path.slice("rule.".length) || reachField);
  // An error of a location as a whole is that of its site.
  const location = path.replace(/^scopes(\.\d+)?$/, (scopes) => `${scopes}.site`).replace(/^scopes\.(0\.)?(?=\D)/, "");
  const full = field ? ruleInput(kind, mapped(field, ruleTextsIn(input, kind))) : location;
  for (let name = full; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf("."))))
    if (name in input) return [name, full.slice(name.length + 1)];
  return ["form", ""];
}

/** What to do about an empty place of one downtime. */
const emptyPlaces: SeriesErrors = {
  site: "Select a site.",
  enclosure: "Select an enclosure.",
  telescope: "Select a telescope.",
};

/** What to do about a time that can't be read. */
const unreadTimes = (zone = "site time"): SeriesErrors => ({
  start: `Enter a date and time in ${zone}, such as 2026-11-23 08:15, Tue 09:00, or "now".`,
  end: `Enter an end time in ${zone}, such as 12:15 or Tue 15:00, or a duration such as 4 h.`,
});

/** What to do, in words for a form. */
function wordsFor(name: string, text: string, input: SeriesFormInput, context: TypedContext): string {
  const typed = (input[name] ?? "").trim().replace(name === "zone" ? siteZone : "", "");
  const kind = kindIn(input);
  const whenEmpty = ruleKinds[kind].whenEmpty[name.slice(ruleInput(kind, "").length)] ?? emptyPlaces[name];
  if (typed === "" && whenEmpty) return whenEmpty;
  const zone = typedZone(input, context);
  const isWord = kind === "once" && isEndWord(typed);
  const unread = parseDuration(typed) === undefined && !isWord && unreadTimes(zone)[name];
  if (unread && !readTyped(typed, zone, context.now))
    return readTyped(typed, "UTC", context.now) ? "Select a time zone: site time is unknown or differs." : unread;
  if (name === "until" && text.includes("UNTIL")) return "Enter a date such as 2027-06-01.";
  if (name === "end" && text.startsWith("Enter a time of day"))
    return "Enter an end after the start, or a duration such as 4 h.";
  if (name === "end" && text.startsWith(endBeforeStart)) return "End must be after start.";
  if (text.startsWith("At least one of site")) return "Select a site.";
  if (text === unknownPlace) return "This telescope isn't in ConfigDB.";
  const characters = [...typed].length;
  if (name === "reason" && characters > maxReasonLength)
    return `Maximum ${maxReasonLength.toLocaleString("en")} characters (you entered ${characters.toLocaleString("en")}).`;
  return text;
}
