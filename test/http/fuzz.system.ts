/**
 * Requests made from the OpenAPI document, and around it, against a service in a separate process.
 * `FUZZ_REQUESTS=20000 FUZZ_SEED=7 bun test ./test/http/fuzz.system.ts` sends more of them, and others.
 */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createDatabase, createFolder, draft, engines, runCommand, startConfigdb } from "../harness.ts";

const requests = Number(process.env.FUZZ_REQUESTS ?? 1200);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const mostGrowthMebibytes = 50;
const hangMillis = 30_000;

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly parameters: readonly { name: string; in: string; example?: unknown }[];
  readonly hasBody: boolean;
}

for (const engine of engines)
  describe(`fuzzing on ${engine}`, () => {
    const configdb = startConfigdb();
    const folder = createFolder();
    let service: Awaited<ReturnType<typeof startProcess>>;
    let database: Awaited<ReturnType<typeof createDatabase>>;
    beforeAll(async () => {
      database = await createDatabase(engine);
      const settings = { ...database.settings, CONFIGDB_URL: configdb.url, PORT: "0", CACHE_MB: "8" };
      await runCommand(["user", "add", "ada", "--staff", "--token", "ada-api-token"], settings);
      service = await startProcess(settings, `${folder.path}/log`);
    }, 30_000);
    afterAll(async () => {
      await service.stop();
      configdb.stop();
      await database.remove();
      folder.remove();
    });

    test(
      `${requests} requests get no 5xx, none hangs, and the memory doesn't grow`,
      async () => {
        const random = createRandom(seed);
        const operations = await readOperations(service.url);
        const send = async () => {
          const { path, init } = makeRequest(random, operations);
          const what = `${init.method} ${path.slice(0, 200)} ${String(init.body).slice(0, 200)}`;
          const answer = await fetch(service.url + path, {
            redirect: "manual",
            signal: AbortSignal.timeout(hangMillis),
            ...init,
          }).catch((error) => new Response(null, { status: 599, statusText: String(error) }));
          if (answer.headers.get("content-type")?.startsWith("text/event-stream")) await answer.body?.cancel();
          else await answer.text();
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
          if (answer.status >= 500) bad.push(`${answer.status} ${answer.statusText} to ${what}`);
        };
        const statuses: Record<number, number> = {};
        const bad: string[] = [];
        const together = 8;
        // Threads and caches are allocated in the first 600.
        const warmUp = 600;
        let before = Number.NaN;
        for (let sent = 0; sent < requests; sent += together) {
          if (Number.isNaN(before) && sent >= warmUp) before = service.memoryMebibytes();
          await Promise.all(Array.from({ length: together }, send));
        }
        const growth = service.memoryMebibytes() - before;
        if (process.env.FUZZ_REQUESTS) console.log({ engine, seed, requests, statuses, before, growth });
        expect(bad).toEqual([]);
        if (requests > warmUp) expect(growth).toBeLessThan(mostGrowthMebibytes);
        expect((await fetch(`${service.url}/health`)).status).toBe(200);
        expect(readFileSync(`${folder.path}/log`, "utf8")).not.toContain('"level":"error"');
      },
      Math.max(60_000, requests * 50),
    );
  });

async function startProcess(settings: Record<string, string>, log: string) {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/../../src/main.ts`, "serve"], {
    env: { PATH, HOME, ...settings },
    stdout: "pipe",
    stderr: Bun.file(log),
  });
  let said = "";
  for await (const piece of child.stdout as unknown as AsyncIterable<Uint8Array>) {
    said += new TextDecoder().decode(piece);
    if (said.includes("ConfigDB")) break;
  }
  const url = /http:\/\/\S+?(?=\/\s)/.exec(said)?.[0] ?? "";
  return {
    url,
    memoryMebibytes: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

async function readOperations(url: string): Promise<Operation[]> {
  const document = await (await fetch(`${url}/openapi.json`)).json();
  return Object.entries(document.paths as Record<string, Record<string, Record<string, unknown>>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        parameters: (operation.parameters ?? []) as Operation["parameters"],
        hasBody: operation.requestBody !== undefined,
      })),
  );
}

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
const chance = (random: Random, of: number) => random() < of;

/** Strings that tend to break programs. */
const texts = [
  "",
  " ",
  "0",
  "-1",
  "1e309",
  "NaN",
  "null",
  "true",
  "2026-02-30",
  "2026-11-22T12:00:00Z",
  "9999-12-31T23:59:59+23:59",
  "0001-01-01T00:00:00-23:59",
  "2026-11-22 00:00:00+02:00",
  "11/22/2026",
  "\u0000",
  "\ud800",
  "\u{1f52d}",
  "ẞßſK",
  "\u202e",
  "a".repeat(5000),
  "%",
  "%25",
  "%zz",
  "'",
  '"',
  "\\",
  "<b>",
  "../",
  "[x",
  "a,b",
  "-start",
  "start,-end,start",
  "ogg",
  "clma",
  "2m0a",
  "{}",
  "[]",
  "\r\n",
  "9".repeat(30),
];

function value(random: Random, depth = 0): unknown {
  const kind = random();
  if (kind < 0.5 || depth > 3) return pick(random, texts);
  if (kind < 0.6) return pick(random, [0, -1, 1.5, 1e308, 2 ** 53, true, false, null]);
  if (kind < 0.8) return Array.from({ length: Math.floor(random() * 4) }, () => value(random, depth + 1));
  return Object.fromEntries(
    Array.from({ length: Math.floor(random() * 4) }, () => [pick(random, texts), value(random, depth + 1)]),
  );
}

function makeRequest(random: Random, operations: readonly Operation[]): { path: string; init: RequestInit } {
  const operation = pick(random, operations);
  const id = chance(random, 0.5)
    ? String(1 + Math.floor(random() * 300))
    : encodeURIComponent(pick(random, texts).toWellFormed());
  const path = operation.path.replace(/\{\w+\}/, id) + query(random, operation);
  const method = chance(random, 0.9)
    ? operation.method
    : pick(random, ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
  const hasBody = method !== "GET" && method !== "HEAD" && (operation.hasBody || chance(random, 0.3));
  const body = hasBody ? bodyOf(random) : undefined;
  return {
    path,
    init: {
      method,
      headers: {
        ...(chance(random, 0.85)
          ? { authorization: "Token ada-api-token" }
          : { authorization: pick(random, ["Token x", "Basic x", "Bearer x", "Token", ""]) }),
        ...(body && { "content-type": body.mediaType }),
        ...(chance(random, 0.2) && {
          [pick(random, ["accept", "if-match", "if-none-match", "cookie", "x-csrf-token", "range", "accept-encoding"])]:
            pick(random, ["*/*", "text/html", '"1"', "bytes=0-5", "downtime=x", "gzip;q=x", "\u00ff"]),
        }),
      },
      ...(body && { body: body.text }),
    },
  };
}

function query(random: Random, { parameters }: Operation): string {
  const asked = parameters.filter((parameter) => parameter.in === "query");
  const count = chance(random, 0.02) ? 150 : Math.floor(random() * 5);
  const pairs = Array.from({ length: count }, () => {
    const parameter =
      asked.length > 0 && chance(random, 0.9) ? pick(random, asked) : { name: pick(random, texts), example: "x" };
    const text = chance(random, 0.4) ? String(parameter.example) : pick(random, texts);
    return chance(random, 0.9)
      ? `${encodeURIComponent(parameter.name.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`
      : `${parameter.name}=%ff%zz&&=`.replace(/[^\x21-\x7e]/g, "");
  });
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

function bodyOf(random: Random): { text: string; mediaType: string } {
  const entries: [string, unknown][] = Object.entries(draft);
  for (let changes = Math.floor(random() * 4); changes > 0; changes--)
    entries.push([
      pick(random, [...Object.keys(draft), "id", "created", "__proto__", "constructor", "extra"]),
      value(random),
    ]);
  const json = JSON.stringify(Object.fromEntries(entries));
  const text = pick(random, [
    json,
    json,
    json,
    () => `${json.slice(0, -1)},"site":"nop","site":1}`,
    () => json.slice(0, Math.floor(random() * json.length)),
    () => "[".repeat(20_000) + "]".repeat(20_000),
    () => `{"a":`.repeat(5000),
    () => JSON.stringify(value(random)),
    () => new URLSearchParams(entries.map(([name, of]) => [name, JSON.stringify(of)])).toString(),
    () => `--x\r\nContent-Disposition: form-data; name="site"\r\n\r\nogg\r\n--x--`,
    () => json.replace(/"reason":"[^"]*"/, `"reason":"${"x".repeat(1_100_000)}"`),
    () => "",
  ]);
  return {
    text: typeof text === "string" ? text : text(),
    mediaType: chance(random, 0.8)
      ? "application/json"
      : pick(random, [
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "multipart/form-data",
          "text/plain",
          "application/json; charset=utf-16",
          "x",
        ]),
  };
}

/** A seeded random number generator (mulberry32). */
function createRandom(state: number): Random {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
