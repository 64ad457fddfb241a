/** Reads request bodies: JSON, forms and multipart. */

import { acrossFields, Invalid, Malformed, TooLarge, TooSlow, UnsupportedMediaType } from "../input/problem.ts";

/** Maximum size of a body. */
export const maxBodyBytes = 1024 * 1024;
/** How long a client may take to send a body. */
const bodyTimeoutSeconds = 10;

/**
 * Reads a body as field → value. An empty body has no fields.
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
 * As `readBody`, but only JSON: for nested bodies, which forms can't express.
 * @throws Malformed, Invalid, TooLarge, TooSlow, UnsupportedMediaType
 */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  const mediaType = request.headers.get("content-type") ?? "";
  const isJson = kindOf(mediaType) === "application/json";
  if (!isJson && mediaType !== "") throw new UnsupportedMediaType(mediaType);
  return readBody(request);
}

/** As `readJsonBody`, for a list. @throws Malformed, Invalid, TooLarge, TooSlow, UnsupportedMediaType */
export async function readJsonList(request: Request): Promise<readonly unknown[]> {
  const mediaType = request.headers.get("content-type") ?? "";
  if (kindOf(mediaType) !== "application/json") throw new UnsupportedMediaType(mediaType);
  const value = readJson(await readBytes(request));
  if (Array.isArray(value)) return value;
  throw new Invalid({ [acrossFields]: [`Expected a list of items but got type "${nameOf(value)}".`] });
}

/** Reads a body as text and ignores its Content-Type. @throws Malformed, TooLarge, TooSlow */
export const readText = async (request: Request): Promise<string> => decode(await readBytes(request), "Text");

/**
 * Reads a body as it was sent, to forward it; undefined if there is none, or its Content-Length is too large.
 * @throws Malformed, TooSlow
 */
export async function readWhole(request: Request): Promise<ArrayBuffer | undefined> {
  if (!request.body || Number(request.headers.get("content-length")) > maxBodyBytes) return undefined;
  return withTimeout(arrayBufferOf(request));
}

const arrayBufferOf = (request: Request): Promise<ArrayBuffer> =>
  request.arrayBuffer().catch(() => {
    throw new Malformed("Incomplete or malformed request body.");
  });

async function readBytes(request: Request): Promise<ArrayBuffer> {
  if (Number(request.headers.get("content-length")) > maxBodyBytes) throw tooLarge();
  const bytes = await withTimeout(arrayBufferOf(request));
  if (bytes.byteLength > maxBodyBytes) throw tooLarge();
  return bytes;
}

/** A client that sends a byte now and then must not hold its connection forever. */
async function withTimeout<Result>(reading: Promise<Result>): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TooSlow(`The body took longer than ${bodyTimeoutSeconds} s.`)),
      bodyTimeoutSeconds * 1000,
    );
  });
  // After a timeout the connection is closed and `reading` rejects: avoid an unhandled rejection.
  reading.catch(() => {});
  return Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

const tooLarge = () => new TooLarge(`The body is larger than ${maxBodyBytes} bytes.`);

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
  // `formData` would insert replacement characters for invalid UTF-8.
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

/** The type's name in Python, as in OCS Downtime's texts. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return value ? "dict" : "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}
