/** A rule that happens once: from one time to another. */

import { type Static, Type } from "@sinclair/typebox";
import { endBeforeStart, readInstant } from "../downtime/downtime.ts";
import { readEnd, readMoment } from "../downtime/form-input.ts";
import { type Reader, readChoice, readObject } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { also, type RuleKind, refuse } from "./rule-kind.ts";

const time = (example: string) =>
  Type.Unsafe<Instant>({ type: "string", format: "date-time", description: "UTC.", examples: [example] });

export const OnceSchema = Type.Object({
  kind: Type.Literal("once"),
  start: time("2027-01-15T08:45:00Z"),
  end: time("2027-01-15T09:45:00Z"),
});
export type OnceRule = Readonly<Static<typeof OnceSchema>>;

const readTime: Reader<Instant> = (value) => {
  const read = readInstant(value);
  return read instanceof Refusal ? new Refusal("Enter a date and time in UTC, such as 2027-01-15 08:45.") : read;
};

export const onceKind: RuleKind<OnceRule> = {
  schema: OnceSchema,
  read: also(
    readObject<OnceRule>(OnceSchema, { kind: readChoice(["once"]), start: readTime, end: readTime }),
    ({ start, end }) => (end <= start ? refuse("end", `${endBeforeStart}.`) : undefined),
  ),
  reachField: "end",
  nothingLeft: "No occurrences remain: it lies in a break.",
  describe: ({ start, end }) => ["once", `from ${spellInstant(start)}`, `for ${inWords(secondsBetween(start, end))}`],
  inputs: { start: "", end: "" },
  whenEmpty: { start: "Enter a start time.", end: "Enter an end time or a duration." },
  toTexts({ start, end }) {
    const seconds = secondsBetween(start, end);
    return { start: spellInstant(start), end: seconds < 3600 ? inWords(seconds) : spellInstant(end) };
  },
  toFields({ start = "", end = "" }, { now }) {
    const from = readMoment(start, now);
    // A duration is right even after a start that is wrong.
    return { start: from ?? start, end: readEnd(end, from ?? now, now) ?? end };
  },
};
