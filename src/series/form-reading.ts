/** Series readings: what an entry means once it is booked, or what is wrong with it, field by field of the form. */

import { longestReason } from "../downtime/downtime.ts";
import type { Facility, Place } from "../facility/facility.ts";
import { acrossFields, type FieldErrors, Invalid } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";
import { bodyOf, type SeriesBody, type SeriesErrors } from "./form-body.ts";
import { dayFields, placeFieldName, type SeriesFormInput, type SeriesText, seriesFormInputOf } from "./form-input.ts";
import { type Part, type Plan, partsOf } from "./plan.ts";
import type { PlannedSeries } from "./planned.ts";

type Body = Readonly<Record<string, unknown>>;

/** What an entry means; a booking, where nothing is wrong. */
export interface SeriesReading {
  readonly entry: SeriesFormInput;
  readonly booking?: PlannedSeries;
  /** At most one text a field; `form`: of none of them. */
  readonly errors: SeriesErrors;
}

/**
 * Reads an entry by the same rules as everything that is stored.
 * @param book what the plan books: of a new series, or of one that is changed
 * @param shown the part of a stored plan that the form showed; only what was changed in it is booked anew
 */
export function readSeriesEntry(
  entry: SeriesFormInput,
  facility: Facility,
  now: Instant,
  book: (body: Body) => PlannedSeries,
  shown?: Part,
): SeriesReading {
  const { body, errors: unread, lines } = bodyOf(entry, facility, now);
  const sent = shown ? changedIn(body, entry, seriesFormInputOf(shown)) : body;
  try {
    const booking = book(sent);
    const read = "rule" in sent ? unread : {};
    return Object.keys(read).length > 0 ? { entry, errors: read } : { entry, booking, errors: {} };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { entry, errors: { ...wordErrors(error.errors, entry, lines), ...("rule" in sent ? unread : {}) } };
  }
}

/** The part of a plan that holds on a local date, as a form shows it; of no date, the newest. */
export function partAt(plan: Plan, date: string): Part {
  const parts = partsOf(plan);
  const at = date === "" ? parts.at(-1) : parts.findLast(({ from }) => (from ?? "") <= date);
  return at ?? parts[0];
}

/** The fields in which two entries differ: what nobody touched stays as it is stored, in each part of the plan. */
function changedIn(
  body: SeriesBody["body"],
  entry: SeriesFormInput,
  before: SeriesFormInput,
): Partial<SeriesBody["body"]> {
  const isSame = (of: (entry: SeriesFormInput) => unknown) => JSON.stringify(of(entry)) === JSON.stringify(of(before));
  const { reason, scopes, rule, breaks } = body;
  return {
    ...(isSame(({ texts }) => texts.reason) ? {} : { reason }),
    ...(isSame(({ places }) => places) ? {} : { scopes }),
    ...(isSame(ruleTexts) ? {} : { rule }),
    ...(isSame(({ texts }) => texts.breaks) ? {} : { breaks }),
  };
}

/** What a rule is typed in: that of its own kind alone. */
function ruleTexts({ texts, days }: SeriesFormInput): unknown {
  const { from, reason, breaks, ...rest } = texts;
  const ofKind = Object.entries(rest).filter(([field]) => kindOf[field as keyof typeof rest] === texts.kind);
  return [texts.kind, ofKind, dayFields.map((field) => (field.startsWith(texts.kind) ? days[field] : []))];
}

type RuleText = Exclude<SeriesText, "from" | "reason" | "breaks">;
const kindOf: Readonly<Record<RuleText, string>> = {
  kind: "",
  first: "night",
  last: "night",
  from_offset: "night",
  from_side: "night",
  from_event: "night",
  ends: "night",
  night_length: "night",
  to_offset: "night",
  to_side: "night",
  to_event: "night",
  start: "calendar",
  length: "calendar",
  repeat: "calendar",
  until: "calendar",
  rrule: "calendar",
  exdates: "calendar",
  rdates: "calendar",
  zone: "calendar",
  once_start: "once",
  once_end: "once",
};

type Kind = "once" | "calendar" | "night";

/** The form's field for each part of a rule; the empty part is the rule itself, of which the end is the first to mend. */
const ruleFields: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  once: { "": "once_end", start: "once_start", end: "once_end" },
  calendar: {
    start: "start",
    minutes: "length",
    until_time: "length",
    zone: "zone",
    exdates: "exdates",
    rdates: "rdates",
  },
  night: {
    "": "last",
    first: "first",
    last: "last",
    weekdays: "night_days",
    "from.event": "from_event",
    "from.offset_minutes": "from_offset",
    "to.event": "to_event",
    "to.offset_minutes": "to_offset",
    minutes: "night_length",
  },
};

function wordErrors(errors: FieldErrors, entry: SeriesFormInput, lines: SeriesBody["lines"]): SeriesErrors {
  const worded: Record<string, string> = {};
  for (const [path, [text = ""]] of Object.entries(errors)) {
    const { field, line } = fieldOf(path, entry.texts);
    const number = line === undefined ? undefined : lines[field as SeriesText]?.[line];
    worded[field] ??= number === undefined ? wordOf(field, text, entry.texts) : `Line ${number}: ${text}`;
  }
  return worded;
}

/** The form's field for a path such as `scopes.0.site`, `rule.from.event`, `breaks.1.to`, and the place in its list. */
function fieldOf(path: string, texts: SeriesFormInput["texts"]): { readonly field: string; readonly line?: number } {
  const [head = "", ...rest] = path.split(".");
  const index = Number(rest[0] ?? 0);
  switch (head) {
    case acrossFields:
      return { field: "form" };
    case "scopes":
      return { field: rest[1] === undefined ? `place-${index}` : placeFieldName(rest[1] as keyof Place, index) };
    case "breaks":
      return rest.length > 0 ? { field: "breaks", line: index } : { field: "breaks" };
    case "rule": {
      const kind: Kind = texts.kind === "once" || texts.kind === "calendar" ? texts.kind : "night";
      const [part = "", place] = rest;
      if ((part === "exdates" || part === "rdates") && place !== undefined) return { field: part, line: Number(place) };
      const known = ruleFields[kind][rest.join(".")] ?? ruleFields[kind][part];
      return { field: known ?? (kind === "calendar" ? (texts.repeat === "other" ? "rrule" : "until") : "kind") };
    }
    default:
      return { field: head };
  }
}

const noPlace = "Name at least one: a site, an enclosure, a telescope or an instrument type.";

/** In words for whoever fills in a form. */
function wordOf(field: string, text: string, texts: SeriesFormInput["texts"]): string {
  const typed = (texts[field as SeriesText] ?? "").trim();
  if (field === "first" && typed === "") return "Say when the first night is.";
  if (field === "last" && typed === "") return "Say when the last night is.";
  if (field === "start" && typed === "") return "Say when the first one starts.";
  if (field === "until" && /^UNTIL can't be/.test(text)) return "That is no date. Write it as 2027-06-01.";
  if (field === "rrule" && typed === "") return "Write a rule, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU.";
  if (field === "reason" && [...typed].length > longestReason)
    return `At most ${longestReason} characters; these are ${[...typed].length}.`;
  return text === noPlace ? "Choose at least one: a site, an enclosure, a telescope or an instrument type." : text;
}
