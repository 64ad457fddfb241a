import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import { openPostgres } from "../../src/database/postgres.ts";
import { addressOf, describeAddress } from "../../src/database/postgres-address.ts";
import { sql } from "../../src/database/sql.ts";
import { databaseSettingsOf } from "../../src/services.ts";
import { createFolder, engines } from "../harness.ts";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";

test("a URL may contain any characters, and is shown without the password", () => {
  const url = "postgresql://us%40er:p%2Fa%3Ass@db.example:6543/name";
  expect(addressOf(url)).toMatchObject({
    host: ["db.example"],
    port: [6543],
    user: "us@er",
    password: "p/a:ss",
    database: "name",
    ssl: "prefer",
  } as object);
  expect(describeAddress(url)).toBe("db.example:6543/name");
  expect(addressOf("postgres://u@[::1]/name")).toMatchObject({ host: ["::1"], port: [5432] } as object);
});

test("separate settings mean the same as a URL", () => {
  const one = { DB_ENGINE: "postgres", DB_HOST: "db.example", DB_USER: "us@er", DB_PASS: "p/a:ss", DB_NAME: "na me" };
  expect(databaseSettingsOf(readConfig(one))).toEqual({
    engine: "postgres",
    url: "postgres://us%40er:p%2Fa%3Ass@db.example:5432/na%20me",
    connections: 10,
  });
  expect(databaseSettingsOf(readConfig({ DATABASE_URL: "postgres://u@h/d", DB_POOL_SIZE: "3" }))).toEqual({
    engine: "postgres",
    url: "postgres://u@h/d",
    connections: 3,
  });
});

describe.if(engines.includes("postgres"))("no host", () => {
  test("means the local socket, in the settings and in a URL", async () => {
    const server = await startPostgres(["-c", "unix_socket_directories=/tmp", "-c", "listen_addresses=127.0.0.1"]);
    try {
      const { port } = new URL(server.url("postgres"));
      const settings = { DB_ENGINE: "postgres", DB_HOST: "", DB_PORT: port, DB_PASS: "p/a:ss", DB_NAME: "postgres" };
      const urls = [databaseSettingsOf(readConfig(settings)), { url: `postgres:///postgres?port=${port}` }];
      for (const { url } of urls as { url: string }[]) {
        const database = openPostgres({ url, connections: 1 });
        const row = await database.first<{ socket: boolean }>(sql`SELECT inet_server_addr() IS NULL AS socket`);
        expect(row?.socket).toBe(true);
        await database.close();
      }
    } finally {
      await server.remove();
    }
  });

  test("falls back to Debian's directory if there is no socket", () => {
    expect(describeAddress("postgres:///name?port=1")).toBe("/var/run/postgresql:1/name");
  });
});

test("an unknown sslmode is rejected at once", () => {
  expect(() => addressOf("postgres://u@h/d?sslmode=of-course")).toThrow("an sslmode of disable, allow");
});

describe.if(engines.includes("postgres") && Bun.which("openssl") !== null)("encryption", () => {
  const folder = createFolder();
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(folder.path, name)) as [string, string];
  let server: PostgresServer;
  beforeAll(async () => {
    const { exitCode } = Bun.spawnSync(
      ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"].concat([
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        key,
        "-out",
        certificate,
      ]),
    );
    expect(exitCode).toBe(0);
    chmodSync(folder.path, 0o755);
    chmodSync(key, 0o600);
    if (userInfo().uid === 0) chownSync(key, 65534, 65534);
    server = await startPostgres(["-c", "ssl=on", "-c", `ssl_cert_file=${certificate}`, "-c", `ssl_key_file=${key}`]);
  });
  afterAll(async () => {
    await server.remove();
    folder.remove();
  });

  const isEncrypted = async (parameters: string, host = "127.0.0.1") => {
    const url = `${server.url("postgres").replace("127.0.0.1", host)}?${parameters}`;
    const database = openPostgres({ url, connections: 1 });
    try {
      const row = await database.first<{ ssl: boolean }>(sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`);
      return row?.ssl;
    } finally {
      await database.close();
    }
  };

  test("is used if the server supports it, unless disabled", async () => {
    expect(await isEncrypted("")).toBe(true);
    expect(await isEncrypted("sslmode=require")).toBe(true);
    expect(await isEncrypted("sslmode=disable")).toBe(false);
  });

  test("verifies the server's certificate if configured", async () => {
    const known = `sslrootcert=${certificate}`;
    expect(await isEncrypted(`sslmode=verify-ca&${known}`)).toBe(true);
    expect(await isEncrypted(`sslmode=verify-full&${known}`, "localhost")).toBe(true);
    await expect(isEncrypted(`sslmode=verify-full&${known}`)).rejects.toThrow("The database doesn't answer");
    await expect(isEncrypted("sslmode=verify-full", "localhost")).rejects.toThrow("The database doesn't answer");
  });
});
