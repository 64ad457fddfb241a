/** Categories: what kind of downtime it is. A downtime has one or none; where none is set, the key is absent. */

import { Type } from "@sinclair/typebox";
import { Refusal, readText } from "../input/text.ts";

export const categories = ["maintenance", "engineering", "weather", "education", "fault", "closure"] as const;
export type Category = (typeof categories)[number];

const description = "What kind of downtime it is";

/** As answers show it. */
export const CategorySchema = Type.Unsafe<Category>({
  type: "string",
  enum: categories,
  description: `${description}; absent where none is set.`,
  examples: ["maintenance"],
});

/** As clients send it. */
export const SentCategorySchema = Type.Unsafe<Category>({
  type: ["string", "null"],
  enum: [...categories, "", null],
  description: `${description}; empty or null for none.`,
  examples: ["maintenance"],
});

const isCategory = (text: string): text is Category => (categories as readonly string[]).includes(text);

/** The category with this name; undefined where there is none. */
export const findCategory = (text: string): Category | undefined => (isCategory(text) ? text : undefined);

/** Reads a category as bodies send it; undefined for none. */
export function readCategory(value: unknown): Category | undefined | Refusal {
  const text = readText(value ?? "");
  if (text instanceof Refusal || text === "") return text || undefined;
  return findCategory(text) ?? new Refusal(`"${text}" is not a valid choice.`);
}
