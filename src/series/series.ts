/** Series: create a downtime for each telescope and date. */

import { type Static, Type } from "@sinclair/typebox";
import { describePlace, maxReasonLength, readCategory, SentCategorySchema } from "../downtime/downtime.ts";
import { emptyPlace, type Facility, type Place, type PlaceField, placeFields } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { isRefused, type Reader, Refusals, readChoice, readList, readObject } from "../input/readers.ts";
import { counted, isRecord, Refusal, readText, shortened } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { type CalendarRule, CalendarSchema, calendarKind } from "./calendar-rule.ts";
import { type NightRule, NightSchema, nightKind } from "./night-rule.ts";
import { type OnceRule, OnceSchema, onceKind, withSiteEnds } from "./once-rule.ts";
import { dateSchema, type RuleKind, refuse } from "./rule-kind.ts";

const code = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));

/** Blocks each telescope (or instrument type) that matches. A part that is absent or empty matches all. */
const ScopeSchema = Type.Object(
  {
    site: code("Site code.", "sud"),
    enclosure: code("Enclosure code.", "doma"),
    telescope: code("Telescope code.", "1m0a"),
    instrument_type: code("Instrument type code: blocks only this, on each telescope that has it.", "1M0-CAMERA"),
  },
  {
    description: "At least one part is required. Inactive telescopes are included only by their full name.",
    examples: [{ site: "sud", telescope: "1m0a" }],
  },
);
type Scope = Readonly<Static<typeof ScopeSchema>>;

const readScope =
  (facility: Facility): Reader<Scope> =>
  (value) => {
    const codeOf = (field: PlaceField) => (sent: unknown) => {
      const text = readText(sent);
      if (text instanceof Refusal || facility.knows(field, text)) return text;
      return new Refusal(`"${text}" is not a valid choice.`);
    };
    const readers = Object.fromEntries(placeFields.map((field) => [field, codeOf(field)]));
    const scope = readObject<Scope>(ScopeSchema, readers)(value);
    if (isRefused(scope)) return scope;
    const named = placeFields.flatMap((field) => scope[field] ?? []);
    if (named.length === 0)
      return new Refusal("At least one of site, enclosure, telescope and instrument type is required.");
    if (placesIn([scope], facility).length > 0) return scope;
    const isInactive = facility.places().some((place) => isIn(place, scope));
    const full = " Only inactive telescopes do: to include one, enter its site, enclosure and telescope.";
    return new Refusal(`No telescope matches ${named.join(" · ")}.${isInactive ? full : ""}`);
  };

/** Without an instrument type, a scope blocks whole telescopes. */
const isIn = (place: Place, { instrument_type = "", ...scope }: Scope): boolean =>
  instrument_type === place.instrument_type &&
  placeFields.every((field) => field === "instrument_type" || !scope[field] || scope[field] === place[field]);

const isFullName = ({ site, enclosure, telescope }: Scope) => site && enclosure && telescope;

/** Returns each place that matches any of the scopes, in ConfigDB's order. */
export function placesIn(scopes: readonly Scope[], facility: Facility): readonly Place[] {
  const wanted = (place: Place) =>
    scopes.some((scope) => isIn(place, scope) && (isFullName(scope) || facility.isActive(place)));
  return facility.places().filter(wanted);
}

/** The limit of downtimes per series. */
export const mostRows = 5000;
/** How far ahead a series may reach, in years. */
export const mostYears = 2;
const mostScopes = 100;
const mostBreaks = 100;
const maxNameLength = 100;

/** When a series happens: nightly, by clock time, or one time. */
export type Rule = NightRule | CalendarRule | OnceRule;

/** The kinds of rules, in the order of the form; the first is the default. */
export const ruleKinds: Readonly<Record<Rule["kind"], RuleKind<Rule>>> = {
  night: nightKind,
  calendar: calendarKind,
  once: onceKind,
};
export const kindNames = Object.keys(ruleKinds) as Rule["kind"][];

const readRule =
  (now: Instant): Reader<Rule> =>
  (value) => {
    if (!isRecord(value)) return new Refusal("Not an object.");
    if (!Object.hasOwn(value, "kind")) return refuse("kind", "This field is required.");
    const kind = readChoice(kindNames)(value.kind);
    return kind instanceof Refusal ? refuse("kind", kind.text) : ruleKinds[kind].read(value, now);
  };

/** Days on which a series has no occurrences, such as school holidays. The local date of the night, or of the start, decides. */
const BreakSchema = Type.Object({
  from: dateSchema("The first day.", "2027-03-22"),
  to: dateSchema("The last day.", "2027-03-26"),
  name: Type.Optional(Type.String({ maxLength: 200, examples: ["Spring holidays"] })),
});
export type Break = Readonly<Static<typeof BreakSchema>>;

const readBreak: Reader<Break> = (value) => {
  const read = readObject<Break>(BreakSchema)(value);
  if (isRefused(read) || read.from <= read.to) return read;
  return refuse("to", "The last day must not be before the first.");
};

/** Whether a local date is in one of the breaks. */
export const isInBreak = (breaks: readonly Break[], date: string): boolean =>
  breaks.some(({ from, to }) => from <= date && date <= to);

const linePattern = /^(\d{4}-\d\d?-\d\d?)(?:\s*(?:[–—/,;-]|\.\.|\bto\b|\s)\s*(\d{4}-\d\d?-\d\d?))?[\s,;:]*(.*)$/s;

/** Splits a line such as `2027-03-22 – 2027-03-26 Spring holidays`; one that can't be split stays whole, to be refused. */
export function splitBreakLine(line: string): Readonly<Record<"from" | "to" | "name", string>> {
  const [, from = line, to = from, name = ""] = linePattern.exec(line) ?? [];
  return { from, to, name };
}

/** `2027-03-22 – 2027-03-26 Spring holidays` */
export const spellBreak = ({ from, to, name = "" }: Break): string =>
  `${from}${to === from ? "" : ` – ${to}`} ${name}`.trim();

export const NameSchema = Type.String({
  maxLength: maxNameLength,
  read: (name: unknown) => readText(name, maxNameLength) || undefined,
  description: "The name of the series and of its calendar; absent if none is set.",
  examples: ["Mirror washing"],
});

/** What a client sends to create a series. */
export const SeriesDraftSchema = Type.Object(
  {
    reason: Type.Optional(Type.String({ default: "", maxLength: maxReasonLength, examples: ["Education"] })),
    scopes: Type.Array(ScopeSchema, { minItems: 1, maxItems: mostScopes }),
    rule: Type.Union([NightSchema, CalendarSchema, OnceSchema]),
    breaks: Type.Optional(Type.Array(BreakSchema, { default: [], maxItems: mostBreaks })),
    category: Type.Optional({ ...SentCategorySchema, read: readCategory }),
    name: Type.Optional(NameSchema),
  },
  { $id: "SeriesDraft", description: "A series to be created." },
);
type SentSeries = Static<typeof SeriesDraftSchema>;
/** A series as it is stored: optional fields without a default are absent where none is set. */
export type SeriesDraft = Readonly<
  Required<Omit<SentSeries, "category" | "name">> & Pick<SentSeries, "category" | "name">
>;

const seriesFields = Object.keys(SeriesDraftSchema.properties) as (keyof SeriesDraft)[];

/** Returns the fields that clients send. Cast: `Object.fromEntries` loses the types of the keys. */
export const draftOf = (series: SeriesDraft): SeriesDraft =>
  Object.fromEntries(
    seriesFields.map((field) => [field, series[field]]).filter(([, value]) => value !== undefined),
  ) as unknown as SeriesDraft;

/** Read-only fields of responses, ignored in requests, so that a response can be sent back. */
const readOnlyFields = [
  ...["id", "version", "created", "modified", "created_by", "from", "earlier", "ended", "downtimes", "history"],
  ...["action", "at", "by", "changed", "deleted", "warning", "change_set"],
];

/**
 * Checks a series, except for how many downtimes it has and how far it reaches, which `expand` checks.
 * @param now what `now` means, and from when a sunrise is searched
 * @throws Invalid with every invalid field, by its path: `rule.rrule`, `scopes.0.site`, `breaks.1.to`
 */
export function checkSeries(body: unknown, facility: Facility, now: Instant): SeriesDraft {
  const scopes = readList(readScope(facility), mostScopes, 1);
  const own = { scopes, rule: readRule(now), breaks: readList(readBreak, mostBreaks) };
  const read = readObject<SeriesDraft>(SeriesDraftSchema, own, readOnlyFields)(body);
  if (read instanceof Refusal) throw new Invalid({ [acrossFields]: [read.text] });
  if (read instanceof Refusals) throw new Invalid(read.errors);
  const codes = new Set(placesIn(read.scopes, facility).map(({ site }) => site));
  const sites = facility.sites.filter(({ code }) => codes.has(code));
  const rule = read.rule.kind === "once" ? withSiteEnds(read.rule, sites, now) : read.rule;
  return { ...read, rule };
}

/** Which telescopes: `ogg · clma · 2m0a; coj` */
export const describeScopes = (scopes: readonly Scope[]): string =>
  scopes.map((scope) => describePlace({ ...emptyPlace, ...scope })).join("; ");

type Planned = Pick<SeriesDraft, "rule" | "breaks"> & { readonly from?: string | null };

/** When: `Tue–Fri nights, from 30 min after astronomical dusk, for 30 min, 12 Jan – 1 Jun 2027, except 2 breaks`. */
export function describeRule({ rule, breaks, from }: Planned): string {
  const parts = ruleKinds[rule.kind].describe(rule, from ?? "");
  return [...parts, breaks.length > 0 && `except ${counted(breaks.length, "break")}`].filter(Boolean).join(", ");
}

/** The name of a series, or else why, or else when it happens. */
export const titleOf = (plan: Planned & Pick<SeriesDraft, "name" | "reason">): string =>
  plan.name || shortened(plan.reason, 80) || describeRule(plan);
