/** Series: create a downtime for each telescope and date. */

import { type Static, Type } from "@sinclair/typebox";
import { readCategory, SentCategorySchema } from "../downtime/category.ts";
import { maxReasonLength } from "../downtime/downtime.ts";
import type { Facility } from "../facility/facility.ts";
import { acrossFields, Invalid } from "../input/problem.ts";
import { Refusals, readList, readObject } from "../input/readers.ts";
import { Refusal, readText } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { BreakSchema, readBreak } from "./breaks.ts";
import { withSiteEnds } from "./once-rule.ts";
import { RuleSchema, readRule } from "./rule.ts";
import { placesIn, readScope, ScopeSchema } from "./scope.ts";

/** The limit of downtimes per series. */
export const mostRows = 5000;
/** How far ahead a series may reach, in years. */
export const mostYears = 2;
const mostScopes = 100;
const mostBreaks = 100;
const maxNameLength = 100;

export const NameSchema = Type.String({
  maxLength: maxNameLength,
  read: (name: unknown) => readText(name, maxNameLength) || undefined,
  description: "What people call the series, also the name of its calendar; absent where none is set.",
  examples: ["Mirror washing"],
});

/** What a client sends to create a series. */
export const SeriesDraftSchema = Type.Object(
  {
    reason: Type.Optional(Type.String({ default: "", maxLength: maxReasonLength, examples: ["Education"] })),
    scopes: Type.Array(ScopeSchema, { minItems: 1, maxItems: mostScopes }),
    rule: RuleSchema,
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

/** Returns the fields of a series that clients send, without the others. Cast: `Object.fromEntries` loses the types of the keys. */
export const draftOf = (series: SeriesDraft): SeriesDraft =>
  Object.fromEntries(
    seriesFields.filter((field) => series[field] !== undefined).map((field) => [field, series[field]]),
  ) as unknown as SeriesDraft;

declare const checked: unique symbol;
/** A valid series: only `checkSeries` returns one, and only this can be expanded and stored. */
export type CheckedSeries = SeriesDraft & { readonly [checked]: true };

/** A stored series. Its downtimes have its id in `series`. */
export interface Series extends SeriesDraft {
  readonly id: number;
  readonly created: Instant;
  readonly modified: Instant;
  /** From 1. */
  readonly version: number;
  readonly createdBy: string | null;
}

/** Read-only fields of responses, ignored in requests, so that a response can be sent back. */
const readOnlyFields = [
  ...["id", "version", "created", "modified", "created_by", "from", "earlier", "ended", "downtimes", "history"],
  ...["action", "at", "by", "changed", "deleted", "warning", "change_set"],
];

/**
 * Checks a series, except for how many downtimes it has and how far it reaches, which `expand` checks.
 * @param body field → value; read-only fields are ignored
 * @param now what `now` means, and from when a sunrise is searched
 * @throws Invalid with every invalid field, by its path: `rule.rrule`, `scopes.0.site`, `breaks.1.to`
 */
export function checkSeries(body: unknown, facility: Facility, now: Instant): CheckedSeries {
  const read = readObject<SeriesDraft>(
    SeriesDraftSchema,
    {
      scopes: readList(readScope(facility), mostScopes, 1),
      rule: readRule(now),
      breaks: readList(readBreak, mostBreaks),
    },
    readOnlyFields,
  )(body);
  if (read instanceof Refusal) throw new Invalid({ [acrossFields]: [read.text] });
  if (read instanceof Refusals) throw new Invalid(read.errors);
  const codes = new Set(placesIn(read.scopes, facility).map(({ site }) => site));
  const sites = facility.sites.filter(({ code }) => codes.has(code));
  const rule = read.rule.kind === "once" ? withSiteEnds(read.rule, sites, now) : read.rule;
  return { ...read, rule } as CheckedSeries;
}
