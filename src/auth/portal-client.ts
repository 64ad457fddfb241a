/** One call to the Observation Portal: its yes, its no, or no answer that says anything about a user. */

import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { megabyte, readLimited } from "../input/limited.ts";

/** The portal says yes with some JSON, or no with its reason. */
type PortalAnswer<T> =
  | { readonly isRefusal: false; readonly json: T }
  | { readonly isRefusal: true; readonly reason: string };

/** No answer, or none that says anything about the user. */
export class PortalUnreachable extends Error {}

/** The answer came from something that isn't the portal's endpoint. */
class WrongAddress extends PortalUnreachable {}

export type Warn = (message: string, details: Record<string, unknown>) => void;

const mostRedirects = 5;
/** The largest answer that is read; a profile has some 2 KB. */
const mostBytes = megabyte;

/**
 * Creates the function that calls the portal. Settings may name an endpoint with or without its final slash; the address
 * that works is remembered. Every call that fails is logged with its status and cause.
 */
export function createPortalCalls(warn: Warn) {
  /** The address in the settings → the one that answered. */
  const working = new Map<string, string>();

  /** Sends a request to one address. A redirect is followed only where it carries no password, and never to another origin. */
  async function send<Schema extends TSchema>(
    address: string,
    init: RequestInit,
    schema: Schema,
    redirects = 0,
  ): Promise<PortalAnswer<Static<Schema>> & { readonly at: string }> {
    const fail = (status: number, cause: string, Kind = PortalUnreachable) => {
      const url = withoutQuery(address);
      warn("portal call failed", { url, status, cause });
      return new Kind(`status ${status} from ${url}: ${cause}`);
    };
    const response = await fetch(address, { ...init, redirect: "manual" });
    const { status } = response;
    const text = await readLimited(response, mostBytes);
    const location = response.headers.get("location");
    if (status >= 300 && status < 400) {
      const target = location && URL.canParse(location, address) ? new URL(location, address) : undefined;
      const isSafe = init.method !== "POST" && target?.origin === new URL(address).origin;
      if (target && isSafe && redirects < mostRedirects) return send(target.href, init, schema, redirects + 1);
      throw fail(status, target ? `redirects to ${withoutQuery(target.href)}` : "redirects nowhere", WrongAddress);
    }
    const json = parseJson(text);
    if (status === 200 && json !== undefined) {
      const mismatch = mismatchOf(schema, json);
      if (mismatch) throw fail(status, mismatch);
      return { isRefusal: false, json: json as Static<Schema>, at: address };
    }
    const reason = reasonOf(json);
    const cause = reason ?? (status === 200 ? "no JSON" : response.statusText);
    // The portal refuses this service, which says nothing about the user.
    if (/^(invalid_client|unauthorized_client|unsupported_grant_type|invalid_scope)$/.test(reason ?? ""))
      throw fail(status, `${reason}: check OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET`);
    if (status === 400 || status === 401 || (status === 403 && json !== undefined)) {
      warn("portal call failed", { url: withoutQuery(address), status, cause });
      return { isRefusal: true, reason: cause, at: address };
    }
    throw fail(status, cause, elsewhere.has(status) ? WrongAddress : PortalUnreachable);
  }

  /** @throws PortalUnreachable unless the portal says yes or no */
  return async function call<Schema extends TSchema>(
    url: string,
    init: RequestInit,
    schema: Schema,
  ): Promise<PortalAnswer<Static<Schema>>> {
    const known = working.get(url);
    let failure: WrongAddress | undefined;
    for (const address of known ? [known] : [url, withOtherEnd(url)])
      try {
        const answer = await send(address, init, schema);
        working.set(url, answer.at);
        return answer;
      } catch (error) {
        if (error instanceof WrongAddress) failure ??= error;
        else throw error instanceof PortalUnreachable ? error : unanswered(address, error as Error);
      }
    working.delete(url);
    throw failure;
  };

  function unanswered(address: string, { message }: Error): PortalUnreachable {
    const url = withoutQuery(address);
    warn("portal call failed", { url, cause: message });
    return new PortalUnreachable(`${message} (${url})`);
  }
}

/** Statuses of a path that isn't the endpoint. Django answers 500 to a POST without the final slash under DEBUG. */
const elsewhere = new Set([200, 403, 404, 405, 410, 500, 501]);

/** The same address with a final slash, or without the one that it has. */
function withOtherEnd(address: string): string {
  const url = new URL(address);
  url.pathname = url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : `${url.pathname}/`;
  return url.href;
}

const withoutQuery = (address: string): string => {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
};

/** Where a value isn't what it should be; it may hold a token, so it isn't repeated. */
export function mismatchOf(schema: TSchema, value: unknown): string | undefined {
  const error = Value.Errors(schema, value).First();
  return error && `${error.message} at ${error.path || "the top"}`;
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The reason that OAuth (`error`) and Django REST framework (`detail`) give; nothing else of an answer may be logged. */
function reasonOf(json: unknown): string | undefined {
  const { error, detail } = Object(json) as { readonly error?: unknown; readonly detail?: unknown };
  const reason = error ?? detail;
  return typeof reason === "string" ? reason.slice(0, 200) : undefined;
}
