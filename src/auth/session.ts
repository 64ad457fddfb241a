/** The session of a request: its cookie, and its CSRF token, which is derived from the id and which forms contain. */

import { basePathOf } from "../http/request-context.ts";
import { hashToken, isSameSecret } from "./secrets.ts";
import type { StoredUser } from "./user.ts";

const idPattern = /^[\w-]{43}$/;

export interface Session {
  readonly user: StoredUser;
  /** The CSRF token that every form and script of this session must send to change anything. */
  readonly csrf: string;
  /** The tokens of previous keys: forms that were open while the key was replaced. */
  readonly formerCsrfs: readonly string[];
}

/** Whether a CSRF token is the session's. */
export const isCsrfOf = ({ csrf, formerCsrfs }: Session, token: unknown): boolean =>
  typeof token === "string" && [csrf, ...formerCsrfs].some((own) => isSameSecret(token, own));

// The order matters: most browsers also name others.
const browsers = { Edg: "Edge", OPR: "Opera", Firefox: "Firefox", Chrome: "Chrome", Safari: "Safari" };
const systems = { Android: "Android", iPhone: "iPhone", Windows: "Windows", Mac: "macOS", Linux: "Linux" };

/** Names a browser for people, `Firefox on Linux`; another program by its first word. */
export function browserOf(agent: string | null): string | null {
  const nameIn = (names: object) => Object.entries(names).find(([word]) => agent?.includes(word))?.[1];
  const system = nameIn(systems);
  const browser = nameIn(browsers) ?? agent?.split(/[\s/]/)[0]?.slice(0, 40) ?? null;
  return browser && system ? `${browser} on ${system}` : browser;
}

/** The hash of the id in the request's cookie; undefined without a cookie. */
export function sessionHashOf(request: Request): string | undefined {
  const id = sessionIdOf(request);
  return id && hashToken(id);
}

const isSecure = (request: Request) => request.url.startsWith("https:");

/**
 * Over TLS, the prefix `__Host-` makes browsers reject cookies set by other hosts or without TLS. It requires `Path=/`;
 * under a base path, `__Secure-` still requires TLS.
 */
const cookieName = (request: Request) =>
  `${isSecure(request) ? (basePathOf(request) === "" ? "__Host-" : "__Secure-") : ""}downtime`;

/** The id in the request's cookie; undefined without a cookie. */
export function sessionIdOf(request: Request): string | undefined {
  const start = `${cookieName(request)}=`;
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const ids = pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
  return ids.find((id) => idPattern.test(id));
}

/** The value of `Set-Cookie`. */
export const cookieOf = (request: Request, id: string, maxAgeSeconds: number) =>
  `${cookieName(request)}=${id}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure(request) ? "; Secure" : ""}`;
