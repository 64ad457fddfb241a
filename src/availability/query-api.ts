/** Questions: paths of the API that are only read, and how their answers are sent. */

import type { Auth } from "../auth/authenticate.ts";
import { createRefusal, describe, readableByAll } from "../http/json.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { acceptsGzip } from "../http/send.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";
import { toMjd } from "../time/mjd.ts";

const methods = "GET, HEAD, OPTIONS";

export interface QueryRoute {
  readonly path: `/api/${string}/`;
  /** What the path is called in the answer to `OPTIONS`. */
  readonly name: string;
  readonly document: { readonly detail: object };
  readonly auth: Pick<Auth, "identify" | "requireWriter">;
  readonly answer: (caller: RequestContext, parameters: URLSearchParams) => Promise<Response>;
}

/** A path that answers to whoever asks, unless they say who they are and aren't. */
export function queryRoutes({ path, name, document, auth, answer }: QueryRoute) {
  const ask = async (caller: RequestContext) => {
    await auth.identify(caller.request, addressOf(caller));
    return answer(caller, new URL(caller.request.url).searchParams);
  };
  return createRoutes(name)
    .get(path, serving(ask), document)
    .options(
      path,
      serving((caller) => describe(caller, name, methods)),
    )
    .all(path, serving(createRefusal(auth)(methods)), { parse: "none", detail: { hide: true } });
}

/** @throws Invalid naming every bad parameter at once */
export function checkAll(...errors: readonly FieldErrors[]): void {
  const all: FieldErrors = Object.assign({}, ...errors);
  if (Object.keys(all).length > 0) throw new Invalid(all);
}

/** How instants are written. */
export const spellings = ["iso", "mjd"] as const;
export type Spelling = (typeof spellings)[number];

const instantFields = new Set(["start", "end", "at", "until", "created", "modified"]);

/** An answer as JSON, with its instants as they were asked for. */
export function sendJson(value: unknown, { request }: RequestContext, spelling: Spelling = "iso"): Response {
  const asMjd = (field: string, value: unknown) =>
    instantFields.has(field) && typeof value === "string" ? toMjd(value as Instant) : value;
  const text = JSON.stringify(value, spelling === "mjd" ? asMjd : undefined);
  const gzips = acceptsGzip(request);
  return new Response(gzips ? Bun.gzipSync(text, { level: 3 }) : text, {
    headers: {
      "content-type": "application/json;charset=utf-8",
      "cache-control": "no-cache",
      vary: "Accept-Encoding",
      ...(gzips && { "content-encoding": "gzip" }),
      ...readableByAll,
    },
  });
}
