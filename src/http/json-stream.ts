/** Streams long lists as JSON, in bounded memory. */

import type { PageLinks } from "./page-links.ts";

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
