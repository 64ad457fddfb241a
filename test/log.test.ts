import { expect, test } from "bun:test";
import { join } from "node:path";
import { ConfigError, readConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { as, createClock, startService } from "./harness.ts";

test("each request is one line: its id, method, path without the query, status, time and user", async () => {
  const service = await startService();
  const answer = await service.send("/api/?reason=secret-of-a-kind", { headers: as("ada") });
  expect(service.log).toEqual([
    {
      at: "2026-11-22T12:00:00.000Z",
      level: "info",
      message: "request",
      id: answer.headers.get("x-request-id"),
      method: "GET",
      path: "/api/",
      status: 200,
      ms: expect.any(Number),
      user: "ada",
    },
  ]);
  await service.stop();
});

test("a refusal is named, with the user, and with the id of the request that it belongs to", async () => {
  const service = await startService();
  const answer = await service.send("/api/", { method: "POST", headers: as("ben") });
  expect(service.log).toContainEqual(
    expect.objectContaining({ message: "denied", user: "ben", id: answer.headers.get("x-request-id") }),
  );
  await service.stop();
});

test("what went wrong inside is logged whole and shown as nothing but the request's id", async () => {
  const service = await startService();
  service.parts.downtimes.listVersioned = () => {
    throw new Error("the plumbing burst");
  };
  const answer = await service.send("/api/");
  const id = answer.headers.get("x-request-id");
  expect([answer.status, await answer.json()]).toEqual([500, { detail: `Something went wrong here. Request ${id}.` }]);
  expect(service.log).toContainEqual(
    expect.objectContaining({ level: "error", id, error: expect.stringContaining("the plumbing burst") }),
  );
  await service.stop();
});

test("LOG_LEVEL leaves out what is less important", () => {
  const lines: string[] = [];
  const log = createLog(createClock(), (line) => lines.push(JSON.parse(line).message), "warn");
  log.info("a");
  log.warn("b");
  log.error("c");
  expect(lines).toEqual(["b", "c"]);
  expect(() => readConfig({ LOG_LEVEL: "loud" })).toThrow("LOG_LEVEL: expected one of info, warn, error");
});

test("half of the portal's settings stop the start, and say what is missing", () => {
  const some = { OAUTH_TOKEN_URL: "https://portal.example/o/token/", OAUTH_CLIENT_ID: "a" };
  expect(() => readConfig(some)).toThrow(ConfigError);
  expect(() => readConfig(some)).toThrow(/^OAUTH_PROFILE_URL: .*\nOAUTH_CLIENT_SECRET: /);
  readConfig({ ...some, OAUTH_PROFILE_URL: "https://portal.example/api/profile/", OAUTH_CLIENT_SECRET: "b" });
  readConfig({ OAUTH_SERVER_KEY: "changes alone" });
  expect(() => readConfig({ MAX_LIMIT: "0" })).toThrow("MAX_LIMIT");
});

test("no line is lost or torn, however many there are and however soon the process ends", () => {
  const work = `
    const { createLog } = await import(${JSON.stringify(join(import.meta.dir, "../src/log.ts"))});
    const log = createLog(Date.now);
    for (let at = 0; at < 2000; at++) {
      log.request({ id: String(at), method: "GET", path: '/"é\\u2028', status: 200, millis: at / 7, user: 'a"b' });
      if (at === 1000) await Bun.sleep(80);
    }
    log.warn("the last", { at: 2000 });
    process.exit(0);`;
  const { stderr } = Bun.spawnSync([process.execPath, "-e", work]);
  const lines = stderr
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.slice(0, -1).map(({ id }) => Number(id))).toEqual(Array.from({ length: 2000 }, (_, at) => at));
  expect(lines[7]).toEqual(expect.objectContaining({ path: '/"é\u2028', ms: 1, user: 'a"b', message: "request" }));
  expect(lines.at(-1)).toEqual(expect.objectContaining({ message: "the last", level: "warn" }));
});
