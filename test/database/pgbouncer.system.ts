/** The service behind PgBouncer. Debian's package: pgbouncer. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { openSource } from "../../src/database/open.ts";
import { columnsOf, sql } from "../../src/database/sql.ts";
import { as, createFolder, draft, posting, type Service, startService } from "../harness.ts";
import { createPostgresDatabase, type PostgresDatabase } from "../postgres-server.ts";
import { hasProgram } from "../programs.ts";

setDefaultTimeout(60_000);

const poolSize = 2;

/** Starts PgBouncer in front of a database, with its defaults except for the pool. */
async function startBouncer(database: string, more = "") {
  const folder = createFolder();
  const { hostname, port: serverPort } = new URL(database);
  const reserved = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = reserved;
  reserved.stop(true);
  const file = join(folder.path, "pgbouncer.ini");
  await Bun.write(
    file,
    `[databases]\n* = host=${hostname} port=${serverPort} user=postgres\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${port}\n` +
      `unix_socket_dir=\nauth_type=any\nadmin_users=admin\npool_mode=transaction\ndefault_pool_size=${poolSize}\n${more}\n`,
  );
  chmodSync(folder.path, 0o755);
  // It refuses to run as root.
  const asNobody = userInfo().uid === 0 ? ["--user=nobody"] : [];
  const child = Bun.spawn(["pgbouncer", "--quiet", ...asNobody, file], { stdout: "ignore", stderr: "ignore" });
  const url = (name: string) => `postgres://postgres@127.0.0.1:${port}/${name}`;
  const admin = postgres(url("pgbouncer").replace("postgres@", "admin@"), { max: 1, fetch_types: false });
  for (let isUp = false; !isUp; ) {
    isUp = await admin
      .unsafe("SHOW VERSION")
      .simple()
      .then(
        () => true,
        () => child.exitCode !== null,
      );
    if (!isUp) await Bun.sleep(20);
  }
  expect(child.exitCode).toBe(null);
  return {
    url: url(new URL(database).pathname.slice(1)),
    /** How many connections PgBouncer has, to clients and to the server. */
    async count() {
      const [row] = (await admin.unsafe("SHOW POOLS").simple()).filter((pool) => pool.user === "postgres");
      const sum = (names: readonly string[]) => names.reduce((total, name) => total + Number(row?.[name] ?? 0), 0);
      return {
        clients: sum(["cl_active", "cl_waiting"]),
        servers: sum(["sv_active", "sv_idle", "sv_used", "sv_tested", "sv_login"]),
      };
    },
    async stop() {
      await admin.end();
      child.kill();
      await child.exited;
      folder.remove();
    },
  };
}

describe.skipIf(!hasProgram("pgbouncer")).each([
  ["its defaults", "", {}],
  ["start-up parameters ignored", "ignore_startup_parameters=statement_timeout,extra_float_digits", {}],
] as const)("PgBouncer, pool_mode=transaction, %s", (_, more, settings) => {
  let database: PostgresDatabase;
  let bouncer: Awaited<ReturnType<typeof startBouncer>>;
  let services: [Service, Service];
  beforeAll(async () => {
    database = await createPostgresDatabase();
    bouncer = await startBouncer(database.url, more);
    const start = (withoutCast: boolean) =>
      startService({ engine: "none", withoutCast, settings: { DATABASE_URL: bouncer.url, ...settings } });
    services = [await start(false), await start(true)];
  });
  afterAll(async () => {
    for (const service of services ?? []) await service.stop();
    await bouncer?.stop();
    await database?.remove();
  });

  test("two services with more connections than the pool write, edit, delete and read", async () => {
    const most = { clients: 0, servers: 0 };
    const statuses = new Map<number, number>();
    const act = async (index: number) => {
      const service = services[index % 2] as Service;
      const note = ({ status }: { status: number }) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const { body, ...answer } = await service.ask<{ id: number }>(
        "/api/",
        posting({ ...draft, reason: `write ${index}` }),
      );
      note(answer);
      const path = `/api/${body.id}/`;
      note(await service.send(path, { ...posting({ reason: `edited ${index}` }), method: "PATCH" }));
      const counts = await bouncer.count();
      most.clients = Math.max(most.clients, counts.clients);
      most.servers = Math.max(most.servers, counts.servers);
      note(await service.send(path));
      note(await service.send(`/api/?reason=edited%20${index}`));
      if (index % 2 === 0) note(await service.send(path, { method: "DELETE", headers: as("ada") }));
    };
    await Promise.all(Array.from({ length: 40 }, (_, index) => act(index)));
    console.log(`PgBouncer: ${most.clients} connections of clients on ${most.servers} of the server`, statuses);
    expect(Object.fromEntries(statuses)).toEqual({ 200: 120, 201: 40, 204: 20 });
    expect(most.servers).toBeLessThanOrEqual(poolSize);
    expect(most.clients).toBeGreaterThan(poolSize);
    const { body } = await services[0].ask<{ count: number; results: { reason: string }[] }>("/api/?limit=100");
    expect(body.count).toBe(20);
    expect(body.results.every(({ reason }) => reason.startsWith("edited"))).toBe(true);
  });

  test("an event stream of one service shows what the other writes", async () => {
    const stream = await services[0].send("/api/changes/stream");
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const created = await services[1].ask<{ id: number }>("/api/", posting({ ...draft, reason: "streamed" }));
    expect(created.status).toBe(201);
    for (let text = ""; !text.includes("streamed"); ) text += (await reader?.read())?.value;
    await reader?.cancel();
  });

  test("a series is created and ended by a worker thread", async () => {
    const plan = {
      reason: "series",
      scopes: [{ site: "ogg", telescope: "2m0a" }],
      rule: { kind: "night", first: "2027-01-12", last: "2027-02-12", from: { event: "sunset" }, minutes: 30 },
    };
    const made = await services[0].ask<{ series: { id: number } }>("/api/series/", posting(plan));
    expect(made.status).toBe(201);
    const ended = await services[1].send(`/api/series/${made.body.series.id}/`, {
      method: "DELETE",
      headers: as("ada"),
    });
    expect(ended.status).toBe(200);
  });

  test("long results and other programs' databases are read", async () => {
    const source = await openSource(bouncer.url);
    const rows: unknown[] = [];
    for await (const batch of source.stream(sql`SELECT generate_series(1, ${2500}::integer)`)) rows.push(...batch);
    expect(rows).toHaveLength(2500);
    expect(await columnsOf(source, "downtime")).toContain("reason");
    await source.close();
    // What the tests above left.
    const csv = await (await services[1].send("/downtimes.csv")).text();
    expect(csv.trim().split("\n")).toHaveLength(1 + 21);
  });
});
