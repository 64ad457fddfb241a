/** Reads responses of other services up to a maximum size, so that they can't exhaust memory. */

export const megabyte = 1_000_000;

/**
 * Reads a response body as text.
 * @param maxBytes after decompression
 * @throws Error if the body is larger
 */
export async function readLimited(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  // Leaving the loop cancels the download. Cast: the DOM's stream type lacks the async iterator that Bun's has.
  for await (const piece of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw new Error(`the response is larger than ${maxBytes / megabyte} MB`);
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
