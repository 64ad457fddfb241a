/** Bodies: reads what a client sends as JSON, as a form or as multipart. */

import { acrossFields, Invalid, Malformed, TooLarge, TooSlow, UnsupportedMediaType } from "../input/problem.ts";

/** The most bytes of a body that are read. */
export const longestBody = 1024 * 1024;
/** How long a client may take to send one. */
const longestSendSeconds = 10;

/**
 * The body as field → value. An empty body has no fields.
 * @throws Malformed, Invalid, TooLarge, TooSlow, UnsupportedMediaType
 */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return {};
  const mediaType = request.headers.get("content-type") ?? "";
  switch (kindOf(mediaType)) {
    case "application/json":
      return asFields(readJson(bytes));
    case "application/x-www-form-urlencoded":
      return Object.fromEntries(new URLSearchParams(decode(bytes, "Form")));
    case "multipart/form-data":
      return readMultipart(bytes, mediaType);
    default:
      throw new UnsupportedMediaType(mediaType);
  }
}

/**
 * As `readBody`, for what is nested and so can only be sent as JSON.
 * @throws Malformed, Invalid, TooLarge, TooSlow, UnsupportedMediaType
 */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  const mediaType = request.headers.get("content-type") ?? "";
  const isJson = kindOf(mediaType) === "application/json";
  if (!isJson && mediaType !== "") throw new UnsupportedMediaType(mediaType);
  return readBody(request);
}

/** The body as text, whatever the request calls it. @throws Malformed, TooLarge, TooSlow */
export const readText = async (request: Request): Promise<string> => decode(await readBytes(request), "Text");

/**
 * The body as it was sent, to be handed on; undefined where there is none, or where its length alone refuses it.
 * @throws Malformed, TooSlow
 */
export async function readWhole(request: Request): Promise<ArrayBuffer | undefined> {
  if (!request.body || Number(request.headers.get("content-length")) > longestBody) return undefined;
  return inTime(arrayBufferOf(request));
}

const arrayBufferOf = (request: Request): Promise<ArrayBuffer> =>
  request.arrayBuffer().catch(() => {
    throw new Malformed("The body ended before its end, or was sent in a wrong way.");
  });

async function readBytes(request: Request): Promise<ArrayBuffer> {
  if (Number(request.headers.get("content-length")) > longestBody) throw tooLarge();
  const bytes = await inTime(arrayBufferOf(request));
  if (bytes.byteLength > longestBody) throw tooLarge();
  return bytes;
}

/** A client that sends a byte now and then would keep its connection, and what is held for it, for ever. */
async function inTime<Result>(reading: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TooSlow(`The body took longer than ${longestSendSeconds} s.`)),
      longestSendSeconds * 1000,
    );
  });
  // Once the answer is out the connection is closed, and the reading fails with nobody left to hear of it.
  reading.catch(() => {});
  return Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

const tooLarge = () => new TooLarge(`The body is larger than ${longestBody} bytes.`);

function decode(bytes: ArrayBuffer, format: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Malformed(`${format} parse error - the body is not UTF-8`);
  }
}

function readJson(bytes: ArrayBuffer): unknown {
  const text = decode(bytes, "JSON");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Malformed(`JSON parse error - ${(error as Error).message.replace(/^JSON Parse error: /, "")}`);
  }
}

async function readMultipart(bytes: ArrayBuffer, mediaType: string): Promise<Record<string, unknown>> {
  // Left to itself it would be stored with other signs in the place of what can't be read.
  decode(bytes, "Multipart form");
  try {
    const form = await new Response(bytes, { headers: { "content-type": mediaType } }).formData();
    return Object.fromEntries(form);
  } catch (error) {
    throw new Malformed(`Multipart form parse error - ${(error as Error).message}`);
  }
}

function asFields(value: unknown): Record<string, unknown> {
  if (value === null) throw new Invalid({ [acrossFields]: ["No data provided"] });
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Invalid({ [acrossFields]: [`Invalid data. Expected a dictionary, but got ${nameOf(value)}.`] });
}

/** A media type without its parameters. */
const kindOf = (mediaType: string) => mediaType.split(";", 1)[0]?.trim().toLowerCase();

/** What clients written in Python call it. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}
