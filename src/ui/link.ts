/** Builds links with query parameters. */

/** Returns the parameters with some replaced; those that are undefined are removed. */
export function withParameters(
  query: URLSearchParams | undefined,
  changes: Readonly<Record<string, string | undefined>>,
): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  return changed;
}

/** Returns a path with its parameters, escaped for an attribute. */
export function href(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return plain(text ? `${path}?${text}` : path);
}

/** Removes empty parameters: forms send empty fields too, and URLs that people share should be short. */
export const withoutEmpty = (query: URLSearchParams) =>
  new URLSearchParams([...query].filter(([, value]) => value.trim() !== ""));

/**
 * Escapes an attribute's value. Kita escapes only quotation marks there, so a stored `&lt;` would come back from a form as
 * `<`. Use it for every attribute value that isn't a constant.
 */
export const plain = (text: string): string => text.replaceAll("&", "&amp;");
