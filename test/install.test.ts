import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../package.json";
import { createFolder } from "./harness.ts";

/** What npm tells Scarf about this project, without the seconds that npm may need: Scarf gives up after three. */
const npm = (manifest: Record<string, unknown>, modules: string) => {
  const scarf = { version: "1.4.0", path: join(modules, "@scarf/scarf") };
  const parent = { version: "5.35.0", dependencies: { "@scarf/scarf": scarf } };
  const tree = { ...manifest, dependencies: { "swagger-ui-dist": parent } };
  return `#!/bin/sh\ncat <<'END'\n${JSON.stringify(tree)}\nEND\n`;
};

/** Runs the install script of `@scarf/scarf`, as npm 10 does, against a local server. @returns its reports */
async function reportsOf(manifest: Record<string, unknown>): Promise<string[]> {
  const folder = createFolder();
  const modules = join(import.meta.dir, "../node_modules");
  await Bun.write(join(folder.path, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder.path, "npm"), npm(manifest, modules), { mode: 0o755 });
  const reports: string[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      reports.push(await request.text());
      return new Response();
    },
  });
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn(["node", join(modules, "@scarf/scarf/report.js")], {
    // Scarf's own variable sends its reports to localhost.
    env: {
      PATH: `${folder.path}:${PATH}`,
      HOME,
      INIT_CWD: folder.path,
      TMPDIR: folder.path,
      SCARF_LOCAL_PORT: String(server.port),
    },
    stdout: "ignore",
    stderr: "ignore",
  });
  await child.exited;
  server.stop(true);
  folder.remove();
  return reports;
}

test.skipIf(!Bun.which("node"))("installing sends no reports, even if npm runs every package's script", async () => {
  expect(await reportsOf(packageJson)).toEqual([]);
  const { scarfSettings, ...others } = packageJson;
  expect(scarfSettings).toEqual({ enabled: false });
  expect(await reportsOf(others)).toHaveLength(1);
});
