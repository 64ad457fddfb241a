/** Kinds of rules: what each of them provides, and what their fields have in common. */

import { type SchemaOptions, Type } from "@sinclair/typebox";
import type { Facility, Place } from "../facility/facility.ts";
import { type Reader, Refusals, readWhole } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import { inWords, parseDuration } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";

/** One time at which a rule happens, `[start, end)`. */
export interface RuleTime extends Interval {
  /** Identifies it also after an edit of the rule: the local date, with `.2` and so on where a day has several; or `once`. */
  readonly key: string;
  /** The local date; of a night, that of its evening. */
  readonly date: string;
  /** The local clock skips its time, shows it twice, or was changed since the time before. */
  readonly clockChange?: "skipped" | "doubled" | "changed" | undefined;
  /** What a clock change during it leaves between its end and the local time at which it should end. */
  readonly leaves?: "gap" | "overlap";
  /** The rule's own limit of dark at the site, in degrees. */
  readonly darkLimit?: number;
}

/** A date on which the rule can't happen at a site, and why, as a sentence. */
export type SkippedNight = Readonly<Record<"site" | "date" | "why", string>>;

export type RuleTimes = { readonly times: readonly RuleTime[]; readonly absences: readonly SkippedNight[] };

/** Input → text, by the input's name below its kind: `from.event`. */
export type Texts = Readonly<Record<string, string>>;

export interface FormContext {
  readonly scopes: readonly Partial<Place>[];
  readonly facility: Facility;
  readonly now: Instant;
}

/** What differs from kind to kind, except when a rule happens (`occurrences.ts`). */
export interface RuleKind<R> {
  /** Reads it as a client sends it. @param now what `now` means */
  read(value: unknown, now: Instant): ReturnType<Reader<R>>;
  /** The field that limits how far the rule reaches. */
  readonly reachField: string;
  /** Describes when it happens, in parts to be joined by commas. @param from the local date from which it applies */
  describe(rule: R, from: string): readonly string[];
  /** Each input, in the order of the page, and its text in an empty form. */
  readonly inputs: Texts;
  /** What to do about an input that is required and empty. */
  readonly whenEmpty: Texts;
  toTexts(rule: R): Texts;
  /** Field of the API → value, by its path below the rule. What can't be read stays as typed, to be refused. */
  toFields(texts: Texts, context: FormContext): Readonly<Record<string, unknown>>;
  /** The input that shows the errors of a field, where it isn't the one of the same name. */
  inputFor?(field: string, texts: Texts): string;
}

export const dateSchema = (description: string, example: string) =>
  Type.String({ format: "date", description, examples: [example] });

/** One of some words. */
export const wordSchema = <T extends string>(words: readonly T[], options: SchemaOptions = {}) =>
  Type.Unsafe<T>({ type: "string", enum: words, ...options });

/** Returns a reader of minutes: a whole number, or a text such as `1 h 30 min`, which may have a sign. */
export const readMinutes =
  (least: number, most: number): Reader<number> =>
  (value) => {
    if (typeof value !== "string" || !/[a-z]/i.test(value)) return readWhole(least, most)(value);
    const size = value.trim();
    const seconds = parseDuration(size.replace(/^[+-]/, ""));
    if (seconds === undefined) return new Refusal("Enter a duration, such as 30 min or 1 h 30 min.");
    if (seconds % 60 !== 0) return new Refusal("Use whole minutes.");
    return readWhole(least, most)((size.startsWith("-") ? -seconds : seconds) / 60);
  };

const mostMinutes = 366 * 24 * 60;
export const readDuration = readMinutes(1, mostMinutes);

export const minutesSchema = (description: string) =>
  Type.Integer({
    minimum: 1,
    maximum: mostMinutes,
    description: `${description} Also accepts text such as \`1 h 30 min\`.`,
    examples: [30],
    read: readDuration,
  });

/** Selected days as the API takes them; all seven are the same as none. */
export function daysIn(text = ""): readonly string[] {
  const selected = text.split(",").filter(Boolean);
  return selected.length === 7 ? [] : selected;
}

/** In minutes where words would round. */
export const spellMinutes = (minutes: number): string => (minutes < 2880 ? inWords(minutes * 60) : `${minutes} min`);

export const refuse = (field: string, text: string) => new Refusals({ [field]: [text] });
