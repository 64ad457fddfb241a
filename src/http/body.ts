/** Reads request bodies: JSON, forms and multipart. */

import { acrossFields, Invalid, Malformed, TooLarge, TooSlow, UnsupportedMediaType } from "../input/problem.ts";
import { within } from "../input/queue.ts";
import { isRecord } from "../input/text.ts";

export const maxBodyBytes = 1024 * 1024;
const bodyTimeoutSeconds = 10;

/** Reads a body as field → value. @throws Malformed, Invalid, TooLarge, TooSlow, UnsupportedMediaType */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return {};
  switch (kindOf(request)) {
    case "application/json":
      return asFields(readJson(bytes));
    case "application/x-www-form-urlencoded":
      return Object.fromEntries(new URLSearchParams(decode(bytes, "Form")));
    case "multipart/form-data":
      return readMultipart(bytes, request);
    default:
      throw new UnsupportedMediaType(mediaTypeOf(request));
  }
}

/** As `readBody`, but only JSON: for nested bodies, which forms can't express. */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  if (mediaTypeOf(request) !== "") checkJson(request);
  return readBody(request);
}

/** As `readJsonBody`, for a list. */
export async function readJsonList(request: Request): Promise<readonly unknown[]> {
  checkJson(request);
  const value = readJson(await readBytes(request));
  if (Array.isArray(value)) return value;
  throw new Invalid({ [acrossFields]: [`Expected a list of items but got type "${nameOf(value)}".`] });
}

/** Reads a body as text and ignores its Content-Type. @throws Malformed, TooLarge, TooSlow */
export const readText = async (request: Request): Promise<string> => decode(await readBytes(request), "Text");

/** Reads a body as it was sent; undefined if there is none, or it is too long. @throws Malformed, TooSlow */
export const readWhole = async (request: Request): Promise<ArrayBuffer | undefined> =>
  request.body && !isTooLong(request) ? arrayBufferOf(request) : undefined;

const isTooLong = ({ headers }: Request) => Number(headers.get("content-length")) > maxBodyBytes;

async function readBytes(request: Request): Promise<ArrayBuffer> {
  const bytes = isTooLong(request) ? undefined : await arrayBufferOf(request);
  if (bytes && bytes.byteLength <= maxBodyBytes) return bytes;
  throw new TooLarge(`The body is larger than ${maxBodyBytes} bytes.`);
}

/** A client that sends a byte now and then must not hold its connection forever. */
function arrayBufferOf(request: Request): Promise<ArrayBuffer> {
  const reading = request.arrayBuffer().catch(() => {
    throw new Malformed("Incomplete or malformed request body.");
  });
  const tooSlow = () => new TooSlow(`The body took longer than ${bodyTimeoutSeconds} s.`);
  return within(bodyTimeoutSeconds * 1000, reading, tooSlow);
}

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

async function readMultipart(bytes: ArrayBuffer, request: Request): Promise<Record<string, unknown>> {
  // `formData` would insert replacement characters for invalid UTF-8.
  decode(bytes, "Multipart form");
  try {
    const headers = { "content-type": mediaTypeOf(request) };
    return Object.fromEntries(await new Response(bytes, { headers }).formData());
  } catch (error) {
    throw new Malformed(`Multipart form parse error - ${(error as Error).message}`);
  }
}

function asFields(value: unknown): Record<string, unknown> {
  if (value === null) throw new Invalid({ [acrossFields]: ["No data provided"] });
  if (isRecord(value)) return value;
  throw new Invalid({ [acrossFields]: [`Invalid data. Expected a dictionary, but got ${nameOf(value)}.`] });
}

const mediaTypeOf = ({ headers }: Request) => headers.get("content-type") ?? "";
const kindOf = (request: Request) => mediaTypeOf(request).split(";", 1)[0]?.trim().toLowerCase();

function checkJson(request: Request): void {
  if (kindOf(request) !== "application/json") throw new UnsupportedMediaType(mediaTypeOf(request));
}

/** The type's name in Python, as in OCS Downtime's texts. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return value ? "dict" : "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}
