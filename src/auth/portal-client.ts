/** HTTP calls to the Observation Portal: accepted, refused or failed. */

import type { Static, TSchema } from "@sinclair/typebox";
import type { Log } from "../http/request-log.ts";
import { megabyte, mismatchOf, readLimited } from "../input/tolerant.ts";

/** The portal accepted the request and sent JSON, or refused it with a reason. */
type PortalAnswer<T> =
  | { readonly isRefusal: false; readonly json: T }
  | { readonly isRefusal: true; readonly reason: string };

/** There was no response, or one that says nothing about the user. */
export class PortalUnreachable extends Error {
  /** @param isElsewhere the response wasn't from the portal's endpoint */
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly status?: number,
    readonly isElsewhere = false,
  ) {
    super(status === undefined ? `${reason} (${url})` : `status ${status} from ${url}: ${reason}`);
  }
}

const maxRedirects = 5;
/** Of a response; a profile has about 2 KB. */
const maxBytes = megabyte;
/** Statuses of a path that isn't the endpoint. With DEBUG, Django responds 500 to a POST without the trailing slash. */
const elsewhere = new Set([200, 403, 404, 405, 410, 500, 501]);
/** Errors about this service's OAuth client, which say nothing about the user. */
const ourErrors = ["invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"];

/**
 * Creates the function that calls the portal. The settings may have an endpoint with or without its trailing slash; the
 * URL that works is remembered. Every failed call is logged with its status and cause.
 */
export function createPortalCalls({ warn }: Pick<Log, "warn">) {
  /** The URL in the settings → the one that works. */
  const working = new Map<string, string>();
  let answeredAt: number | undefined;
  let failures = 0;

  const logFailure = (url: string, status: number | undefined, cause: string) =>
    warn("portal call failed", { url, status, cause });

  /** Sends a request to one URL. Follows redirects only for requests without a password, and only within the origin. */
  async function send<Schema extends TSchema>(
    address: string,
    init: RequestInit,
    schema: Schema,
    redirects = 0,
  ): Promise<PortalAnswer<Static<Schema>> & { readonly at: string }> {
    const response = await fetch(address, { ...init, redirect: "manual" });
    const { status } = response;
    const url = withoutQuery(address);
    const text = await readLimited(response, maxBytes);
    if (status >= 300 && status < 400) {
      const location = response.headers.get("location");
      const target = location ? URL.parse(location, address) : null;
      const isSafe = init.method !== "POST" && target?.origin === new URL(address).origin;
      if (target && isSafe && redirects < maxRedirects) return send(target.href, init, schema, redirects + 1);
      const reason = target ? `redirects to ${withoutQuery(target.href)}` : "redirects without a location";
      throw new PortalUnreachable(url, reason, status, true);
    }
    const json = parseJson(text);
    if (status === 200 && json !== undefined) {
      const mismatch = mismatchOf(schema, json);
      if (mismatch) throw new PortalUnreachable(url, mismatch, status);
      return { isRefusal: false, json: json as Static<Schema>, at: address };
    }
    const error = reasonIn(json);
    if (error && ourErrors.includes(error))
      throw new PortalUnreachable(url, `${error}: check OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET`, status);
    const reason = error ?? (status === 200 ? "no JSON" : response.statusText);
    const isRefusal = status === 400 || status === 401 || (status === 403 && json !== undefined);
    if (!isRefusal) throw new PortalUnreachable(url, reason, status, elsewhere.has(status));
    logFailure(url, status, reason);
    return { isRefusal, reason, at: address };
  }

  /** @throws PortalUnreachable unless the portal accepts or refuses */
  async function call<Schema extends TSchema>(
    url: string,
    init: RequestInit,
    schema: Schema,
  ): Promise<PortalAnswer<Static<Schema>>> {
    const known = working.get(url);
    let first: PortalUnreachable | undefined;
    for (const address of known ? [known] : [url, toggleSlash(url)])
      try {
        const answer = await send(address, init, schema);
        answeredAt = performance.now();
        working.set(url, answer.at);
        return answer;
      } catch (error) {
        const isOurs = error instanceof PortalUnreachable;
        const failure = isOurs ? error : new PortalUnreachable(withoutQuery(address), (error as Error).message);
        failures++;
        logFailure(failure.url, failure.status, failure.reason);
        if (!failure.isElsewhere) throw failure;
        first ??= failure;
      }
    working.delete(url);
    throw first;
  }

  // Also tells the age of the last response, if there was one, and how many calls have failed since the start.
  return { call, ageSeconds: () => answeredAt && (performance.now() - answeredAt) / 1000, failures: () => failures };
}

/** Adds the trailing slash, or removes it if there is one. */
function toggleSlash(address: string): string {
  const url = new URL(address);
  url.pathname = url.pathname.endsWith("/") ? url.pathname.slice(0, -1) : `${url.pathname}/`;
  return url.href;
}

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

/** Parses JSON; returns undefined if it is invalid. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The reason in an error of OAuth (`error`) or Django REST framework (`detail`). Nothing else of a response may be logged. */
function reasonIn(json: unknown): string | undefined {
  const { error, detail } = Object(json) as { readonly error?: unknown; readonly detail?: unknown };
  const reason = error ?? detail;
  return typeof reason === "string" ? reason.slice(0, 200) : undefined;
}
