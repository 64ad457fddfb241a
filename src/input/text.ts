/** Checks, cleans and compares text from outside. */

import { Malformed } from "./problem.ts";

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Why a value is invalid. */
export class Refusal {
  constructor(readonly text: string) {}
}

/**
 * Reads a string, trimmed at both ends; a number becomes a string. Rejects other types, and what PostgreSQL can't store:
 * null characters and lone surrogates.
 * @param maxLength in characters (code points), not in bytes or UTF-16 units
 */
export function readText(value: unknown, maxLength = Number.POSITIVE_INFINITY): string | Refusal {
  if (typeof value !== "string" && typeof value !== "number") return new Refusal("Not a valid string.");
  const text = String(value).trim();
  if (text.includes("\0")) return new Refusal("Null characters are not allowed.");
  const half = text.isWellFormed() ? undefined : [...text].find((character) => !character.isWellFormed());
  if (half)
    return new Refusal(`Surrogate characters are not allowed: U+${half.charCodeAt(0).toString(16).toUpperCase()}.`);
  if (text.length > maxLength && [...text].length > maxLength)
    return new Refusal(`Ensure this field has no more than ${maxLength} characters.`);
  return text;
}

/** Removes control characters and noncharacters except tabs, and turns every kind of line break into `\n`. */
export const withoutControls = (text: string): string =>
  text.replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, "\n").replace(/[[\p{Cc}\ufffe\uffff]--[\t\n]]/gv, "");

/** Escapes control characters and bidirectional overrides for a terminal (`\u001b`). Tabs and line breaks stay. */
export const forTerminal = (text: string): string =>
  text.replace(
    /\r(?!\n)|[[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]--[\t\r\n]]/gv,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Puts a text on one line and cuts it, as `shorten`. */
export const shortened = (text: string, maxLength: number): string =>
  shorten(text.replace(/\s+/g, " ").trim(), maxLength);

/**
 * Folds case for searching, in every script. Lower case first unites letters that share only their lower case (`ẞ`, the
 * Kelvin sign); upper case then unites those that share only their upper case (`ς` and `σ`, `ß` and `ss`).
 */
export const foldCase = (text: string): string => text.toLowerCase().toUpperCase();

/** Whether a text contains the words, ignoring case, as the filter `reason` does. */
export const containsWords = (text: string, words: string): boolean => foldCase(text).includes(foldCase(words));

/**
 * Rejects null characters in the values of a form or a query: SQLite can store them, PostgreSQL can't.
 * @throws Malformed
 */
export function checkTexts(values: Iterable<string>): void {
  for (const value of values) if (value.includes("\0")) throw new Malformed("Null characters are not allowed.");
}

/** Cuts a text to a maximum number of characters (code points), with `…` at a cut. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const characters = [...text];
  return characters.length > maxLength ? `${characters.slice(0, maxLength - 1).join("")}…` : text;
}

/** `1 downtime`, `1,212 downtimes` */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** The lines that aren't blank, trimmed, with their numbers from 1. */
export function linesIn(text = ""): { readonly number: number; readonly text: string }[] {
  const lines = text.split("\n").map((line, index) => ({ number: index + 1, text: line.trim() }));
  return lines.filter((line) => line.text !== "");
}

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
