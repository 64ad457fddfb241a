/** A rule that happens once: from one time to another. Closures have it. */

import { type Static, Type } from "@sinclair/typebox";
import { endBeforeStart, readInstant } from "../downtime/downtime.ts";
import { readEnd, readTypedTime } from "../downtime/form-input.ts";
import { oneYearAfter, untilNoticeText } from "../downtime/state.ts";
import type { Site } from "../facility/facility.ts";
import { positionOf } from "../facility/places.ts";
import { Invalid } from "../input/problem.ts";
import { isRefused, type Reader, readObject } from "../input/readers.ts";
import { isRecord, Refusal } from "../input/text.ts";
import { nextSunrise } from "../sky/twilight.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, minuteMillis, moved, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { type RuleKind, refuse } from "./rule-kind.ts";
import { timesInUtc } from "./typed-times.ts";

const sunrise = "sunrise";

const readTime: Reader<Instant> = (value) => {
  const read = readInstant(value);
  return read instanceof Refusal ? new Refusal("Enter a date and time in UTC, such as 2027-01-15 08:45.") : read;
};

const readSiteEnds: Reader<Readonly<Record<string, Instant>>> = (value) => {
  if (!isRecord(value)) return new Refusal("Not an object.");
  const ends = Object.entries(value).map(([site, end]) => [site, readTime(end)] as const);
  return ends.map(([, end]) => end).find(isRefused) ?? (Object.fromEntries(ends) as Record<string, Instant>);
};

export const OnceSchema = Type.Object({
  kind: Type.Literal("once"),
  start: Type.Unsafe<Instant>({
    type: "string",
    description: "UTC. Also accepts `now`.",
    examples: ["2027-01-15T08:45:00Z"],
    read: readTime,
  }),
  end: Type.Unsafe<Instant | typeof sunrise | null>({
    type: ["string", "null"],
    description:
      "UTC. Also accepts a duration such as `4h`; `sunrise`: at each site the next one, at least 30 min away; and null: until further notice, stored as one year.",
    examples: ["2027-01-15T09:45:00Z"],
    read: (value: unknown) => (value === untilNoticeText ? null : value === sunrise ? sunrise : readTime(value)),
  }),
  site_ends: Type.Optional(
    Type.Unsafe<Readonly<Record<string, Instant>>>({
      type: "object",
      additionalProperties: { type: "string", format: "date-time" },
      description: "When it ends at each site (UTC), if `end` doesn't say it. Filled in once for `sunrise` and null.",
      read: readSiteEnds,
    }),
  ),
});
export type OnceRule = Readonly<Static<typeof OnceSchema>>;

const isTime = (end: OnceRule["end"]): end is Instant => end !== null && end !== sunrise;

/** When it ends at a site; undefined if that isn't known. */
export const endAt = ({ end, site_ends }: OnceRule, site: string): Instant | undefined =>
  site_ends?.[site] ?? (isTime(end) ? end : undefined);

/** Each of its ends once. */
const endsOf = ({ end, site_ends = {} }: OnceRule): readonly Instant[] => [
  ...new Set(isTime(end) && Object.keys(site_ends).length === 0 ? [end] : Object.values(site_ends)),
];

/** The minimum time before a sunrise. Closer to it, "until sunrise" means the next one. */
const minSunriseMillis = 30 * minuteMillis;
/** Rounds up, so that pages show no seconds and a telescope doesn't open before sunrise. */
const upToMinute = (at: Instant) => toInstant(Math.ceil(toMillis(at) / minuteMillis) * minuteMillis);

/** The sunrise until which a site is closed; undefined if ConfigDB has no coordinates for it. */
export function sunriseAt(site: Site | undefined, now: Instant): Instant | undefined {
  const position = positionOf(site);
  const next = position && nextSunrise(position, upToMinute(moved(now, minSunriseMillis - minuteMillis)));
  return next && upToMinute(next);
}

/** Fills in when it ends at each site, unless it is known, so that an edit doesn't move it. @throws Invalid if there is no sunrise */
export function withSiteEnds(rule: OnceRule, sites: readonly Site[], now: Instant): OnceRule {
  const { site_ends: known, ...bare } = rule;
  const from = rule.start > now ? rule.start : now;
  const ends = sites.map((site) => {
    const end = endAt(rule, site.code) ?? (rule.end === null ? oneYearAfter(from) : sunriseAt(site, from));
    if (!end)
      throw new Invalid({ "rule.end": [`ConfigDB has no coordinates for ${site.code}, so it has no sunrise.`] });
    return [site.code, end] as const;
  });
  return ends.every(([, end]) => end === rule.end) ? bare : { ...bare, site_ends: Object.fromEntries(ends) };
}

/** The rule with every end later. */
export function extended({ kind, start, ...ends }: OnceRule, millis: number): OnceRule {
  const later = Object.entries(ends.site_ends ?? {}).map(([site, end]) => [site, moved(end, millis)]);
  const last =
    endsOf({ kind, start, ...ends })
      .toSorted()
      .at(-1) ?? start;
  return { kind, start, end: moved(last, millis), site_ends: Object.fromEntries(later) };
}

/** Whether a typed end is a word, neither a time nor a duration. */
export const isEndWord = (end: string): boolean => [untilNoticeText, sunrise].includes(end.trim().toLowerCase());

const trimmed = (value: unknown) => (typeof value === "string" ? value.trim() : "");

export const onceKind: RuleKind<OnceRule> = {
  read(value, now) {
    const sent = isRecord(value) ? value : {};
    const from = readTypedTime(trimmed(sent.start), now);
    const word = sent.end === null ? untilNoticeText : trimmed(sent.end).toLowerCase();
    // A duration is valid even if the start isn't.
    const end = isEndWord(word) ? word : readEnd(trimmed(sent.end), from ?? now, now);
    const read = readObject<OnceRule>(OnceSchema)({ ...sent, ...(from && { start: from }), ...(end && { end }) });
    const isLate = !isRefused(read) && endsOf(read).some((one) => one <= read.start);
    return isLate ? refuse("end", `${endBeforeStart}.`) : read;
  },
  reachField: "end",
  describe(rule) {
    const { start, end } = rule;
    const spelt = endsOf(rule).map(spellInstant).join(", ");
    const until = end === null ? untilNoticeText : isTime(end) ? `until ${spelt}` : `until sunrise (${spelt})`;
    const isPlain = isTime(end) && !rule.site_ends;
    return ["once", `from ${spellInstant(start)}`, isPlain ? `for ${inWords(secondsBetween(start, end))}` : until];
  },
  inputs: { start: "", end: "", zone: "" },
  whenEmpty: { start: "Enter a start time.", end: "Enter an end time or a duration." },
  toTexts(rule) {
    const [only, ...others] = endsOf(rule);
    const until = only && others.length === 0 ? spellInstant(only) : sunrise;
    return { start: spellInstant(rule.start), end: rule.end === null ? untilNoticeText : until };
  },
  // The API takes no local times, so the form converts them.
  toFields: timesInUtc,
};
