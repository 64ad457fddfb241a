import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { createFolder } from "./harness.ts";

let folder: ReturnType<typeof createFolder>;
beforeEach(() => {
  folder = createFolder();
});
afterEach(() => folder.remove());

const { PATH = "", HOME = "" } = process.env;
/** The service in a separate process, with pipes that a test can close. */
const spawnService = (settings: Record<string, string> = { PORT: "0" }) =>
  Bun.spawn([process.execPath, join(import.meta.dir, "../src/main.ts"), "serve"], {
    env: { PATH, HOME, DB_NAME: join(folder.path, "test.sqlite3"), ...settings },
    stdout: "pipe",
    stderr: "pipe",
  });

async function start() {
  const child = spawnService();
  const reader = child.stdout.getReader();
  let printed = "";
  while (!/^ConfigDB .*\n/m.test(printed)) printed += new TextDecoder().decode((await reader.read()).value);
  return { child, reader, url: /^Downtime +(\S+)\/$/m.exec(printed)?.[1] ?? "" };
}

test("the service continues when the readers of its log and output exit", async () => {
  const { child, reader, url } = await start();
  await Promise.all([reader.cancel(), child.stderr.cancel()]);
  // Lines are written one after the other, and any write may be the first to fail.
  for (let time = 0; time < 5; time++) {
    expect((await fetch(`${url}/api/?${time}`)).status).toBe(200);
    // The writer waits for more lines meanwhile, and then writes.
    await Bun.sleep(60);
  }
  expect(child.exitCode).toBeNull();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});

test("the service starts without a reader of its output", async () => {
  const taken = Bun.serve({ port: 0, fetch: () => new Response() });
  const port = String(taken.port);
  await taken.stop(true);
  const child = spawnService({ PORT: port });
  await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (child.exitCode === null && !(await isUp())) await Bun.sleep(20);
  // It listens before it prints the start-up block, which nobody can see.
  await Bun.sleep(500);
  expect([child.exitCode, await isUp()]).toEqual([null, true]);
  child.kill();
});

test("lines waiting for a slow reader are bounded, and the log says that lines were dropped", async () => {
  const script = `
    const { createLog, createWriter } = await import(${JSON.stringify(join(import.meta.dir, "../src/log.ts"))});
    const log = createLog(Date.now, createWriter(Date.now));
    const before = process.memoryUsage.rss();
    let at = 0;
    while (at < 100_000) {
      log.warn("x".repeat(1000), { at: at++ });
      if (at % 1000 === 0) await Bun.sleep(1);
    }
    process.stdout.write(String((process.memoryUsage.rss() - before) / 2 ** 20) + "\\n");
    for await (const line of console) break;
    while (true) {
      log.warn("read again", { at: at++ });
      await Bun.sleep(60);
    }`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const growth = Number(new TextDecoder().decode((await child.stdout.getReader().read()).value));
  // All lines together have 107 MB; what was dropped isn't collected at once.
  expect(growth).toBeLessThan(80);
  child.stdin.write("go\n");
  child.stdin.flush();
  let text = "";
  for await (const piece of child.stderr as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(piece);
    if (text.slice(-2000).includes("read again")) break;
  }
  child.kill();
  const lines = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { at: number; message: string });
  const isNotice = ({ message }: { message: string }) => message.startsWith("log lines dropped");
  expect(lines.filter(isNotice)).not.toEqual([]);
  const written = lines.filter((line) => !isNotice(line));
  expect(written.length).toBeLessThan((written.at(-1)?.at ?? 0) + 1);
});
