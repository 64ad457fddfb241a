import { describe, expect, test } from "bun:test";
import { databaseSettingsOf, readConfig } from "../../src/config.ts";
import { openPostgres } from "../../src/database/postgres.ts";
import { addressOf, describeAddress } from "../../src/database/postgres-address.ts";
import { sql } from "../../src/database/sql.ts";
import { engines } from "../harness.ts";
import { startPostgres } from "../postgres-server.ts";

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

test.each([
  ["postgres://a:5432,b:5433/db?target_session_attrs=primary", "a:5432,b:5433/db", true],
  ["postgres://u:p@a,b:5433/db?target_session_attrs=read-write", "a:5432,b:5433/db", true],
  ["postgresql://u@[::1]:5433,[fe80::2],c/db", "::1:5433,fe80::2:5432,c:5432/db", true],
  ["postgres:///db?host=a,b&port=6000", "a:6000,b:6000/db", true],
  ["postgres:///db?host=a,b&port=6000,6001", "a:6000,b:6001/db", true],
  ["postgres://u:p%40%2C@a,b/db?target_session_attrs=any", "a:5432,b:5432/db", false],
  ["postgres://a/db?target_session_attrs=primary", "a:5432/db", true],
  ["postgres://a/db", "a:5432/db", false],
])("a URL may name several hosts: %s", (url, description, isPrimary) => {
  expect([describeAddress(url), addressOf(url).isPrimary]).toEqual([description, isPrimary]);
  expect(readConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
});

test("DB_HOST may name several hosts", () => {
  const settings = databaseSettingsOf(readConfig({ DB_ENGINE: "postgres", DB_HOST: "a,b", DB_PORT: "6000" }));
  expect(addressOf((settings as { url: string }).url)).toMatchObject({ host: ["a", "b"], port: [6000, 6000] });
});

test.each(["postgres://a:port,b/db", "postgres://a,b:99999/db", "postgres://a b,c/db", "mysql://a,b/db", "a,b"])(
  "an invalid URL stops the start: %s",
  (url) => {
    expect(() => readConfig({ DATABASE_URL: url })).toThrow("DATABASE_URL must be a URL that starts with postgres://");
  },
);

test("a service can't use a standby", () => {
  const url = "postgres://a,b/db?target_session_attrs=standby";
  expect(() => addressOf(url)).toThrow("target_session_attrs of any, primary or read-write");
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
