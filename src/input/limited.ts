/** Answers of other services: read as far as they are allowed to be long, since memory is not theirs to fill. */

/** Bytes in a megabyte. */
export const megabyte = 1_000_000;

/**
 * Reads an answer's text.
 * @param mostBytes counted as they are after decompression
 * @throws Error when there are more
 */
export async function readLimited(response: Response, mostBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  // Leaving the loop ends the download. The DOM's type of a stream doesn't say that it can be iterated; Bun's does.
  for await (const piece of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) throw new Error(`the answer is larger than ${mostBytes / megabyte} MB`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
