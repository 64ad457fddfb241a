/** Sending: how a finished answer goes to a client, and in which form. */

/** What is sent. */
interface Message {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** With headers that are read from texts only once. */
  readonly init: { readonly headers: Headers };
  /** The bytes as what is sent without being copied; made when they are first sent at once. */
  blob?: Blob;
}

/** What is finished, and may be sent many times. */
export interface Sendable extends Message {
  /** Nobody keeps it: it is sent once at most. */
  readonly once: boolean;
  /** Made when the first client that can read it asks. */
  zipped?: Message;
  readonly etag: string;
  /** What is sent to whoever has it already. */
  readonly unchanged: ResponseInit;
}

/** What a client that has an answer needs to hear of it again; all the rest it has kept. */
const headersOfUnchanged = ["etag", "cache-control", "vary", "access-control-allow-origin"];

/** What is finished, with the headers that it is sent with. */
export function finished(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string> & { etag: string }>,
  once: boolean,
): Sendable {
  const kept = Object.entries(headers).filter(([name]) => headersOfUnchanged.includes(name));
  return {
    bytes,
    once,
    init: { headers: new Headers(headers) },
    etag: headers.etag,
    unchanged: { status: 304, headers: new Headers(kept) },
  };
}

/** `at once`: in the turn in which the request came, without having waited for anything. */
export type Moment = "at once" | "later";

/** Shorter bodies don't become smaller. */
const leastZippedBytes = 1000;

/**
 * The answer as the client wants it: nothing when it has it already, zipped when it can read that.
 */
export function sendAnswer(answer: Sendable, request: Request, when: Moment): Response {
  if (hasAlready(request.headers.get("if-none-match"), answer.etag)) return new Response(null, answer.unchanged);
  const zips = answer.bytes.length >= leastZippedBytes && acceptsGzip(request);
  const message = zips ? zippedOf(answer) : answer;
  const { bytes, init } = message;
  if (when === "later" && bytes.length > mostGathered && request.method === "GET")
    return sendLong(message, answer.once);
  message.blob ??= new Blob([bytes]);
  return new Response(message.blob, init);
}

function zippedOf(answer: Sendable): Message {
  if (answer.zipped) return answer.zipped;
  const headers = new Headers(answer.init.headers);
  headers.set("content-encoding", "gzip");
  // A third of the time that the default takes, for an answer that is a fifth longer.
  const zipped = Bun.gzipSync(answer.bytes, { library: "libdeflate", level: 1 });
  if (answer.once) giveBack(answer.bytes);
  answer.zipped = { bytes: zipped, init: { headers } };
  return answer.zipped;
}

/** Nobody needs the bytes any more. The garbage collection would let many megabytes of them come together. */
const giveBack = (bytes: Uint8Array<ArrayBuffer>): void => void bytes.buffer.transfer(0);

/** Up to so many bytes Bun sends an answer that comes later as one piece. */
const mostGathered = 16 * 1024;

/** Beyond so many bytes headers count for little, and a stream's memory, unknown to the garbage collection, for much. */
const mostStreamed = 1024 * 1024;

/**
 * Of a longer answer that comes later than in the turn of its request, Bun hands each header's name and value to the system
 * by itself, which takes ten times as long as all the rest. Of a stream that ends before it overflows it knows the length,
 * and sends it as one piece too.
 * @param once nobody else has the bytes: they are given back as soon as Bun has its copy
 */
function sendLong({ bytes, init }: Message, once: boolean): Response {
  const atEnd = () => {
    if (once) giveBack(bytes);
  };
  if (bytes.length <= mostStreamed) return new Response(gathered(bytes, atEnd), init);
  const response = new Response(bytes, init);
  atEnd();
  return response;
}

function gathered(bytes: Uint8Array, atEnd: () => void): ReadableStream {
  const source: Bun.DirectUnderlyingSource<Uint8Array> = {
    type: "direct",
    pull(stream) {
      stream.write(bytes);
      stream.end();
      atEnd();
    },
  };
  // The browsers' types stand before Bun's, and don't know such streams.
  return new ReadableStream(source as unknown as UnderlyingSource, { highWaterMark: bytes.length + 1 });
}

/** Whether a client that sends these tags in `If-None-Match` has the answer with this one. */
export const hasAlready = (tags: string | null, etag: string) =>
  tags !== null && (tags === etag || tags.split(",").some((tag) => [etag, etag.slice(2), "*"].includes(tag.trim())));

const streamed = new WeakSet<Response>();

/** Whether an answer is made piece by piece while it is sent. */
export const isStreamed = (response: Response): boolean => streamed.has(response);

/**
 * Sends an answer that is made piece by piece: the next one when the client has taken the one before, and none once it is
 * gone. The first piece is made before the headers are sent, so that a failure is an answer of its own. `HEAD` makes none.
 */
export async function sendPieces(
  { method }: Request,
  pieces: AsyncGenerator<string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  if (method === "HEAD") return new Response(null, { headers });
  const encoder = new TextEncoder();
  let next: IteratorResult<string> | undefined = await pieces.next();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        const { done, value } = next ?? (await pieces.next());
        next = undefined;
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

/** Whether whoever asks can read a compressed answer. */
export function acceptsGzip({ headers }: Request): boolean {
  const encodings = headers.get("accept-encoding");
  return encodings !== null && /\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))/i.test(encodings);
}
