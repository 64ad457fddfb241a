/** Encrypted connections to PostgreSQL, with a certificate that OpenSSL makes. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { openPostgres } from "../../src/database/postgres.ts";
import { sql } from "../../src/database/sql.ts";
import { createFolder, engines } from "../harness.ts";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";
import { hasProgram } from "../programs.ts";

describe.if(engines.includes("postgres") && hasProgram("openssl"))("encryption", () => {
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
