import { expect, test } from "bun:test";
import { join } from "node:path";
import { createFolder, runCommand, startService } from "./harness.ts";
import { hasProgram } from "./programs.ts";

const readme = await Bun.file(join(import.meta.dir, "../README.md")).text();

test.skipIf(!hasProgram("curl"))("the examples of the README work in order", async () => {
  const examples = [...readme.matchAll(/^curl [\s\S]*?(?=\n\n|\n```|\ncurl |\n#)/gm)].map(([command]) => command);
  expect(examples.length).toBeGreaterThanOrEqual(4);
  const service = await startService({ settings: { CONFIGDB_URL: "" } });
  try {
    const token = "a-token-for-the-examples";
    const added = await runCommand(["user", "add", "me", "--staff", "--token", token], service.settings);
    expect(added.status).toBe(0);
    for (const example of examples) {
      const command = example
        .replaceAll("http://127.0.0.1:8000", service.url)
        .replace("curl", "curl -s -o /dev/null -w %{http_code}");
      const child = Bun.spawn(["sh", "-c", command], { stdout: "pipe", env: { ...process.env, TOKEN: token } });
      expect([example, await new Response(child.stdout).text()]).toEqual([example, expect.stringMatching(/^20[014]$/)]);
    }
  } finally {
    await service.stop();
  }
});

/** The program in a language of the README's examples for scheduler developers. */
const programIn = (language: "sh" | "python") => {
  const section = readme.split("\n### Examples\n")[1]?.split("\n### ")[0] ?? "";
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(section)?.[1] ?? "";
};

/** Starts a service with the example observatory, a token and more downtimes than a page of the examples has. */
async function startExamples() {
  const service = await startService({ settings: { CONFIGDB_URL: "" } });
  const folder = createFolder();
  const token = "a-token-for-the-examples";
  await runCommand(["user", "add", "me", "--staff", "--token", token], service.settings);
  const place = { site: "sud", enclosure: "doma", telescope: "1m0a" };
  for (let minute = 0; minute < 105; minute++)
    await service.add({ ...place, start: spell("12T00", minute), end: spell("12T01", minute), reason: `${minute}` });
  const run = async (command: readonly string[], input: string, more: Record<string, string> = {}) => {
    const { PATH = "" } = process.env;
    const env = { PATH, DOWNTIME_URL: service.url, ...more };
    const child = Bun.spawn([...command], {
      stdin: new Blob([input]),
      stdout: "pipe",
      stderr: "pipe",
      cwd: folder.path,
      env,
    });
    const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { output, errors, status: await child.exited };
  };
  return { service, folder, run, withToken: { DOWNTIME_TOKEN: token } };
}
const spell = (hour: string, minute: number) =>
  new Date(Date.parse(`2027-01-${hour}:00:00Z`) + minute * 60_000).toISOString().replace(".000", "");

test.skipIf(!hasProgram("curl"))(
  "the shell example asks for a window, follows `next`, creates and deletes",
  async () => {
    const { service, folder, run, withToken } = await startExamples();
    try {
      const { output, errors, status } = await run(["sh"], programIn("sh"), withToken);
      expect([errors, status]).toEqual(["", 0]);
      expect(output).toMatch(/^kept\.json is \d s old\n/);
      expect(output).toContain('"action":"create"');
      expect((await Bun.file(`${folder.path}/kept.json`).json()).count).toBe(105);
      // The last page.
      expect((await Bun.file(`${folder.path}/page.json`).json()).results).toHaveLength(5);
      expect((await service.ask("/api/?reason=Mirror")).body.count).toBe(0);
      const misspelt = await run(
        ["sh"],
        programIn("sh").replace("limit=100&ends_after", "limit=100&end_after"),
        withToken,
      );
      expect(misspelt).toMatchObject({ status: 1, output: expect.stringContaining("end_after") });
    } finally {
      await service.stop();
      folder.remove();
    }
  },
);

test.skipIf(!hasProgram("python3"))(
  "the Python example does the same, and falls back on the last good response",
  async () => {
    const { service, folder, run, withToken } = await startExamples();
    let isStopped = false;
    try {
      const python = ["python3", "-"];
      const { output, errors, status } = await run(python, programIn("python"), withToken);
      expect([errors, status]).toEqual(["", 0]);
      expect(output).toMatch(
        /^105 downtimes, 0 s old\n2027-01-12T00:00:00Z until 01:00: 0\n(.*\n){2}create (\d+) by me\ndelete \2 by me\n$/,
      );
      const misspelt = await run(python, programIn("python").replace('"ends_after": start', '"end_after": start'));
      expect([misspelt.status, misspelt.errors]).toEqual([
        1,
        expect.stringContaining("misspelt parameters: end_after"),
      ]);
      const unknown = await run(python, programIn("python").replace('site="sud"', 'site="nowhere"'));
      expect([unknown.status, unknown.errors]).toEqual([1, expect.stringContaining("HTTP Error 400")]);
      await service.stop();
      isStopped = true;
      const kept = await run(python, programIn("python"));
      expect([kept.status, kept.output]).toEqual([0, expect.stringMatching(/^105 downtimes, [1-9]\d* s old\n/)]);
      const other = await run(python, programIn("python").replace("2027-01-18", "2027-01-19"));
      expect([other.status, other.errors]).toEqual([1, expect.stringContaining("Connection refused")]);
    } finally {
      if (!isStopped) await service.stop();
      folder.remove();
    }
  },
);
