/** Parses the header `Authorization`. */

import { Unauthenticated } from "../input/problem.ts";

/**
 * Parses the header. Schemes other than Basic and Token are ignored.
 * @returns undefined without credentials
 * @throws Unauthenticated if the credentials are malformed
 */
export function readCredentials(request: Request) {
  const [scheme, ...parts] = (request.headers.get("authorization") ?? "").trim().split(/\s+/);
  switch (scheme?.toLowerCase()) {
    case "token":
      return { scheme: "token" as const, token: single(parts, "token", "Token") };
    case "basic":
      return { scheme: "basic" as const, ...readBasic(single(parts, "basic", "Credentials")) };
    default:
      return undefined;
  }
}

function single(parts: readonly string[], scheme: string, noun: string): string {
  if (parts.length === 0) throw new Unauthenticated(`Invalid ${scheme} header. No credentials provided.`);
  if (parts.length > 1)
    throw new Unauthenticated(`Invalid ${scheme} header. ${noun} string should not contain spaces.`);
  return parts[0] as string;
}

function readBasic(encoded: string): { name: string; password: string } {
  const wrong = new Unauthenticated("Invalid basic header. Credentials not correctly base64 encoded.");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw wrong;
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  // PostgreSQL rejects null characters, and no username has one.
  if (colon < 0 || text.includes("\0")) throw wrong;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
