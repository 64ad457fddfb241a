/** Long lists: an answer of many rows, written while it is read, in bounded memory. */

import type { Downtime } from "../../domain/downtime.ts";
import type { Links } from "./links.ts";

/** Lists of more rows than this are written in this way. */
export const longListRows = 10_000;

/** The JSON of a list, piece by piece; whole, it reads just as that of a short one. */
export async function* longListOf(
  count: number,
  links: Links,
  batches: AsyncIterable<readonly Downtime[]>,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ count, ...links }).slice(0, -1)},"results":[`;
  let separator = "";
  for await (const rows of batches) {
    yield separator + JSON.stringify(rows).slice(1, -1);
    separator = ",";
  }
  yield "]}";
}

/** The pieces as a body: the next one is made when the client has taken the one before, and none once it is gone. */
export function bodyOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(stream) {
      const { done, value } = await pieces.next();
      if (done) stream.close();
      else stream.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
