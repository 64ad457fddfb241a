/** HTTP calls to the Observation Portal: accepted, refused or failed. */

import type { Static, TSchema } from "@sinclair/typebox";
import type { Log } from "../http/request-context.ts";
import { megabyte, mismatchOf, readLimited } from "../input/tolerant.ts";

/** There was no response, or one that says nothing about the user. */
export class PortalUnreachable extends Error {
  /** @param others the URLs to try instead, if the response wasn't from the portal's endpoint */
  constructor(
    readonly url: string,
    readonly reason: string,
    readonly status?: number,
    readonly others?: readonly string[],
  ) {
    super(status === undefined ? `${reason} (${url})` : `status ${status} from ${url}: ${reason}`);
  }
}

const maxTries = 7;
/** Statuses of a path that isn't the endpoint. With DEBUG, Django responds 500 to a POST without the trailing slash. */
const elsewhere = [200, 403, 404, 405, 410, 500, 501];
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

  const log = (url: string, status: number | undefined, cause: string) =>
    warn("portal call failed", { url, status, cause });

  /** Redirects are only for requests without a password, and only within the origin. */
  async function ask<Schema extends TSchema>(address: string, init: RequestInit, schema: Schema) {
    const response = await fetch(address, { ...init, redirect: "manual" });
    const { status, headers, statusText } = response;
    const url = withoutQuery(address);
    // A profile has about 2 KB.
    const json = await parseJson(await readLimited(response, megabyte));
    if (status >= 300 && status < 400) {
      const { href, origin } = new URL(headers.get("location") ?? "", address);
      const isSafe = init.method !== "POST" && origin === new URL(address).origin;
      throw new PortalUnreachable(url, `redirects to ${withoutQuery(href)}`, status, isSafe ? [href] : []);
    }
    const mismatch = json === undefined ? undefined : mismatchOf(schema, json);
    if (status === 200 && mismatch) throw new PortalUnreachable(url, mismatch, status);
    if (status === 200 && json !== undefined) return { isRefusal: false as const, json: json as Static<Schema> };
    const error = reasonIn(json);
    if (error && ourErrors.includes(error))
      throw new PortalUnreachable(url, `${error}: check OAUTH_CLIENT_ID and OAUTH_CLIENT_SECRET`, status);
    const reason = error ?? (status === 200 ? "no JSON" : statusText);
    if (status === 400 || status === 401 || (status === 403 && json !== undefined)) {
      log(url, status, reason);
      return { isRefusal: true as const, reason };
    }
    throw new PortalUnreachable(url, reason, status, elsewhere.includes(status) ? [] : undefined);
  }

  /** @throws PortalUnreachable unless the portal accepts or refuses */
  async function call<Schema extends TSchema>(url: string, init: RequestInit, schema: Schema) {
    const known = working.get(url);
    const addresses = known ? [known] : [url, toggleSlash(url)];
    let first: PortalUnreachable | undefined;
    for (let tries = 0; tries < maxTries; tries++) {
      const address = addresses.shift();
      if (address === undefined) break;
      const answer = await ask(address, init, schema).catch((error: Error) =>
        error instanceof PortalUnreachable ? error : new PortalUnreachable(withoutQuery(address), error.message),
      );
      if (!(answer instanceof PortalUnreachable)) {
        answeredAt = performance.now();
        working.set(url, address);
        return answer;
      }
      failures++;
      log(answer.url, answer.status, answer.reason);
      if (!answer.others) throw answer;
      addresses.unshift(...answer.others);
      first ??= answer;
    }
    working.delete(url);
    throw first;
  }

  // For `/metrics`: the age of the last response, if there was one, and how many calls have failed since the start.
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

/** Parses JSON; undefined if it is invalid. */
export const parseJson = (text: string): Promise<unknown> => new Response(text).json().catch(() => undefined);

/** The reason in an error of OAuth (`error`) or Django REST framework (`detail`). Nothing else of a response may be logged. */
function reasonIn(json: unknown): string | undefined {
  const { error, detail } = Object(json) as { readonly error?: unknown; readonly detail?: unknown };
  const reason = error ?? detail;
  return typeof reason === "string" ? reason.slice(0, 200) : undefined;
}
