/** Breaks: days on which a series has no occurrences, such as school holidays. */

import { type Static, Type } from "@sinclair/typebox";
import { isRefused, type Reader, Refusals, readObject } from "../input/readers.ts";

const date = (description: string, example: string) =>
  Type.String({ format: "date", description, examples: [example] });

/** The local date of the night, or of the start, decides. */
export const BreakSchema = Type.Object({
  from: date("The first day.", "2027-03-22"),
  to: date("The last day.", "2027-03-26"),
  name: Type.Optional(Type.String({ maxLength: 200, examples: ["Spring holidays"] })),
});
export type Break = Readonly<Static<typeof BreakSchema>>;

export const readBreak: Reader<Break> = (value) => {
  const read = readObject<Break>(BreakSchema)(value);
  if (isRefused(read) || read.from <= read.to) return read;
  return new Refusals({ to: ["The last day must not be before the first."] });
};

/** Whether a local date is in one of the breaks. */
export const isInBreak = (breaks: readonly Break[], date: string): boolean =>
  breaks.some(({ from, to }) => from <= date && date <= to);

const written = String.raw`\d{4}-\d{1,2}-\d{1,2}`;
const linePattern = new RegExp(
  `^(${written})(?:(?:\\s*(?:[–—-]|\\.\\.|/|,|;)\\s*|\\s+(?:to\\s+)?)(${written}))?[\\s,;:]*(.*)$`,
  "s",
);

/**
 * Splits a line such as `2027-03-22 – 2027-03-26 Spring holidays`, also as spreadsheets paste it. A single date is one day.
 * @returns what the API takes; a line that can't be split stays whole, to be refused
 */
export function splitBreakLine(line: string): { readonly from: string; readonly to: string; readonly name: string } {
  const [, from = line, to = from, name = ""] = linePattern.exec(line) ?? [];
  return { from, to, name };
}

/** `2027-03-22 – 2027-03-26 Spring holidays` */
export const spellBreak = ({ from, to, name = "" }: Break): string =>
  `${from}${to === from ? "" : ` – ${to}`} ${name}`.trim();
