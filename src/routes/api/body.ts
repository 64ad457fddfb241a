/** Bodies: reads what a client sends as JSON, as a form or as multipart. */

import { acrossFields, Invalid, Malformed, TooLarge, UnsupportedMediaType } from "../../domain/problem.ts";

/** The most bytes of a body that are read. */
export const longestBody = 1024 * 1024;

/**
 * The body as field → value. An empty body has no fields.
 * @throws Malformed, Invalid, TooLarge, UnsupportedMediaType
 */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBytes(request);
  if (bytes.byteLength === 0) return {};
  const mediaType = request.headers.get("content-type") ?? "";
  switch (mediaType.split(";", 1)[0]?.trim().toLowerCase()) {
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

/** The body as text, whatever the request calls it. @throws Malformed, TooLarge */
export const readText = async (request: Request): Promise<string> => decode(await readBytes(request), "Text");

async function readBytes(request: Request): Promise<ArrayBuffer> {
  if (Number(request.headers.get("content-length")) > longestBody) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > longestBody) throw tooLarge();
  return bytes;
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
    throw new Malformed(`JSON parse error - ${(error as Error).message}`);
  }
}

async function readMultipart(bytes: ArrayBuffer, mediaType: string): Promise<Record<string, unknown>> {
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
  throw new Invalid({ [acrossFields]: [`Invalid data. Expected a dictionary, but got ${kindOf(value)}.`] });
}

/** What clients written in Python call it. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}
