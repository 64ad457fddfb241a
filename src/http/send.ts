/** Sends responses: cached, compressed or streamed. */

interface Message {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly init: { readonly headers: Headers };
  /** The bytes as a Blob, which Bun sends without a copy; created when first needed. */
  blob?: Blob;
}

/** A complete response, which may be sent many times. */
export interface Sendable extends Message {
  /** Not cached, so it is sent at most once. */
  readonly once: boolean;
  /** Compressed for the first client that accepts gzip. */
  zipped?: Message;
  readonly etag: string;
  readonly unchanged: ResponseInit;
}

/** The headers that a 304 must repeat (RFC 9110, section 15.4.5), and CORS. */
const headersOf304 = ["etag", "cache-control", "vary", "access-control-allow-origin"];

/** Creates a complete response. @param once whether it isn't cached */
export function finished(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string> & { etag: string }>,
  once: boolean,
): Sendable {
  const kept = Object.entries(headers).filter(([name]) => headersOf304.includes(name));
  return {
    bytes,
    once,
    init: { headers: new Headers(headers) },
    etag: headers.etag,
    unchanged: { status: 304, headers: new Headers(kept) },
  };
}

/** Compressing smaller bodies doesn't pay. */
const minZippedBytes = 1000;
/** Up to this size, Bun sends the headers and the body of a later response with one system call. */
const maxCombinedBytes = 16 * 1024;
/** Above this size, the headers cost little, but the stream much memory, which garbage collection doesn't count. */
const maxStreamedBytes = 1024 * 1024;

/** Sends a complete response, in the turn of its request or later: 304 if the client has it, compressed if it accepts gzip. */
export function sendAnswer(answer: Sendable, request: Request, when: "at once" | "later"): Response {
  if (hasAlready(request.headers.get("if-none-match"), answer.etag)) return new Response(null, answer.unchanged);
  const zips = answer.bytes.length >= minZippedBytes && acceptsGzip(request);
  const message = zips ? zippedOf(answer) : answer;
  if (when === "later" && message.bytes.length > maxCombinedBytes && request.method === "GET")
    return sendLong(message, answer.once);
  message.blob ??= new Blob([message.bytes]);
  return new Response(message.blob, message.init);
}

function zippedOf(answer: Sendable): Message {
  if (answer.zipped) return answer.zipped;
  const headers = new Headers(answer.init.headers);
  headers.set("content-encoding", "gzip");
  // A third of the default's time, for a fifth more bytes.
  const zipped = Bun.gzipSync(answer.bytes, { library: "libdeflate", level: 1 });
  if (answer.once) discard(answer.bytes.buffer);
  answer.zipped = { bytes: zipped, init: { headers } };
  return answer.zipped;
}

/** Frees the memory at once: garbage collection would let many megabytes accumulate. */
export const discard = (bytes: ArrayBuffer): void => void bytes.transfer(0);

/**
 * Sends a large response later than in the turn of its request. For these, Bun passes each header's name and value to the
 * system separately, which takes ten times as long as everything else (docs/bench.md). A stream that ends before
 * `highWaterMark` avoids that: Bun then knows its length and sends it in one piece.
 * @param once whether to free the bytes once Bun has copied them
 */
function sendLong({ bytes, init }: Message, once: boolean): Response {
  const source: Bun.DirectUnderlyingSource<Uint8Array> = {
    type: "direct",
    pull(stream) {
      stream.write(bytes);
      stream.end();
      if (once) discard(bytes.buffer);
    },
  };
  if (bytes.length <= maxStreamedBytes)
    // Cast: the DOM's types lack Bun's direct streams.
    return new Response(
      new ReadableStream(source as unknown as UnderlyingSource, { highWaterMark: bytes.length + 1 }),
      init,
    );
  const response = new Response(bytes, init);
  if (once) discard(bytes.buffer);
  return response;
}

/** Whether `If-None-Match` names the entity tag, which is weak. */
export const hasAlready = (tags: string | null, etag: string) =>
  tags !== null && (tags === etag || tags.split(",").some((tag) => [etag, etag.slice(2), "*"].includes(tag.trim())));

/** A generated response of up to about this many characters is sent whole, so that it takes no slot for streams. */
const wholeLength = 64 * 1024;
const streamed = new WeakSet<Response>();

/** Whether a response is generated while it is sent. */
export const isStreamed = (response: Response): boolean => streamed.has(response);

/**
 * Streams a generated response. A piece is generated only after the client has received the one before, and none after it
 * disconnects. The beginning is generated before the headers are sent, so that a failure becomes an error response.
 * `HEAD` generates none.
 */
export async function sendPieces(
  { method }: Request,
  pieces: AsyncGenerator<string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  if (method === "HEAD") return new Response(null, { headers });
  let beginning = "";
  while (beginning.length < wholeLength) {
    const { done, value } = await pieces.next();
    if (done) return new Response(beginning, { headers });
    beginning += value;
  }
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { done, value } = beginning ? { value: beginning } : await pieces.next();
        beginning = "";
        if (done) stream.close();
        else stream.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  const response = new Response(body, { headers });
  streamed.add(response);
  return response;
}

export function acceptsGzip({ headers }: Request): boolean {
  const encodings = headers.get("accept-encoding");
  return encodings !== null && /\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))/i.test(encodings);
}

/** Sends a text, compressed if the client accepts gzip. @param init its headers include `vary` */
export function sendText(text: string, request: Request, init: ResponseInit): Response {
  if (!acceptsGzip(request)) return new Response(text, init);
  const response = new Response(Bun.gzipSync(text, { level: 3 }), init);
  response.headers.set("content-encoding", "gzip");
  return response;
}
