/** Read-only API routes: authentication, validation and JSON responses. */

import type { Auth } from "../auth/authenticate.ts";
import { readableByAll } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { type FieldErrors, Invalid } from "../input/problem.ts";
import type { Instant } from "../time/instant.ts";
import { toMjd } from "../time/mjd.ts";

interface QueryRoute {
  readonly path: `/api/${string}/`;
  /** The name in the response to `OPTIONS`. */
  readonly name: string;
  readonly document: { readonly detail: object };
  readonly auth: Pick<Auth, "identify" | "requireWriter">;
  readonly answer: (context: RequestContext, parameters: URLSearchParams) => Promise<Response>;
}

/** Returns the routes of a public, read-only path. Wrong credentials still get 401. */
export function queryRoutes({ path, name, document, auth, answer }: QueryRoute) {
  const handle = async (context: RequestContext) => {
    await auth.identify(context.request, addressOf(context));
    return answer(context, new URL(context.request.url).searchParams);
  };
  return resource({ path, name, auth, methods: { GET: [handle, document] } });
}

/** @throws Invalid with the errors of all parameters */
export function throwIfInvalid(...errors: readonly FieldErrors[]): void {
  const all: FieldErrors = Object.assign({}, ...errors);
  if (Object.keys(all).length > 0) throw new Invalid(all);
}

/** How the API writes times: ISO 8601, or Modified Julian Dates as numbers. */
export const timeFormats = ["iso", "mjd"] as const;
type TimeFormat = (typeof timeFormats)[number];

const timeFields = new Set(["start", "end", "at", "until", "created", "modified"]);

/** Sends a value as JSON, compressed if the client accepts gzip. */
export function sendJson(value: unknown, { request }: RequestContext, format: TimeFormat = "iso"): Response {
  const asMjd = (field: string, value: unknown) =>
    timeFields.has(field) && typeof value === "string" ? toMjd(value as Instant) : value;
  return sendText(JSON.stringify(value, format === "mjd" ? asMjd : undefined), request, {
    headers: {
      "content-type": "application/json;charset=utf-8",
      "cache-control": "no-cache",
      vary: "Accept-Encoding",
      ...readableByAll,
    },
  });
}
