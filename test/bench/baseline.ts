/** The baseline: a minimal program with the service's responses, to compare with. Its argument is a `Baseline` as JSON. */

import { Database } from "bun:sqlite";
import postgres from "postgres";
import { createLog } from "../../src/log.ts";
import { createRequestIds } from "../../src/middleware.ts";

/** What the baseline does. */
export type Baseline =
  /** Sends the bytes of a file, or a status without a body. */
  | {
      readonly kind: "constant";
      readonly file?: string;
      readonly status: number;
      readonly encoding?: string;
      /** Sends these headers, and does the work that every server must do per request. */
      readonly headers?: readonly (readonly [string, string])[];
    }
  /** Queries SQLite for the rows that overlap a window, with one prepared statement, and sends them as JSON. */
  | { readonly kind: "sqlite"; readonly file: string }
  /** The same with PostgreSQL. */
  | { readonly kind: "postgres"; readonly url: string; readonly connections: number };

const baseline: Baseline = JSON.parse(process.argv[2] ?? "{}");
const columns = `id, "start", "end", site, enclosure, telescope, instrument_type, reason, created, modified`;

async function createHandler(): Promise<(request: Request) => Response | Promise<Response>> {
  if (baseline.kind === "constant") {
    const bytes = baseline.file ? await Bun.file(baseline.file).bytes() : null;
    const headers = {
      ...(bytes && { "content-type": "application/json;charset=utf-8" }),
      ...(baseline.encoding && { "content-encoding": baseline.encoding }),
    };
    const { status } = baseline;
    if (!baseline.headers) return () => new Response(bytes, { status, headers });
    return withUsualWork({ status, headers: new Headers(baseline.headers as [string, string][]) }, bytes);
  }
  const answer = (rows: readonly unknown[], { headers }: Request) => {
    const list = { count: rows.length, next: null, previous: null, results: rows };
    if (!headers.get("accept-encoding")?.includes("gzip")) return Response.json(list);
    const zipped = { "content-type": "application/json", "content-encoding": "gzip" };
    return new Response(Bun.gzipSync(JSON.stringify(list)), { headers: zipped });
  };
  const parametersOf = ({ url }: Request) => {
    const query = new URL(url).searchParams;
    const [after, before] = [query.get("ends_after") ?? "0001", query.get("starts_before") ?? "9999"];
    return { after, before, limit: Number(query.get("limit") ?? 1000) };
  };
  if (baseline.kind === "sqlite") {
    const database = new Database(baseline.file, { readonly: true });
    const statement = database.query(
      `SELECT ${columns} FROM downtime WHERE "end" >= ? AND "start" <= ? ORDER BY created, id LIMIT ?`,
    );
    return (request) => {
      const { after, before, limit } = parametersOf(request);
      return answer(statement.all(after, before, limit), request);
    };
  }
  const text = { to: 25, from: [1184], serialize: String, parse: (value: string) => value };
  const sql = postgres(baseline.url, { max: baseline.connections, types: { text } });
  return async (request) => {
    const { after, before, limit } = parametersOf(request);
    const rows = await sql`SELECT ${sql.unsafe(columns)} FROM downtime
        WHERE "end" >= ${after} AND "start" <= ${before} ORDER BY created, id LIMIT ${limit}`;
    return answer(rows, request);
  };
}

/** Reads method, credentials and If-None-Match, looks the response up by its URL, and logs the request. */
function withUsualWork(init: ResponseInit, bytes: Uint8Array<ArrayBuffer> | null) {
  const log = createLog(Date.now);
  const answers = new Map<string, ResponseInit>();
  const newId = createRequestIds();
  return ({ method, url, headers }: Request) => {
    const startedAt = performance.now();
    const known = answers.get(url) ?? init;
    if (known === init) answers.set(url, { ...init });
    if (method !== "GET" || headers.has("authorization") || headers.has("cookie")) return new Response(null);
    if (headers.get("if-none-match") === "none") return new Response(null);
    const response = new Response(bytes, known);
    log.request({ id: newId(), method, path: "/api/", status: response.status, millis: performance.now() - startedAt });
    return response;
  };
}

const handler = await createHandler();
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, development: false, fetch: handler });
process.stdout.write(`${server.url}\n`);
