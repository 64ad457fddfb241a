/** JSON responses, and lists in pages. Links to pages are absolute, with all other parameters, sorted by name. */

import { type ObjectOptions, type TSchema, Type } from "@sinclair/typebox";
import { addressFrom } from "../input/address.ts";

/** Lets pages of all origins read a response. */
export const readableByAll = { "access-control-allow-origin": "*" };

/** The response to a read; those to writes can't be read by pages of other origins. */
export const json = (value: unknown, headers: Record<string, string> = {}) =>
  Response.json(value, { headers: { ...readableByAll, ...headers } });

const link = (description: string) =>
  Type.Union([Type.String({ format: "uri" }), Type.Null()], { description, examples: [null] });

export const listSchema = (row: TSchema, options: ObjectOptions) =>
  Type.Object(
    {
      count: Type.Integer({ description: "Total number of rows." }),
      next: link("URL of the next page; null on the last one."),
      previous: link("URL of the previous page; null on the first one."),
      results: Type.Array(row),
    },
    options,
  );

type PageLinks = ReturnType<typeof pageLinksOf>;

/** Returns the links to the next and the previous page. @param address the URL of the request */
export function pageLinksOf(
  address: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  count: number,
) {
  const to = (start: number) => {
    const url = addressFrom(address);
    const parameters = url.searchParams;
    parameters.set("limit", String(limit));
    parameters.delete("offset");
    if (start > 0) parameters.set("offset", String(start));
    parameters.sort();
    const query = [...parameters].map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    return `${url.origin}${url.pathname}?${query}`;
  };
  return {
    next: offset + limit < count ? to(offset + limit) : null,
    previous: offset > 0 ? to(offset - limit) : null,
  };
}

/** Encodes as OCS Downtime does, since clients may compare links. */
const encode = (text: string) =>
  encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Lists of more rows are streamed. */
export const longListRows = 10_000;

/** Generates the JSON of a list in pieces, the same bytes as that of a short list. */
export async function* jsonListOf(
  count: number,
  links: PageLinks,
  batches: AsyncIterable<readonly object[]>,
): AsyncGenerator<string> {
  let before = `${JSON.stringify({ count, ...links }).slice(0, -1)},"results":[`;
  for await (const rows of batches) {
    yield before + JSON.stringify(rows).slice(1, -1);
    before = ",";
  }
  yield before === "," ? "]}" : `${before}]}`;
}
