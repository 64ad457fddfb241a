/** Long lists: an answer of many rows, written while it is read, in bounded memory. */

import type { PageLinks } from "./page-links.ts";

/** Lists of more rows than this are written in this way. */
export const longListRows = 10_000;

/** The JSON of a list, a batch at a time; whole, it reads just as that of a short one. */
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
