/** A twin: the least program that gives the service's answers, to compare with. Told what to do as JSON in its argument. */

import { Database } from "bun:sqlite";
import postgres from "postgres";
import { createRequestIds } from "../../src/http/request-log.ts";
import { createLog } from "../../src/log.ts";

/** What a twin does. */
export type Twin =
  /** Sends the bytes of a file, or nothing but the status. */
  | {
      readonly kind: "constant";
      readonly file?: string;
      readonly status: number;
      readonly encoding?: string;
      /** Does what no honest server may leave out, and sends these headers. */
      readonly duties?: readonly (readonly [string, string])[];
    }
  /** Asks SQLite, with one prepared statement, for what overlaps a window, and sends it as JSON. */
  | { readonly kind: "sqlite"; readonly file: string }
  /** The same of PostgreSQL. */
  | { readonly kind: "postgres"; readonly url: string; readonly connections: number };

const twin: Twin = JSON.parse(process.argv[2] ?? "{}");
const columns = `id, "start", "end", site, enclosure, telescope, instrument_type, reason, created, modified`;

async function handlerOf(): Promise<(request: Request) => Response | Promise<Response>> {
  if (twin.kind === "constant") {
    const bytes = twin.file ? await Bun.file(twin.file).bytes() : null;
    const headers = {
      ...(bytes && { "content-type": "application/json;charset=utf-8" }),
      ...(twin.encoding && { "content-encoding": twin.encoding }),
    };
    const { status, duties } = twin;
    if (!duties) return () => new Response(bytes, { status, headers });
    return withDuties({ status, headers: new Headers(duties as [string, string][]) }, bytes);
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
  if (twin.kind === "sqlite") {
    const database = new Database(twin.file, { readonly: true });
    const statement = database.query(
      `SELECT ${columns} FROM downtime WHERE "end" >= ? AND "start" <= ? ORDER BY created, id LIMIT ?`,
    );
    return (request) => {
      const { after, before, limit } = parametersOf(request);
      return answer(statement.all(after, before, limit), request);
    };
  }
  const text = { to: 25, from: [1184], serialize: String, parse: (value: string) => value };
  const sql = postgres(twin.url, { max: twin.connections, types: { text } });
  return async (request) => {
    const { after, before, limit } = parametersOf(request);
    const rows = await sql`SELECT ${sql.unsafe(columns)} FROM downtime
        WHERE "end" >= ${after} AND "start" <= ${before} ORDER BY created, id LIMIT ${limit}`;
    return answer(rows, request);
  };
}

/** Reads what was asked, by whom, and what they have already; finds the answer by its address; and logs a line. */
function withDuties(init: ResponseInit, bytes: Uint8Array<ArrayBuffer> | null) {
  const log = createLog(Date.now);
  const answers = new Map<string, ResponseInit>();
  const newId = createRequestIds();
  return ({ method, url, headers }: Request) => {
    const startedAt = performance.now();
    const kept = answers.get(url) ?? init;
    if (kept === init) answers.set(url, { ...init });
    if (method !== "GET" || headers.has("authorization") || headers.has("cookie")) return new Response(null);
    if (headers.get("if-none-match") === "none") return new Response(null);
    const response = new Response(bytes, kept);
    log.request({ id: newId(), method, path: "/api/", status: response.status, millis: performance.now() - startedAt });
    return response;
  };
}

const handler = await handlerOf();
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, development: false, fetch: handler });
process.stdout.write(`${server.url}\n`);
