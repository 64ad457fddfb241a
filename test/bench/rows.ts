/** The benchmarks: what is measured, the baseline, and the goal. */

import { Database } from "bun:sqlite";
import { join } from "node:path";
import postgres from "postgres";
import { hashPassword, hashToken } from "../../src/auth/secrets.ts";
import { readConfig } from "../../src/config.ts";
import { checkAnswer, toSite } from "../../src/facility/configdb-client.ts";
import { Facility } from "../../src/facility/facility.ts";
import { createLog } from "../../src/log.ts";
import { openServices } from "../../src/services.ts";
import { observatory } from "../observatory.ts";
import { createPostgresDatabase, sharedPostgres } from "../postgres-server.ts";
import type { Baseline } from "./baseline.ts";
import type { Outcome } from "./load.ts";
import { createRandom, draftsOf, type QueryName, queries } from "./queries.ts";
import { reports } from "./reports.ts";
import { exampleFacility, fetchResponse, load, type Server, startBaseline, startService } from "./servers.ts";

/** A measurement: the values of the service and of the baseline, and the goal for their ratio. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly goal: number;
  /** Whether the ratio should be at least the goal, or at most. */
  readonly better: "more" | "less";
  /** The values of the service and the baseline, one pair per round. */
  readonly rounds: readonly (readonly [ours: number, theirs: number])[];
}

export interface Bench {
  readonly folder: string;
  readonly rounds: number;
  readonly seconds: number;
}

type Measure = () => Promise<number>;

const connections = 32;

/** Rounds that aren't counted, while the JIT compiler optimizes. */
const warmUps = 3;

/** Measures the service and the baseline alternately. */
async function alternate({ rounds }: Bench, ours: Measure, theirs: Measure): Promise<Measurement["rounds"]> {
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round < warmUps + rounds; round++) pairs.push([await ours(), await theirs()]);
  return pairs.slice(warmUps);
}

const databases = new Map<string, Promise<Readonly<Record<string, string>>>>();

/** Returns the settings of a database with this many rows, which is filled on first use. */
export function databaseWith(
  bench: Bench,
  engine: "sqlite" | "postgres",
  rows: number,
): Promise<Readonly<Record<string, string>>> {
  const key = `${engine} ${rows}`;
  const known = databases.get(key) ?? fill(bench, engine, rows);
  databases.set(key, known);
  return known;
}

async function fill(
  { folder }: Bench,
  engine: "sqlite" | "postgres",
  rows: number,
  name = String(rows),
  facility = exampleFacility,
) {
  const settings: Record<string, string> =
    engine === "sqlite"
      ? { DB_NAME: join(folder, `${name}.sqlite3`) }
      : { DATABASE_URL: await createLargeDatabase(), DB_ENGINE: "postgres" };
  process.stderr.write(`Storing ${rows} rows in ${engine}\n`);
  const services = await openServices(readConfig(settings), Date.now, createLog(Date.now));
  for (const drafts of draftsOf(rows, facility))
    await services.downtimes.addAll(drafts, { by: "bench", at: Date.now() });
  await services.users.add(
    {
      name: "bench",
      staff: true,
      passwordHash: await hashPassword("bench"),
      tokenHash: hashToken("bench-token"),
    },
    { by: "bench", at: Date.now() },
  );
  await services.close();
  if (engine === "postgres") await analyse(settings.DATABASE_URL as string);
  return settings;
}

/**
 * Creates a database on a server with 1 GB of shared buffers. The manual recommends a quarter of the memory; the default
 * of 128 MB is less than a million rows with their indexes.
 */
async function createLargeDatabase(): Promise<string> {
  await sharedPostgres(["-c", "shared_buffers=1GB"]);
  return (await createPostgresDatabase()).url;
}

/** Does what autovacuum would do some minutes after inserting many rows. */
async function analyse(url: string): Promise<void> {
  const client = postgres(url, { max: 1 });
  const [memory] = await client`SHOW shared_buffers`;
  process.stderr.write(`PostgreSQL has ${memory?.shared_buffers} of shared buffers\n`);
  await client`VACUUM ANALYZE`;
  await client.end();
}

/** Runs work with servers, and stops them afterwards. */
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
  /** Sends If-None-Match, so that the response is 304. */
  readonly notModified?: boolean;
  /** The baseline does the usual work per request, with the same headers and log lines. */
  readonly usualWork?: boolean;
  readonly goal?: number;
}

/** Repeats one query. The baseline sends the same bytes. */
async function hot(bench: Bench, name: string, { engine = "sqlite", rows, path, ...more }: Hot): Promise<Measurement> {
  const { headers = {}, notModified = false, usualWork = false, goal = notModified ? 0.6 : 0.7 } = more;
  return withServers([startService(await databaseWith(bench, engine, rows))], async (ours) => {
    const answer = await fetchResponse(ours, path, headers);
    const file = join(bench.folder, "answer");
    await Bun.write(file, answer.bytes);
    const encoding = answer.headers.get("content-encoding");
    const status = notModified ? 304 : 200;
    const sent = notModified ? { "if-none-match": answer.headers.get("etag") ?? "" } : headers;
    const baseline: Baseline = {
      kind: "constant",
      status,
      ...(!notModified && { file }),
      ...(encoding && { encoding }),
      ...(usualWork && { headers: await headersOf(ours, path, sent) }),
    };
    return withServers([startBaseline(baseline)], async (theirs) => {
      const run =
        ({ port }: Server) =>
        () =>
          perSecond(load({ port, connections, seconds: bench.seconds, path, headers: sent }, String(status)));
      const pairs = await alternate(bench, run(ours), run(theirs));
      const size = notModified ? "" : `, ${(answer.bytes.length / 1000).toFixed()} kB`;
      return { name: `${name}${size}`, unit: "requests/s", goal, better: "more", rounds: pairs };
    });
  });
}

/** Returns the headers of a response, except those that Bun adds. */
async function headersOf(server: Server, path: string, sent: Record<string, string>): Promise<[string, string][]> {
  const { headers } = await fetchResponse(server, path, sent);
  return [...headers].filter(([name]) => !["date", "content-length", "x-request-id"].includes(name));
}

/** Sends a different query each time. The baseline is a prepared statement and JSON.stringify. */
async function cold(
  bench: Bench,
  name: string,
  engine: "sqlite" | "postgres",
  {
    query,
    rows,
    goal,
    headers = {},
  }: { query: QueryName; rows: number; goal: number; headers?: Record<string, string> },
): Promise<Measurement> {
  const settings = await databaseWith(bench, engine, rows);
  const baseline = startBaseline(
    engine === "sqlite"
      ? { kind: "sqlite", file: settings.DB_NAME as string }
      : { kind: "postgres", url: settings.DATABASE_URL as string, connections: 10 },
  );
  return withServers([startService(settings), baseline], async (ours, theirs) => {
    let seed = 0;
    const run =
      ({ port }: Server) =>
      () =>
        perSecond(load({ port, connections, seconds: bench.seconds, query, rows, headers, seed: ++seed }));
    return { name, unit: "requests/s", goal, better: "more", rounds: await alternate(bench, run(ours), run(theirs)) };
  });
}

/** Compares the median time of a query on a million rows with that on 10,000 rows. */
async function scaled(
  bench: Bench,
  name: string,
  engine: "sqlite" | "postgres",
  query: QueryName,
): Promise<Measurement> {
  const [many, few] = [1_000_000, 10_000];
  return withServers(
    [startService(await databaseWith(bench, engine, many)), startService(await databaseWith(bench, engine, few))],
    async (ours, theirs) => {
      let seed = 0;
      const run = (server: Server, rows: number) => async () =>
        (await load({ port: server.port, connections: 1, seconds: bench.seconds, query, rows, seed: ++seed }))
          .p50Millis;
      const pairs = await alternate(bench, run(ours, many), run(theirs, few));
      return { name, unit: "ms (p50)", goal: 3, better: "less", rounds: pairs };
    },
  );
}

/** Renders the schedule anew each time, with 31 telescopes and 5,000 rows, and compares the median with 8 ms. */
async function schedule(bench: Bench, view: "board" | "timeline"): Promise<Measurement> {
  const configdb = Bun.serve({ port: 0, fetch: () => Response.json(observatory) });
  const facility = new Facility(checkAnswer(observatory).results.map(toSite));
  const settings = await fill(bench, "sqlite", 5000, view, facility);
  return withServers([startService({ ...settings, CONFIGDB_URL: configdb.url.href })], async ({ port }) => {
    const pairs: (readonly [number, number])[] = [];
    for (let round = 0; round < warmUps + bench.rounds; round++) {
      const times: number[] = [];
      for (let request = 0; request < 100; request++) {
        const startedAt = performance.now();
        // The service renders each address once per second.
        await (await fetch(`http://127.0.0.1:${port}/?view=${view}&anew=${round}.${request}`)).text();
        times.push(performance.now() - startedAt);
      }
      pairs.push([times.sort((a, b) => a - b)[50] ?? Number.NaN, 8]);
    }
    configdb.stop(true);
    return {
      name: `8 the ${view}, rendered anew, compared with 8 ms`,
      unit: "ms (p50)",
      goal: 1,
      better: "less",
      rounds: pairs.slice(warmUps),
    };
  });
}

export const token = { authorization: "Token bench-token" };
const writers = 16;

/** Creates downtimes over the API. The baseline is plain SQLite commits of the same rows. */
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
      rounds: await alternate(bench, ours, async () => plainCommits(bench)),
    };
  });
}

function plainCommits({ folder, seconds }: Bench): number {
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

/** Compares how long readers wait while others write with how long they wait at rest. */
async function readers(bench: Bench): Promise<Measurement> {
  const rows = 5000;
  const settings = await fill(bench, "sqlite", rows, "readers");
  return withServers([startService(settings)], async ({ port }) => {
    let seed = 0;
    const reading = async () =>
      (await load({ port, connections: 4, seconds: bench.seconds, query: "hundred", rows, seed: ++seed })).p99Millis;
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
      rounds: await alternate(bench, whileWriting, reading),
    };
  });
}

/** Compares a cached query right after many uncached ones with the same at rest. */
async function flood(bench: Bench): Promise<Measurement> {
  const rows = 5000;
  return withServers([startService(await databaseWith(bench, "sqlite", rows))], async ({ port }) => {
    const { seconds } = bench;
    let seed = 0;
    const atRest = () => perSecond(load({ port, connections, seconds, path: poll.path }));
    const afterFlood = async () => {
      await load({ port, connections, seconds, query: "hundred", rows, seed: ++seed });
      return atRest();
    };
    return {
      name: "a cached query after many others, compared with at rest",
      unit: "requests/s",
      goal: 0.8,
      better: "more",
      rounds: await alternate(bench, afterFlood, atRest),
    };
  });
}

/** Measures the time from start to first response. @param program the executable; runs from source if undefined */
async function starts(bench: Bench, name: string, program?: readonly string[]): Promise<Measurement> {
  const settings = await databaseWith(bench, "sqlite", 5000);
  const pairs: (readonly [number, number])[] = [];
  for (let round = 0; round <= bench.rounds; round++)
    await withServers([startService(settings, true, program)], async ({ startMillis }) => {
      if (round > 0) pairs.push([startMillis, 300]);
    });
  return {
    name: `${name}, compared with 300 ms`,
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

/** Measures resident memory right after a minute of the first benchmarks, and 10 s later. */
async function memory(bench: Bench): Promise<readonly Measurement[]> {
  const rows = 10_000;
  const settings = await databaseWith(bench, "sqlite", rows);
  return withServers([startService(settings)], async (service) => {
    const { port } = service;
    const seconds = 12;
    const path = queries.overlap(createRandom(7), { rows, facility: exampleFacility });
    await load({ port, connections, seconds, path });
    const etag = (await fetchResponse(service, path)).headers.get("etag") ?? "";
    await load({ port, connections, seconds, path, headers: { "if-none-match": etag } }, "304");
    await load({ port, connections, seconds, query: "hundred", rows });
    await load({ port, connections, seconds, path: "/api/?limit=10000" });
    await load({ port, connections, seconds, query: "tenThousand", rows });
    const rightAfter = service.residentMegabytes();
    await Bun.sleep(10_000);
    const figures = { "right after": rightAfter, "10 s after": service.residentMegabytes() };
    return Object.entries(figures).map(([when, megabytes]) => ({
      name: `resident memory ${when} a minute of the above, compared with 150 MB`,
      unit: "MB",
      goal: 1,
      better: "less",
      rounds: [[megabytes, 150]],
    }));
  });
}

/** A scheduler's query: about 13 kB. */
const poll = { rows: 5000, path: queries.poll(createRandom(5), { rows: 5000, facility: exampleFacility }) };

const gzip = { "accept-encoding": "gzip" };

/** All benchmarks by name. */
export const measurements: Readonly<Record<string, (bench: Bench) => Promise<readonly Measurement[]>>> = {
  hot: async (bench) => [await hot(bench, "1 hot: the same query", poll)],
  "not-modified": async (bench) => [
    await hot(bench, "2 the same with If-None-Match", { ...poll, notModified: true }),
    await hot(bench, "2 the same, with a baseline that does the usual work", {
      ...poll,
      notModified: true,
      usualWork: true,
    }),
  ],
  cold: async (bench) => [
    await cold(bench, "3 cold: a different window each time, 100 rows", "sqlite", {
      query: "hundred",
      rows: 5000,
      goal: 1.6,
    }),
  ],
  all: async (bench) => [
    await hot(bench, "4 10,000 rows, hot", { path: "/api/?limit=10000", rows: 10_000 }),
    await hot(bench, "4 10,000 rows, hot, gzip", { path: "/api/?limit=10000", rows: 10_000, headers: gzip }),
    await cold(bench, "4 10,000 rows, cold", "sqlite", { query: "tenThousand", rows: 10_000, goal: 1.6 }),
    await cold(bench, "4 10,000 rows, cold, gzip", "sqlite", {
      query: "tenThousand",
      rows: 10_000,
      goal: 1.6,
      headers: gzip,
    }),
  ],
  overlap: async (bench) => [
    await scaled(bench, "5 overlap in 1,000,000 rows", "sqlite", "overlap"),
    await scaled(bench, "5 overlap in 1,000,000 rows, PostgreSQL", "postgres", "overlap"),
  ],
  reports,
  filters: async (bench) => [
    await scaled(bench, "6 by site and telescope", "sqlite", "place"),
    await scaled(bench, "6 by exact reason and place", "sqlite", "reason"),
    await scaled(bench, "6 newest first", "sqlite", "newest"),
    await scaled(bench, "6 the schedule page", "sqlite", "page"),
  ],
  postgres: async (bench) => [
    await cold(bench, "7 PostgreSQL, cold", "postgres", { query: "hundred", rows: 5000, goal: 1.3 }),
    await hot(bench, "7b PostgreSQL, hot", { ...poll, engine: "postgres", goal: 0.35 }),
  ],
  schedule: async (bench) => [await schedule(bench, "board"), await schedule(bench, "timeline")],
  writes: async (bench) => [await writes(bench)],
  readers: async (bench) => [await readers(bench)],
  flood: async (bench) => [await flood(bench)],
  process: async (bench) => [
    await starts(bench, "from the start to the first answer"),
    await oneFileStarts(bench),
    ...(await memory(bench)),
  ],
};
