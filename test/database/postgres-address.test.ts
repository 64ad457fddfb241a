import { describe, expect, test } from "bun:test";
import { readConfig } from "../../src/config.ts";
import { openPostgres } from "../../src/database/postgres.ts";
import { addressOf, describeAddress } from "../../src/database/postgres-address.ts";
import { sql } from "../../src/database/sql.ts";
import { databaseSettingsOf } from "../../src/services.ts";
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
