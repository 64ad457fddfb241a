/** Middleware: what is done to every request before a route sees it, and to every answer before it is sent. */

import { clientAddressFrom } from "../input/address.ts";
import { Malformed, type Problem } from "../input/problem.ts";
import type { Cors } from "./cors.ts";
import type { AllowedHosts } from "./hosts.ts";
import { pathOf, startOfPath } from "./path.ts";
import { rememberRequest, requestIdOf } from "./request-context.ts";
import { createRequestIds, type Log } from "./request-log.ts";

const mostParameters = 100;

interface MiddlewareSettings {
  /** The address that answers a request for another one; the same where there is no other. */
  readonly answeringAddressOf: (address: string) => string;
  /** The names under which the service is reached; undefined: any. */
  readonly allowedHosts: AllowedHosts | undefined;
  /** A proxy stands in front: what it says of the client in `X-Forwarded-*` is believed. */
  readonly trustProxy: boolean;
  readonly hardening: SecurityHeaders;
  /** Where a request came from, as the server itself sees it. */
  readonly addressOf: (request: Request) => string;
  /** The user whom a request turned out to come from. */
  readonly userOf: (request: Request) => string | undefined;
  readonly log: Pick<Log, "request">;
  readonly cors: Cors;
  /**
   * An answer from memory, which has no `X-Request-Id`; undefined where there is none.
   * @param address the client's, where the server can't tell it from the request
   */
  readonly ready: (request: Request, address: string | undefined) => Response | undefined;
  /** The answer to a request that isn't let through. */
  readonly refuse: (problem: Problem, request: Request) => Promise<Response>;
}

/** Answers a request. */
export type Handle = (request: Request) => Response | Promise<Response>;

/** @returns wraps what answers requests that aren't refused, and whose answers aren't ready */
export function createMiddleware(settings: MiddlewareSettings) {
  const { answeringAddressOf, allowedHosts, trustProxy, hardening, addressOf, userOf, log, cors, ready, refuse } =
    settings;
  const newId = createRequestIds();

  const finish = (request: Request, response: Response, startedAt: number): Response => {
    // Cached lists already carry these headers.
    if (!response.headers.has("content-security-policy"))
      for (const [name, value] of Object.entries(hardening(request.url))) response.headers.set(name, value);
    cors(request, response);
    const id = requestIdOf(request);
    response.headers.set("x-request-id", id);
    const { method, url } = request;
    const millis = performance.now() - startedAt;
    log.request({ id, method, path: pathOf(url), status: response.status, millis, user: userOf(request) });
    return response;
  };

  /** Refuses a request whose header `Host` is invalid or names another service. The answer repeats nothing of it. */
  const refuseHost = async (received: Request) => {
    const startedAt = performance.now();
    const { pathname } = new URL(received.url, "http://localhost");
    const request = new Request(`http://localhost${pathname}`, { method: received.method });
    rememberRequest(request, { id: newId(), address: addressOf(received) });
    return finish(request, await refuse(new Malformed("Invalid Host header."), request), startedAt);
  };

  return (handle: Handle): Handle =>
    (received) => {
      // Bun joins several headers with commas, and takes the address from the first.
      const hasOneHost = !received.url.startsWith("/") && !received.headers.get("host")?.includes(",");
      if (!hasOneHost) return refuseHost(received);
      const startedAt = performance.now();
      const { request: sent, address } = trustProxy
        ? asSent(received)
        : { request: withLongHost(received), address: undefined };
      if (allowedHosts && !allowedHosts(sent.url)) return refuseHost(received);
      const answering = answeringAddressOf(sent.url);
      const request = answering === sent.url ? sent : new Request(answering, sent);
      // The server knows the address of the request that it received, and of no other.
      const from = address ?? (request === received ? undefined : addressOf(received));
      const answer = ready(request, from);
      if (answer) {
        const { method, url } = request;
        const millis = performance.now() - startedAt;
        log.request({ id: newId(), method, path: pathOf(url), status: answer.status, millis });
        return answer;
      }
      rememberRequest(request, { id: newId(), address: from });
      const problem = problemOf(request);
      const response = problem ? refuse(problem, request) : handle(request);
      // A promise, even a settled one, costs the server as much as the answer.
      if (response instanceof Response) return finish(request, response, startedAt);
      return response.then((response) => finish(request, response, startedAt));
    };
}

function problemOf(request: Request): Problem | undefined {
  const query = request.url.indexOf("?");
  if (query < 0) return undefined;
  let parameters = 1;
  for (let at = request.url.indexOf("&", query); at >= 0; at = request.url.indexOf("&", at + 1)) parameters++;
  return parameters > mostParameters
    ? new Malformed(`The query has ${parameters} parameters; ${mostParameters} are read at most.`)
    : undefined;
}

/** Elysia looks for the path behind the eleventh character: `http://web/` is too short. `addressFrom` takes the dots away. */
function withLongHost(request: Request): Request {
  if (startOfPath(request.url) >= 11) return request;
  const url = new URL(request.url);
  url.hostname = url.hostname.padEnd(4, ".");
  return new Request(url, request);
}

/**
 * The request as the client sent it to the proxy. Of a list of addresses or names the last counts: the proxy itself
 * wrote it, and what stands before may come from the client.
 */
function asSent(received: Request): { request: Request; address: string | undefined } {
  const last = (name: string) => received.headers.get(name)?.split(",").at(-1)?.trim();
  const url = new URL(received.url);
  const protocol = last("x-forwarded-proto")?.toLowerCase();
  const host = last("x-forwarded-host");
  const address = last("x-forwarded-for");
  if (protocol === "http" || protocol === "https") url.protocol = protocol;
  if (host && /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:]+\](:\d{1,5})?$/i.test(host)) {
    url.host = host;
    if (!/:\d+$/.test(host)) url.port = "";
  }
  return {
    request: withLongHost(url.href === received.url ? received : new Request(url, received)),
    address: address && clientAddressFrom(address),
  };
}

/** The headers that every answer to an address carries, but a 304 from memory: whoever gets it has them. */
export type SecurityHeaders = (url: string) => Readonly<Record<string, string>>;

/**
 * What tells a browser to load and run nothing but what comes from here, and to show none of it inside other pages.
 * @param logoUrl another place that pictures may come from
 */
export function createSecurityHeaders(logoUrl: string | undefined): SecurityHeaders {
  const logo = logoUrl && URL.canParse(logoUrl) ? ` ${new URL(logoUrl).origin}` : "";
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data:${logo}`,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  const plain = {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
  };
  const behindTls = { ...plain, "strict-transport-security": "max-age=31536000" };
  return (url) => (url.startsWith("https:") ? behindTls : plain);
}
