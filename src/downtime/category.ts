/** The optional category of a downtime. The key is absent if none is set. */

import { Type } from "@sinclair/typebox";
import { Refusal, readText } from "../input/text.ts";

export const categories = ["maintenance", "engineering", "weather", "education", "fault", "closure"] as const;
export type Category = (typeof categories)[number];

const description = "What kind of downtime it is";

/** The field in responses. */
export const CategorySchema = Type.Unsafe<Category>({
  type: "string",
  enum: categories,
  description: `${description}; absent where none is set.`,
  examples: ["maintenance"],
});

/** The field in requests. */
export const SentCategorySchema = Type.Unsafe<Category>({
  type: ["string", "null"],
  enum: [...categories, "", null],
  description: `${description}; empty or null for none.`,
  examples: ["maintenance"],
});

/** Returns the category with this name; undefined if there is none. */
export const findCategory = (text: string): Category | undefined => categories.find((category) => category === text);

/** Reads a category from a request body; undefined for none. */
export function readCategory(value: unknown): Category | undefined | Refusal {
  const text = readText(value ?? "");
  if (text instanceof Refusal || text === "") return text || undefined;
  return findCategory(text) ?? new Refusal(`"${text}" is not a valid choice.`);
}
