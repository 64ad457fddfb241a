/** Middleware: processes every request before its route, and every response before it is sent. */

import type { createApp } from "./app.ts";
import { createReadyList } from "./downtime/api.ts";
import { createCors } from "./http/methods.ts";
import { addBasePath, createAllowedHosts, pathOf, startOfPath, withoutBasePath } from "./http/path.ts";
import { answeringAddressOf } from "./http/redirects.ts";
import { addressOf, basePathOf, rememberRequest, requestIdOf } from "./http/request-context.ts";
import { clientAddressFrom, readBasePath } from "./input/address.ts";
import { Malformed, type Problem } from "./input/problem.ts";
import type { AppServices } from "./services.ts";

const maxParameters = 100;

export type Handle = (request: Request) => Response | Promise<Response>;

/** Creates request ids: short enough to read out, with a random prefix for each process. */
export function createRequestIds(): () => string {
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;
  return () => `${prefix}-${++count}`;
}

/** @returns a function that wraps the handler of requests that are neither rejected nor answered from the cache */
export function createMiddleware(services: AppServices, { app, fail, requests }: ReturnType<typeof createApp>) {
  const { config, securityHeaders, auth, log } = services;
  const { TRUST_PROXY: trustProxy, BASE_PATH: basePath, LOG_ADDRESSES: logAddresses } = config;
  const ready = createReadyList(services);
  /** The IP address of the client or proxy; empty unless the server received this very object. */
  const senderOf = (received: Request) => app.server?.requestIP(received)?.address ?? "";
  const allowedHosts = createAllowedHosts(config.ALLOWED_HOSTS);
  const cors = createCors(config.CORS_ORIGINS);
  const newId = createRequestIds();

  const note = (request: Request, id: string, status: number, startedAt: number, from: () => string) => {
    const { method, url } = request;
    const millis = performance.now() - startedAt;
    const address = logAddresses ? from() : undefined;
    const line = { id, method, path: pathOf(url), status, millis, user: auth.userOf(request), address };
    requests.add(line);
    log.request(line);
  };

  const finish = (request: Request, response: Response, startedAt: number): Response => {
    // Cached lists already carry these headers.
    if (!response.headers.has("content-security-policy"))
      for (const [name, value] of Object.entries(securityHeaders(request.url))) response.headers.set(name, value);
    cors(request, response);
    const base = basePathOf(request);
    if (base !== "") addBasePath(response, base);
    const id = requestIdOf(request);
    response.headers.set("x-request-id", id);
    note(request, id, response.status, startedAt, () => addressOf(request));
    return response;
  };

  /** Rejects a request with an invalid or unknown `Host`, without repeating it in the response. */
  const refuseHost = async (received: Request) => {
    const startedAt = performance.now();
    const { pathname } = new URL(received.url, "http://localhost");
    const request = new Request(`http://localhost${pathname}`, { method: received.method });
    const sent = trustProxy ? asSent(new Request(request, { headers: received.headers })) : undefined;
    const address = sent?.address ?? senderOf(received);
    rememberRequest(request, { id: newId(), address: () => address, base: "" });
    return finish(request, await fail(new Malformed("Invalid Host header."), request), startedAt);
  };

  return (handle: Handle): Handle =>
    (received) => {
      // Bun joins several Host headers with commas, and uses the first one in the URL.
      if (received.url.startsWith("/") || received.headers.get("host")?.includes(",")) return refuseHost(received);
      const startedAt = performance.now();
      const { request: sent, address, prefix } = trustProxy ? asSent(received) : asReceived(received);
      if (allowedHosts && !allowedHosts(sent.url)) return refuseHost(received);
      const answering = answeringAddressOf(withoutBasePath(sent.url, basePath));
      const request = answering === sent.url ? sent : new Request(answering, sent);
      // Only what is logged is found out at once, since that takes as long as sending a cached response.
      const known = address ?? (logAddresses ? senderOf(received) : undefined);
      const from = () => known ?? senderOf(received);
      const base = prefix ?? basePath;
      // Its links are those of a service at `/`.
      const answer = base === "" ? ready(request, from) : undefined;
      if (answer) {
        note(request, newId(), answer.status, startedAt, from);
        return answer;
      }
      rememberRequest(request, { id: newId(), address: from, base });
      const problem = problemOf(request);
      const response = problem ? fail(problem, request) : handle(request);
      // Avoids a promise for synchronous responses: it takes the server as long as the response itself.
      if (response instanceof Response) return finish(request, response, startedAt);
      return response.then((response) => finish(request, response, startedAt));
    };
}

function problemOf({ url }: Request): Problem | undefined {
  const query = url.indexOf("?");
  if (query < 0) return undefined;
  const parameters = url.slice(query).split("&").length;
  if (parameters <= maxParameters) return undefined;
  return new Malformed(`Too many query parameters: ${parameters} (limit ${maxParameters}).`);
}

/** Pads short host names with dots: Elysia searches the path from the 11th character of the URL, too late for `http://web/`. `addressFrom` removes them. */
function withLongHost(request: Request): Request {
  if (startOfPath(request.url) >= 11) return request;
  const url = new URL(request.url);
  url.hostname = url.hostname.padEnd(4, ".");
  return new Request(url, request);
}

const asReceived = (received: Request) => ({ request: withLongHost(received), address: undefined, prefix: undefined });

/**
 * Returns the request as the client sent it to the proxy. Only the last value of each header counts: the proxy added it,
 * while earlier ones may come from the client.
 */
function asSent(received: Request) {
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
    // The base path that the proxy took off.
    prefix: readBasePath(last("x-forwarded-prefix") ?? "") || undefined,
  };
}
