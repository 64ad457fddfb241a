/** The test harness: real databases, a real service on a real port, a real HTTP server in ConfigDB's place, a cast. */

import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hashToken } from "../src/auth/secrets.ts";
import { createUsers } from "../src/auth/user-store.ts";
import { runCommandLine } from "../src/command-line.ts";
import { databaseSettingsOf, readConfig } from "../src/config.ts";
import { migrate } from "../src/database/migrate.ts";
import { openDatabase } from "../src/database/open.ts";
import { checkDraft } from "../src/downtime/downtime.ts";
import { toSite } from "../src/facility/configdb-client.ts";
import { Facility } from "../src/facility/facility.ts";
import { commandLine } from "../src/input/terminal.ts";
import { createLog } from "../src/log.ts";
import { usualPauses } from "../src/notify/notifier.ts";
import { listen } from "../src/server.ts";
import { openServices, type Services } from "../src/services.ts";
import { toStamp } from "../src/time/instant.ts";
import { isProxied } from "./browser/nginx.ts";
import sites from "./fixtures/configdb.json";
import { createPostgresPool } from "./postgres-pool.ts";
import { createPostgresDatabase, quickFolder, sharedPostgres } from "./postgres-server.ts";
import "./threads.ts";

// Argon2id as in the service, for less than a hundredth of its price: the suites hash hundreds of passwords. The price that is
// really paid is seen by the tests that start the service as a process.
const { hash } = Bun.password;
const cheap = { algorithm: "argon2id", memoryCost: 8, timeCost: 1 } as const;
Bun.password.hash = (password, how) => hash(password, how === "argon2id" ? cheap : how);

export type Engine = "sqlite" | "postgres";

/** Every engine that the suites run on; TEST_ENGINES=sqlite leaves the other one out. */
export const engines: readonly Engine[] =
  process.env.TEST_ENGINES !== "sqlite" && (await hasPostgres()) ? ["sqlite", "postgres"] : ["sqlite"];

/** Without a server half of the tests are left out, which must not go unnoticed. */
async function hasPostgres(): Promise<boolean> {
  try {
    await sharedPostgres();
    return true;
  } catch (error) {
    if (process.env.CI === "true") throw error;
    process.stderr.write(`\n*** NO POSTGRESQL COULD BE STARTED: NOTHING IS TESTED ON IT ***\n${error}\n\n`);
    return false;
  }
}

/** The time at which every test that has no need of another begins. */
export const noon = Date.parse("2026-11-22T12:00:00Z");

/** A clock that stands still until it is moved. */
export function createClock(now = noon) {
  const clock = () => now;
  return Object.assign(clock, {
    forward(millis: number) {
      now += millis;
    },
    set(millis: number) {
      now = millis;
    },
  });
}

/** A folder of its own for a test, and how to take it away. */
export function createFolder() {
  const path = mkdtempSync(join(quickFolder, "downtime-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The settings that name a new, empty database, and how to take it away. */
export async function createDatabase(
  engine: Engine,
): Promise<{ settings: Record<string, string>; remove: () => Promise<void> }> {
  if (engine === "postgres") {
    const { url, remove } = await createPostgresDatabase();
    return { settings: { DATABASE_URL: url }, remove };
  }
  const folder = createFolder();
  return {
    settings: { DB_ENGINE: "sqlite", DB_NAME: join(folder.path, "test.sqlite3") },
    remove: async () => folder.remove(),
  };
}

/** Makes all tables in an empty database, and stores the cast in it if asked to. */
async function makeTables(settings: Record<string, string>, withCast: boolean): Promise<void> {
  const database = await openDatabase(databaseSettings(settings));
  await migrate(database, toStamp(noon));
  if (withCast) await addCast({ users: createUsers(database), clock: () => noon });
  await database.close();
}

/** The bytes of a database file with all tables. */
async function readSqliteTables(withCast: boolean): Promise<Uint8Array> {
  const created = await createDatabase("sqlite");
  await makeTables(created.settings, withCast);
  const bytes = await Bun.file(created.settings.DB_NAME ?? "").bytes();
  await created.remove();
  return bytes;
}

/** Creates databases with all tables as copies of one, which is quicker than making the tables in each. */
function createPreparation(withCast: boolean) {
  let sqliteTables: Promise<Uint8Array> | undefined;
  const borrow = createPostgresPool((url) => makeTables({ DATABASE_URL: url }, withCast));
  return async (engine: Engine): ReturnType<typeof createDatabase> => {
    if (engine === "postgres") {
      const { url, release } = await borrow();
      return { settings: { DATABASE_URL: url }, remove: release };
    }
    sqliteTables ??= readSqliteTables(withCast);
    const created = await createDatabase("sqlite");
    await Bun.write(created.settings.DB_NAME ?? "", await sqliteTables);
    return created;
  };
}

/** As `createDatabase`, with all tables. */
export const createPreparedDatabase = createPreparation(false);
const createDatabaseWithCast = createPreparation(true);

/** A new, open database with all tables. */
export async function openTestDatabase(engine: Engine) {
  const { settings, remove } = await createPreparedDatabase(engine);
  const database = await openDatabase(databaseSettingsOf(readConfig(settings)));
  await migrate(database, "2026-01-01T00:00:00.000000Z");
  const close = async () => {
    await database.close();
    await remove();
  };
  return { database, close };
}

/** The settings as `openDatabase` takes them. */
export const databaseSettings = (settings: Record<string, string>) => databaseSettingsOf(readConfig(settings));

/** A server in ConfigDB's place. What it answers can be changed at any time; what it was asked is kept. */
export function startConfigdb(answer: unknown = sites) {
  const asked: string[] = [];
  let respond: (request: Request) => Response | Promise<Response> = () => Response.json(answer);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      asked.push(new URL(request.url).pathname + new URL(request.url).search);
      return respond(request);
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    asked,
    answer(value: unknown) {
      respond = () => Response.json(value);
    },
    respond(how: typeof respond) {
      respond = how;
    },
    stop: () => server.stop(true),
  };
}

/** Who may do what: ada is staff, ben is a user, cleo is staff but disabled. Each token is the name and `-api-token`. */
export const cast = {
  ada: { staff: true, active: true },
  ben: { staff: false, active: true },
  cleo: { staff: true, active: false },
} as const;
export type Member = keyof typeof cast;

/** The headers of a member of the cast. */
export const as = (name: Member) => ({ authorization: `Token ${name}-api-token` });
export const asBasic = (name: string, password = `${name}-password`) => ({
  authorization: `Basic ${btoa(`${name}:${password}`)}`,
});

/** The author of a command. */
export const byCommand = (clock: () => number) => ({ by: commandLine, at: clock() });

async function addCast({ users, clock }: Pick<Services, "users" | "clock">): Promise<void> {
  for (const [name, { staff, active }] of Object.entries(cast)) {
    const passwordHash = await Bun.password.hash(`${name}-password`, "argon2id");
    await users.add({ name, staff, passwordHash, tokenHash: hashToken(`${name}-api-token`) }, byCommand(clock));
    if (!active) await users.change(name, { active: false }, byCommand(clock));
  }
}

/** Signs a member of the cast in as a browser does. The headers are those of a request, with its cookie alone or with proof. */
export async function signIn(service: Pick<Service, "send">, name: string, password = `${name}-password`) {
  const answer = await service.send("/admin/sign-in", {
    method: "POST",
    body: new URLSearchParams({ name, password }),
  });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await (await service.send("/admin/sign-out", { headers: { cookie } })).text();
  const csrf = /name="csrf" value="([^"]*)"/.exec(page)?.[1] ?? "";
  return { answer, cookie, csrf, reading: { cookie }, writing: { cookie, "x-csrf-token": csrf } };
}

const leaks: string[] = [];

/** What no log may hold: the passwords and tokens of every cast, keys, and whatever is made like one of them. */
const secrets = [
  /\w-(password|token|session)\b/,
  /\b(guess|wrong)\b/,
  /key-of-the-portal|client-secret|(access|refresh)-\d+-of-/,
  /\$argon2/,
  // Session ids, API tokens and their hashes; CSRF tokens.
  /(?=\d*[a-z_-])[\w-]{40,}/i,
  /[\w+/]{43}=/,
];

/** Every line that any service of the suite logs comes by here; `stop` fails when one had a secret in it. */
function checkForSecrets(line: string): void {
  const found = secrets.find((secret) => secret.test(line));
  if (found) leaks.push(`${found} in ${line}`);
}

/** The settings of a service behind nginx. */
const proxied = isProxied ? { TRUST_PROXY: "true" } : {};

export interface ServiceOptions {
  /** "none": the settings name the database. */
  readonly engine?: Engine | "none";
  /** Settings beside those of the database and of ConfigDB. */
  readonly settings?: Record<string, string>;
  /** Leaves the database without users. */
  readonly withoutCast?: boolean;
  readonly clock?: ReturnType<typeof createClock>;
  /** Unless it is given, the clock; no test but one sets that back. */
  readonly steadyClock?: ReturnType<typeof createClock>;
  /** Pauses of the notifier; shorter than usual where a test waits for them. */
  readonly pauses?: typeof usualPauses;
}

/** A running service with its own database and its own ConfigDB, and the cast as its users. */
export async function startService({
  engine = "sqlite",
  settings = {},
  withoutCast = false,
  clock = createClock(),
  steadyClock = clock,
  pauses = usualPauses,
}: ServiceOptions = {}) {
  // The copied database has the cast already, which saves work at each start. Times in it are those of noon.
  const isCastStored = !withoutCast && engine !== "none" && clock() === noon;
  const createOne = isCastStored ? createDatabaseWithCast : createPreparedDatabase;
  const database = engine === "none" ? { settings: {}, remove: async () => {} } : await createOne(engine);
  const configdb = startConfigdb();
  const environment = { ...database.settings, PORT: "0", CONFIGDB_URL: configdb.url, ...proxied, ...settings };
  const config = readConfig(environment);
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => {
    checkForSecrets(line);
    lines.push(JSON.parse(line));
  };
  const log = createLog(clock, { write });
  const services = await openServices(config, clock, log, steadyClock);
  if (!withoutCast && !isCastStored) await addCast(services);
  const app = listen(services, undefined, pauses);
  const url = app.server?.url.href.replace(/\/$/, "") ?? "";

  return {
    url,
    services,
    clock,
    configdb,
    backups: app.backups,
    /** The settings, for a command that works on the same data. */
    settings: environment as Record<string, string>,
    /** Every path that has a route. */
    paths: [...new Set(app.routes.map(({ path }) => path))],
    /** What the service has logged. */
    log: lines,
    /** Sends a request; redirects are not followed. */
    send: (path: string, init: RequestInit = {}) => fetch(url + path, { redirect: "manual", ...init }),
    /** Sends a request and reads the answer's JSON. */
    async ask<Answer = Record<string, unknown>>(
      path: string,
      init: RequestInit = {},
    ): Promise<{ status: number; body: Answer }> {
      const response = await fetch(url + path, { redirect: "manual", ...init });
      return { status: response.status, body: (await response.json()) as Answer };
    },
    /** Stores a downtime of 2m0a at ogg, with some fields changed. */
    add: (fields: Record<string, unknown> = {}, by = "ada") =>
      services.downtimes.add(checkDraft({ ...draft, ...fields }, services.configdb.get()), { by, at: clock() }),
    async stop() {
      await app.stop(true);
      await services.close();
      configdb.stop();
      await database.remove();
      if (leaks.length > 0) throw new Error(`secrets in the log:\n${leaks.splice(0).join("\n")}`);
    },
  };
}
export type Service = Awaited<ReturnType<typeof startService>>;

/** What the fixture says exists, without a server. */
export const facility = new Facility(sites.results.map(toSite));

/** A draft that keeps every rule. */
export const draft = {
  start: "2026-11-23T08:00:00Z",
  end: "2026-11-23T09:30:00Z",
  site: "ogg",
  enclosure: "clma",
  telescope: "2m0a",
  instrument_type: "",
  reason: "Mirror wash",
};

/** The options of a POST of JSON. */
export const posting = (body: unknown, headers: Record<string, string> = as("ada")): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** Runs the command line in a process of its own. Takes ten times as long as `runCommand`. */
export async function runProcess(args: readonly string[], settings: Record<string, string>, input = "") {
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../src/main.ts"), ...args], {
    env: { PATH, HOME, ...settings },
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output, errors, status };
}

interface Terminal {
  readonly input: string;
  output: string;
  errors: string;
}

/** What is read and printed while a command runs in this process belongs to it, however many run at once. */
const terminals = new AsyncLocalStorage<Terminal>();
Object.assign(Bun, { stdin: { bytes: async () => new TextEncoder().encode(terminals.getStore()?.input) } });
for (const [name, stream] of [
  ["output", process.stdout],
  ["errors", process.stderr],
] as const) {
  const { write, isTTY } = stream;
  stream.write = (text: string | Uint8Array, ...others: never[]) => {
    const terminal = terminals.getStore();
    if (!terminal) return write.call(stream, text, ...others);
    terminal[name] += typeof text === "string" ? text : new TextDecoder().decode(text);
    for (const done of others as unknown[]) if (typeof done === "function") done();
    return true;
  };
  Object.defineProperty(stream, "isTTY", { get: () => !terminals.getStore() && isTTY });
}

/** Runs the command line, and tells what it prints. Only a service needs a process of its own. */
export async function runCommand(args: readonly string[], settings: Record<string, string>, input = "") {
  if (args[0] === "serve") return runProcess(args, settings, input);
  const terminal = { input, output: "", errors: "" };
  const write = (line: string) => void process.stderr.write(`${line}\n`);
  const status = await terminals.run(terminal, () =>
    runCommandLine(args, {
      readConfig: () => readConfig(settings),
      clock: Date.now,
      steadyClock: Date.now,
      writer: { write, flush: async () => {} },
    }),
  );
  return { output: terminal.output, errors: terminal.errors, status };
}
