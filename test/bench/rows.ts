/** The rows of the bench: what is measured, beside what, and what it should reach. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import postgres from "postgres";
import { hashPassword, hashToken } from "../../src/auth/secrets.ts";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { openServices } from "../../src/services.ts";
import { createPostgresDatabase, sharedPostgres } from "../postgres-server.ts";
import type { Outcome } from "./load.ts";
import { type AskName, asks, createRandom, draftsOf } from "./questions.ts";
import { answerOf, exampleFacility, load, type Server, startService, startTwin } from "./servers.ts";
import type { Twin } from "./twin.ts";

/** One measured thing: a figure of ours, one of what it is compared with, and what their ratio should be. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly goal: number;
  /** Whether the ratio should be at least the goal, or at most. */
  readonly better: "more" | "less";
  /** Pairs of ours and theirs, one for each round. */
  readonly rounds: readonly (readonly [ours: number, theirs: number])[];
}

export interface Bench {
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
}

type Figure = () => Promise<number>;

const connections = 32;

/** Rounds that count for nothing, while what is done again and again is compiled. */
const warmUps = 3;

/** Ours and theirs in turn. */
async function interleave({ rounds }: Bench, ours: Figure, theirs: Figure): Promise<Measurement["rounds"]> {
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < warmUps + rounds; round++) pairs.push([await ours(), await theirs()]);
  return pairs.slice(warmUps);
}

const databases = new Map<string, Promise<Readonly<Record<string, string>>>>();

/** The settings of a database with so many rows; filled when it is first asked for. */
export function stored(
  bench: Bench,
  engine: "sqlite" | "postgres",
  rows: number,
): Promise<Readonly<Record<string, string>>> {
  const key = `${engine} ${rows}`;
  const known = databases.get(key) ?? fill(bench, engine, rows);
  databases.set(key, known);
  return known;
}

async function fill({ folder }: Bench, engine: "sqlite" | "postgres", rows: number, name = String(rows)) {
  const settings: Record<string, string> =
    engine === "sqlite"
      ? { DB_NAME: join(folder, `${name}.sqlite3`) }
      : { DATABASE_URL: await createRoomyDatabase(), DB_ENGINE: "postgres" };
  process.stderr.write(`Storing ${rows} rows in ${engine}\n`);
  const parts = await openServices(readConfig(settings), Date.now, createLog(Date.now));
  for (const drafts of draftsOf(rows, exampleFacility))
    await parts.downtimes.addAll(drafts, { by: "bench", at: Date.now() });
  await parts.users.add(
    {
      name: "bench",
      staff: true,
      passwordHash: await hashPassword("bench"),
      tokenHash: hashToken("bench-token"),
    },
    Date.now(),
  );
  await parts.close();
  if (engine === "postgres") await analyse(settings.DATABASE_URL as string);
  return settings;
}

/**
 * A database on a server with a gigabyte for what it has read. Its manual says a quarter of the machine's memory; left to
 * itself it takes 128 MB, less than a million rows with their indexes.
 */
async function createRoomyDatabase(): Promise<string> {
  await sharedPostgres(["-c", "shared_buffers=1GB"]);
  return (await createPostgresDatabase()).url;
}

/** What PostgreSQL does by itself some minutes after so many rows came: its autovacuum cleans and counts. */
async function analyse(url: string): Promise<void> {
  const client = postgres(url, { max: 1 });
  const [memory] = await client`SHOW shared_buffers`;
  process.stderr.write(`PostgreSQL keeps ${memory?.shared_buffers} of what it has read\n`);
  await client`VACUUM ANALYZE`;
  await client.end();
}

/** Works with servers, and stops them however that ends. */
export async function withServers<Result>(
  starting: readonly Promise<Server>[],
  work: (...servers: Server[]) => Promise<Result>,
): Promise<Result> {
  const servers = await Promise.all(starting);
  try {
    return await work(...servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

const perSecond = async (outcome: Promise<Outcome>) => (await outcome).perSecond;

interface Hot {
  readonly engine?: "sqlite" | "postgres";
  readonly rows: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client has the answer already. */
  readonly again?: boolean;
  /** What is compared with reads, logs and sends as much as ours. */
  readonly dutiful?: boolean;
  readonly goal?: number;
}

/** The service's answer to one question again and again, beside a program that sends the same bytes. */
async function hot(bench: Bench, name: string, { engine = "sqlite", rows, path, ...more }: Hot): Promise<Measurement> {
  const { headers = {}, again = false, dutiful = false, goal = again ? 0.6 : 0.7 } = more;
  return withServers([startService(await stored(bench, engine, rows))], async (ours) => {
    const answer = await answerOf(ours, path, headers);
    const file = join(bench.folder, "answer");
    await Bun.write(file, answer.bytes);
    const encoding = answer.headers.get("content-encoding");
    const status = again ? 304 : 200;
    const sent = again ? { "if-none-match": answer.headers.get("etag") ?? "" } : headers;
    const twin: Twin = {
      kind: "constant",
      status,
      ...(!again && { file }),
      ...(encoding && { encoding }),
      ...(dutiful && { duties: await headersOf(ours, path, sent) }),
    };
    return withServers([startTwin(twin)], async (theirs) => {
      const run =
        ({ port }: Server) =>
        () =>
          perSecond(load({ port, connections, seconds: bench.seconds, path, headers: sent }, String(status)));
      const pairs = await interleave(bench, run(ours), run(theirs));
      const size = again ? "" : `, ${(answer.bytes.length / 1000).toFixed()} kB`;
      return { name: `${name}${size}`, unit: "requests/s", goal, better: "more", rounds: pairs };
    });
  });
}

/** The headers of an answer, but for those that Bun adds by itself. */
async function headersOf(server: Server, path: string, sent: Record<string, string>): Promise<[string, string][]> {
  const { headers } = await answerOf(server, path, sent);
  return [...headers].filter(([name]) => !["date", "content-length", "x-request-id"].includes(name));
}

/** Another question each time, beside one prepared statement and JSON.stringify. */
async function cold(
  bench: Bench,
  name: string,
  engine: "sqlite" | "postgres",
  { ask, rows, goal, headers = {} }: { ask: AskName; rows: number; goal: number; headers?: Record<string, string> },
): Promise<Measurement> {
  const settings = await stored(bench, engine, rows);
  const twin = startTwin(
    engine === "sqlite"
      ? { kind: "sqlite", file: settings.DB_NAME as string }
      : { kind: "postgres", url: settings.DATABASE_URL as string, connections: 10 },
  );
  return withServers([startService(settings), twin], async (ours, theirs) => {
    let seed = 0;
    const run =
      ({ port }: Server) =>
      () =>
        perSecond(load({ port, connections, seconds: bench.seconds, ask, rows, headers, seed: ++seed }));
    return { name, unit: "requests/s", goal, better: "more", rounds: await interleave(bench, run(ours), run(theirs)) };
  });
}

/** The middle time of a question among a million rows, beside that among ten thousand. */
async function grown(bench: Bench, name: string, engine: "sqlite" | "postgres", ask: AskName): Promise<Measurement> {
  const [many, few] = [1_000_000, 10_000];
  return withServers(
    [startService(await stored(bench, engine, many)), startService(await stored(bench, engine, few))],
    async (ours, theirs) => {
      let seed = 0;
      const run = (server: Server, rows: number) => async () =>
        (await load({ port: server.port, connections: 1, seconds: bench.seconds, ask, rows, seed: ++seed })).p50Millis;
      const pairs = await interleave(bench, run(ours, many), run(theirs, few));
      return { name, unit: "ms (p50)", goal: 3, better: "less", rounds: pairs };
    },
  );
}

export const token = { authorization: "Token bench-token" };
const writers = 16;

/** Acknowledged creations, beside bare commits of the same rows. */
async function writes(bench: Bench): Promise<Measurement> {
  const settings = await fill(bench, "sqlite", 5000, "writes");
  return withServers([startService(settings)], async (service) => {
    let seed = 0;
    const ours = () =>
      perSecond(
        load(
          {
            port: service.port,
            connections: writers,
            seconds: bench.seconds,
            posts: true,
            headers: token,
            seed: ++seed,
          },
          "201",
        ),
      );
    return {
      name: `writes: ${writers} clients create one at a time`,
      unit: "commits/s",
      goal: 0.5,
      better: "more",
      rounds: await interleave(bench, ours, async () => bareCommits(bench)),
    };
  });
}

function bareCommits({ folder, seconds }: Bench): number {
  const database = new Database(join(folder, `bare-${crypto.randomUUID()}.sqlite3`), { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run(`CREATE TABLE downtime (id integer PRIMARY KEY AUTOINCREMENT, "start" text, "end" text, site text,
    enclosure text, telescope text, instrument_type text, reason text, created text, modified text) STRICT`);
  const insert = database.query(
    `INSERT INTO downtime ("start", "end", site, enclosure, telescope, instrument_type, reason, created, modified)
      VALUES (?, '2040-01-01T00:00:00Z', 'sud', 'doma', '1m0a', '', 'W', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z')`,
  );
  const endsAt = performance.now() + seconds * 1000;
  let count = 0;
  while (performance.now() < endsAt) insert.run(String(count++));
  database.close();
  return count / seconds;
}

/** How long readers wait at worst while others write, beside how long at rest. */
async function readers(bench: Bench): Promise<Measurement> {
  const rows = 5000;
  const settings = await fill(bench, "sqlite", rows, "readers");
  return withServers([startService(settings)], async ({ port }) => {
    let seed = 0;
    const reading = async () =>
      (await load({ port, connections: 4, seconds: bench.seconds, ask: "hundred", rows, seed: ++seed })).p99Millis;
    const whileWriting = async () => {
      const more = load(
        { port, connections: writers, seconds: bench.seconds + 1, posts: true, headers: token, seed: ++seed },
        "201",
      );
      const p99 = await reading();
      await more;
      return p99;
    };
    return {
      name: `readers while ${writers} clients write`,
      unit: "ms (p99)",
      goal: 3,
      better: "less",
      rounds: await interleave(bench, whileWriting, reading),
    };
  });
}

/** The hot question right after a flood of others, beside the same at rest. */
async function flood(bench: Bench): Promise<Measurement> {
  const rows = 5000;
  return withServers([startService(await stored(bench, "sqlite", rows))], async ({ port }) => {
    const { seconds } = bench;
    let seed = 0;
    const atRest = () => perSecond(load({ port, connections, seconds, path: poll.path }));
    const afterFlood = async () => {
      await load({ port, connections, seconds, ask: "hundred", rows, seed: ++seed });
      return atRest();
    };
    return {
      name: "the hot question after a flood of others, beside at rest",
      unit: "requests/s",
      goal: 0.8,
      better: "more",
      rounds: await interleave(bench, afterFlood, atRest),
    };
  });
}

/** The time from the start of the process to its first answer. @param program undefined: from source */
async function starts(bench: Bench, name: string, program?: readonly string[]): Promise<Measurement> {
  const settings = await stored(bench, "sqlite", 5000);
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round <= bench.rounds; round++)
    await withServers([startService(settings, true, program)], async ({ startMillis }) => {
      if (round > 0) pairs.push([startMillis, 300]);
    });
  return {
    name: `${name}, beside 300 ms`,
    unit: "ms",
    goal: 1,
    better: "less",
    rounds: pairs,
  };
}

async function oneFileStarts(bench: Bench): Promise<Measurement> {
  const built = await Bun.$`npm run --silent build`.text();
  return starts(bench, "the same of the one-file build", [built.trim()]);
}

/** Resident memory after a minute of what the first rows ask: with what is yet to be cleared away, and at rest. */
async function memory(bench: Bench): Promise<readonly Measurement[]> {
  const rows = 10_000;
  const settings = await stored(bench, "sqlite", rows);
  return withServers([startService(settings)], async (service) => {
    const { port } = service;
    const seconds = 12;
    const path = asks.overlap(createRandom(7), { rows, facility: exampleFacility });
    await load({ port, connections, seconds, path });
    const etag = (await answerOf(service, path)).headers.get("etag") ?? "";
    await load({ port, connections, seconds, path, headers: { "if-none-match": etag } }, "304");
    await load({ port, connections, seconds, ask: "hundred", rows });
    await load({ port, connections, seconds, path: "/api/?limit=10000" });
    await load({ port, connections, seconds, ask: "tenThousand", rows });
    const rightAfter = service.residentMegabytes();
    await Bun.sleep(10_000);
    const figures = { "right after": rightAfter, "10 s after": service.residentMegabytes() };
    return Object.entries(figures).map(([when, megabytes]) => ({
      name: `resident memory ${when} a minute of the above, beside 150 MB`,
      unit: "MB",
      goal: 1,
      better: "less",
      rounds: [[megabytes, 150]],
    }));
  });
}

/** The scheduler's question: about 13 kB. */
const poll = { rows: 5000, path: asks.poll(createRandom(5), { rows: 5000, facility: exampleFacility }) };

const zipped = { "accept-encoding": "gzip" };

/** Every row, by name. */
export const measurements: Readonly<Record<string, (bench: Bench) => Promise<readonly Measurement[]>>> = {
  hot: async (bench) => [await hot(bench, "1 hot: the same question", poll)],
  "not-modified": async (bench) => [
    await hot(bench, "2 the same with If-None-Match", { ...poll, again: true }),
    await hot(bench, "2 the same beside as many duties", { ...poll, again: true, dutiful: true }),
  ],
  cold: async (bench) => [
    await cold(bench, "3 cold: another window each time, 100 rows", "sqlite", {
      ask: "hundred",
      rows: 5000,
      goal: 1.6,
    }),
  ],
  all: async (bench) => [
    await hot(bench, "4 10,000 rows, hot", { path: "/api/?limit=10000", rows: 10_000 }),
    await hot(bench, "4 10,000 rows, hot, gzip", { path: "/api/?limit=10000", rows: 10_000, headers: zipped }),
    await cold(bench, "4 10,000 rows, cold", "sqlite", { ask: "tenThousand", rows: 10_000, goal: 1.6 }),
    await cold(bench, "4 10,000 rows, cold, gzip", "sqlite", {
      ask: "tenThousand",
      rows: 10_000,
      goal: 1.6,
      headers: zipped,
    }),
  ],
  overlap: async (bench) => [
    await grown(bench, "5 overlap in 1,000,000 rows", "sqlite", "overlap"),
    await grown(bench, "5 overlap in 1,000,000 rows, PostgreSQL", "postgres", "overlap"),
  ],
  filters: async (bench) => [
    await grown(bench, "6 by site and telescope", "sqlite", "place"),
    await grown(bench, "6 by exact reason and place", "sqlite", "reason"),
    await grown(bench, "6 newest first", "sqlite", "newest"),
    await grown(bench, "6 the page", "sqlite", "page"),
  ],
  postgres: async (bench) => [
    await cold(bench, "7 PostgreSQL, cold", "postgres", { ask: "hundred", rows: 5000, goal: 1.3 }),
    await hot(bench, "7b PostgreSQL, hot", { ...poll, engine: "postgres", goal: 0.35 }),
  ],
  writes: async (bench) => [await writes(bench)],
  readers: async (bench) => [await readers(bench)],
  flood: async (bench) => [await flood(bench)],
  process: async (bench) => [
    await starts(bench, "from the start to the first answer"),
    await oneFileStarts(bench),
    ...(await memory(bench)),
  ],
};
