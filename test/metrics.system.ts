/** What Prometheus's own program says about the metrics and the alert rules. Debian's package: prometheus. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { startService } from "./harness.ts";
import { hasProgram } from "./programs.ts";

setDefaultTimeout(60_000);

const alerts = join(import.meta.dir, "../deploy/alerts.yml");

async function promtool(args: readonly string[], input = "") {
  const child = Bun.spawn(["promtool", ...args], { stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, text: output + errors };
}

describe.skipIf(!hasProgram("promtool", "prometheus"))("promtool", () => {
  test("finds nothing wrong with the metrics", async () => {
    const service = await startService();
    await service.add();
    for (const path of ["/", "/api/", "/api/", "/api/1/", '/"\\\n', "/metrics"])
      await (await service.send(path)).text();
    const metrics = await (await service.send("/metrics")).text();
    expect(await promtool(["check", "metrics"], metrics)).toEqual({ status: 0, text: "" });
    await service.stop();
  });

  test("accepts the alert rules", async () => {
    const { status, text } = await promtool(["check", "rules", alerts]);
    expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining("SUCCESS: 9 rules found") });
  });

  test("knows every metric that the alert rules name", async () => {
    const service = await startService();
    await (await service.send("/metrics")).text();
    const metrics = await (await service.send("/metrics")).text();
    const named = (await Bun.file(alerts).text()).match(/\bdowntime_\w+/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(metrics).toContain(name);
    await service.stop();
  });
});
