/** Texts: how free text from outside is cleaned, refused and compared. */

import { Malformed } from "./problem.ts";

/** Why a value isn't taken, in the words that clients already know. */
export class Refusal {
  constructor(readonly text: string) {}
}

/**
 * Reads a text: trimmed at both ends, a number taken as its text. Refuses what is no text and what no database can
 * keep: null characters and halves of surrogate pairs.
 * @param longest in characters (code points), not in bytes or UTF-16 units
 */
export function readText(value: unknown, longest = Number.POSITIVE_INFINITY): string | Refusal {
  if (typeof value !== "string" && typeof value !== "number") return new Refusal("Not a valid string.");
  const text = String(value).trim();
  if (text.includes("\0")) return new Refusal("Null characters are not allowed.");
  if (!text.isWellFormed()) {
    const half = [...text]
      .find((character) => !character.isWellFormed())
      ?.charCodeAt(0)
      .toString(16)
      .toUpperCase();
    return new Refusal(`Surrogate characters are not allowed: U+${half}.`);
  }
  if (text.length > longest && [...text].length > longest)
    return new Refusal(`Ensure this field has no more than ${longest} characters.`);
  return text;
}

/**
 * The text for formats that forbid control characters: every kind of line end becomes `\n`, tabs stay, and what has no
 * meaning as a letter is left out.
 */
export const withoutControls = (text: string): string =>
  text.replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, "\n").replace(/[[\p{Cc}\ufffe\uffff]--[\t\n]]/gv, "");

/**
 * The text for a terminal, which obeys control characters: they are written as `\u001b` instead, and so are those that turn
 * the direction of the text. Tabs and line breaks stay.
 */
export const forTerminal = (text: string): string =>
  text.replace(
    /\r(?!\n)|[[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]--[\t\r\n]]/gv,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The text in one line of at most so many characters (code points), and a sign where something is left out. */
export function shortened(text: string, longest: number): string {
  const characters = [...text.replace(/\s+/g, " ").trim()];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : characters.join("");
}

/**
 * The text as it is searched: without the difference of upper and lower case, in every script. Lower case first joins
 * the letters that only their lower case shares (`ẞ`, the Kelvin sign); upper case then joins those that only their
 * upper case shares (`ς` and `σ`, `ß` and `ss`).
 */
export const foldCase = (text: string): string => text.toLowerCase().toUpperCase();

/** Whether a text contains the words, in upper or lower case: what the filter `reason` means. */
export const containsWords = (text: string, words: string): boolean => foldCase(text).includes(foldCase(words));

/**
 * Refuses null characters in the values of a form or a query: SQLite would keep them, PostgreSQL can't.
 * @throws Malformed
 */
export function checkTexts(values: Iterable<string>): void {
  for (const value of values) if (value.includes("\0")) throw new Malformed("Null characters are not allowed.");
}

/** A text in one line; of a long one the beginning. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const signs = [...text];
  return signs.length > most ? `${signs.slice(0, most - 1).join("")}…` : text;
}
