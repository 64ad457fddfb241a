/** Links: to the same page with some of its parameters changed. */

import { plain } from "./attribute.ts";

/** The parameters with some replaced, or, where they are undefined, taken out. */
export function withParameters(
  query: URLSearchParams,
  changes: Readonly<Record<string, string | undefined>>,
): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  return changed;
}

/** A path with its parameters, for an attribute. */
export function href(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return plain(text ? `${path}?${text}` : path);
}

/** A form sends its empty fields too; an address that people pass on is better without them. */
export const withoutEmpty = (query: URLSearchParams) =>
  new URLSearchParams([...query].filter(([, value]) => value.trim() !== ""));
