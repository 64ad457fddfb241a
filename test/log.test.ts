import { expect, test } from "bun:test";
import { join } from "node:path";
import { ConfigError, readConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { as, createClock, startService } from "./harness.ts";

test("each request is one line: id, method, path without the query, status, duration and user", async () => {
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

test("a rejected request is logged with the user and the request's id", async () => {
  const service = await startService();
  const answer = await service.send("/api/", { method: "POST", headers: as("ben") });
  expect(service.log).toContainEqual(
    expect.objectContaining({ message: "denied", user: "ben", id: answer.headers.get("x-request-id") }),
  );
  await service.stop();
});

test("an unexpected error is logged in full, and the response has only the request's id", async () => {
  const service = await startService();
  service.services.downtimes.listVersioned = () => {
    throw new Error("the plumbing burst");
  };
  const answer = await service.send("/api/");
  const id = answer.headers.get("x-request-id");
  expect([answer.status, await answer.json()]).toEqual([500, { detail: `Something went wrong. Request ID: ${id}` }]);
  expect(service.log).toContainEqual(
    expect.objectContaining({ level: "error", id, error: expect.stringContaining("the plumbing burst") }),
  );
  await service.stop();
});

test("LOG_LEVEL omits less important lines", () => {
  const lines: string[] = [];
  const write = (line: string) => lines.push(JSON.parse(line).message);
  const log = createLog(createClock(), { write }, "warn");
  log.info("a");
  log.request({ id: "1", method: "GET", path: "/", status: 200, millis: 0 });
  log.warn("b");
  log.error("c");
  expect(lines).toEqual(["b", "c"]);
  expect(() => readConfig({ LOG_LEVEL: "loud" })).toThrow("LOG_LEVEL must be one of info, warn, error");
});

test("incomplete portal settings stop startup and say what is missing", () => {
  const some = { OAUTH_TOKEN_URL: "https://portal.example/o/token/", OAUTH_CLIENT_SECRET: "b" };
  expect(() => readConfig(some)).toThrow(ConfigError);
  expect(() => readConfig(some)).toThrow(/^OAUTH_PROFILE_URL must .*\nOAUTH_CLIENT_ID must /);
  readConfig({ ...some, OAUTH_PROFILE_URL: "https://portal.example/api/profile/", OAUTH_CLIENT_ID: "a" });
  readConfig({ OAUTH_SERVER_KEY: "changes alone" });
  expect(() => readConfig({ MAX_LIMIT: "0" })).toThrow("MAX_LIMIT");
});

/** What a script with a `log` writes to standard error, a pipe. */
function linesOf(script: string): Record<string, unknown>[] {
  const work = `
    const { createLog, createWriter } = await import(${JSON.stringify(join(import.meta.dir, "../src/log.ts"))});
    const writer = createWriter(Date.now);
    const log = createLog(Date.now, writer);
    let at = 0;
    const tell = (status, millis) => log.request({ id: "n" + at, method: "GET", path: "/often", status, millis });
    ${script}`;
  // The shell's pipe is as short as any, where Bun's own takes half a megabyte.
  const command = ["sh", "-c", '"$0" -e "$1" 2>&1 >/dev/null | cat', process.execPath, work];
  const { stdout } = Bun.spawnSync(command);
  return stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

test("no line is lost or torn, and lines are in order", () => {
  const lines = linesOf(`
    for (; at < 2000; at++) {
      if (at % 3 === 0) tell(304, 0.04);
      else log.request({ id: "n" + at, method: "GET", path: '/"é\\u2028', status: 200, millis: at / 7, user: 'a"b' });
      if (at % 250 === 0) await Bun.sleep(at === 1000 ? 80 : 2);
    }
    log.warn("the last");
    await writer.flush();
    process.exit(0);`);
  const logged = lines.slice(0, -1);
  const idOf = (at: number) => `n${at}`;
  expect(logged.map(({ id }) => id)).toEqual(numbers(2000).map(idOf));
  const lineOf = (at: number) => logged.find(({ id }) => id === idOf(at));
  expect(lineOf(7)).toEqual(expect.objectContaining({ path: '/"é\u2028', ms: 1, user: 'a"b', message: "request" }));
  const common = { at: expect.any(String), level: "info", message: "request", method: "GET" };
  expect(lineOf(9)).toEqual({ ...common, id: "n9", path: "/often", status: 304, ms: 0 });
  expect(lines.at(-1)).toEqual(expect.objectContaining({ message: "the last", level: "warn" }));
});

test("100,000 lines a second are complete, also while the pipe is full", () => {
  const lines = linesOf(`
    for (; at < 12_000; at++) {
      tell(at % 5 ? 304 : 200, 0);
      if (at % 100 === 0) await Bun.sleep(1);
    }
    for (; at < 20_000; at++) tell(304, 0);
    await writer.flush();
    process.exit(0);`);
  expect(new Set(lines.map(({ id }) => id)).size).toBe(20_000);
  expect(lines).toHaveLength(20_000);
  expect(lines.filter(({ status }) => status === 200)).toHaveLength(2400);
});

test("little text waits, so that the rest fits into a pipe when the process exits", () => {
  const lines = linesOf(`
    const write = process.stderr.write.bind(process.stderr);
    let most = 0;
    process.stderr.write = (text, done) => {
      most = Math.max(most, text.length);
      return write(text, done);
    };
    for (; at < 1000; at++) tell(304, 0);
    log.warn("most", { most });
    await writer.flush();
    process.exit(0);`);
  const most = Number(lines.at(-1)?.most);
  expect(most).toBeGreaterThan(16_384);
  expect(most).toBeLessThan(40_000);
});

test("waiting lines are written when the process exits at once", () => {
  const lines = linesOf("for (; at < 100; at++) tell(304, 0); log.warn('the last'); process.exit(0);");
  expect(lines.map(({ id }) => id)).toEqual([...numbers(100).map((at) => `n${at}`), undefined]);
});

test("times are logged in tenths of a millisecond", () => {
  const lines = linesOf("tell(200, 0.04); at++; tell(200, 0.05); at++; tell(200, 3.14); process.exit(0);");
  expect(lines.map(({ id, ms }) => [id, ms])).toEqual([
    ["n0", 0],
    ["n1", 0.1],
    ["n2", 3.1],
  ]);
});
