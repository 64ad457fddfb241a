/** The request context that routes get, how routes are created, and the interface of the log. */

import { Elysia } from "elysia";
import { NotFound, PreconditionFailed } from "../input/problem.ts";

/** The part of Elysia's context that routes use. */
export interface RequestContext {
  readonly request: Request;
  readonly params?: Readonly<Record<string, string>>;
}

interface RequestFacts {
  readonly id: string;
  /** Returns the client's IP address; empty if the connection is closed. */
  readonly address: () => string;
  readonly base: string;
}

const facts = new WeakMap<Request, RequestFacts>();

export const rememberRequest = (request: Request, what: RequestFacts): void => void facts.set(request, what);

export const requestIdOf = (request: Request): string => facts.get(request)?.id ?? "";

/** The base path under which the client sees the service; empty for none. */
export const basePathOf = (request: Request): string => facts.get(request)?.base ?? "";

/** The client's IP address; empty if the connection is closed. */
export const addressOf = (request: Request): string => facts.get(request)?.address() ?? "";

/**
 * Wraps a route's handler. Elysia analyses a handler's source text to prepare what it uses. If a handler passed its whole
 * context on, Elysia would parse cookies and copy each response, which doubles the time of a request.
 */
export const serving =
  <Result>(work: (context: RequestContext) => Result) =>
  ({ request, params = {} }: RequestContext): Result =>
    work({ request, params });

/**
 * Creates a group of routes. Paths match exactly: `/api` isn't `/api/`. `systemRouter` is off because Elysia strips the
 * trailing slash from paths that it passes to Bun's router.
 */
export const createRoutes = (name: string) => new Elysia({ name, strictPath: true, systemRouter: false });

/** Returns the id in the path. @throws NotFound if it isn't a valid id */
export function idOf({ params }: RequestContext): number {
  const id = /^\d+$/.test(params?.id ?? "") ? Number(params?.id) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new NotFound();
  return id;
}

/** The entity tag of a version. It is strong: a version always has the same bytes. */
export const etagOf = (version: number): string => `"${version}"`;

/** Checks `If-Match`, a list of tags or `*`. Without the header, any version passes. @throws PreconditionFailed */
export function checkIfMatch(request: Request, version: number): void {
  const wanted = request.headers.get("if-match")?.split(",");
  if (wanted && !wanted.some((tag) => ["*", etagOf(version)].includes(tag.trim())))
    throw new PreconditionFailed(etagOf(version));
}

export type Details = Readonly<Record<string, unknown>>;

export const levels = ["info", "warn", "error"] as const;

export type Level = (typeof levels)[number];

export interface RequestLine {
  readonly id: string;
  readonly method: string;
  /** Without the query, which may contain secrets. */
  readonly path: string;
  readonly status: number;
  readonly millis: number;
  readonly user?: string | undefined;
  readonly address?: string | undefined;
}

export interface Log extends Readonly<Record<Level, (message: string, details?: Details) => void>> {
  readonly request: (line: RequestLine) => void;
}
