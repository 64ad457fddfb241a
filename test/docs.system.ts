import { expect, test } from "bun:test";
import { join } from "node:path";
import { runCommand, startService } from "./harness.ts";
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
