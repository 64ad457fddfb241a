/**
 * Runs the tests that need a kind of machine: `bun test/run.ts` those that need Node and npm alone, `bun test/run.ts browser`
 * those that need Chromium, `bun test/run.ts system` those that need Debian's programs or much time. All processes share one
 * PostgreSQL server. Further arguments are those of `bun test`, such as `-t "part of a name"`.
 */

import { join } from "node:path";
import { sharedPostgres } from "./postgres-server.ts";

const root = join(import.meta.dir, "..");

// One process more than there are cores: some wait for others, such as PostgreSQL or Chromium.
const parallel = ["--no-isolate", `--parallel=${navigator.hardwareConcurrency + 1}`];

const suites: Readonly<Record<string, readonly string[]>> = {
  quick: [...parallel, "--path-ignore-patterns=test/browser/**"],
  // A browser on a busy machine may miss a step, so that a test fails only if it does so twice.
  browser: [...parallel, "--retry=1", "test/browser"],
  // One after the other: each may take all of the machine. Files with another name than *.test.ts are only run if they are named.
  system: [...new Bun.Glob("test/**/*.system.ts").scanSync(root)].sort().map((path) => `./${path}`),
};

async function startPostgres(): Promise<Readonly<Record<string, string>>> {
  if (process.env.TEST_ENGINES === "sqlite") return {};
  try {
    return { TEST_DATABASE_URL: (await sharedPostgres()).url("postgres") };
  } catch (error) {
    if (process.env.CI === "true") throw error;
    process.stderr.write(`\n*** NO POSTGRESQL COULD BE STARTED: NOTHING IS TESTED ON IT ***\n${error}\n\n`);
    return { TEST_ENGINES: "sqlite" };
  }
}

/**
 * Chromium of the npm package `@sparticuz/chromium` with the libraries that it needs, if it is installed. It is no
 * dependency: it has 75 MB, and is for Linux on x64 alone.
 */
async function findPackagedChromium(): Promise<Readonly<Record<string, string>>> {
  // The package sets its libraries and fonts up only for AWS Lambda.
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x";
  const name = "@sparticuz/chromium";
  const found = await import(name).catch(() => undefined);
  return found ? { CHROMIUM: await found.default.executablePath() } : {};
}

const [first = "", ...others] = process.argv.slice(2);
const [suite, options] = first in suites ? [first, others] : ["quick", process.argv.slice(2)];
const packaged = suite === "browser" && !process.env.CHROMIUM ? await findPackagedChromium() : {};
// Memory is kept rather than returned to the system and requested again, which takes a fifth of the time on virtual machines.
// The system tests measure memory.
const memory = suite === "system" ? {} : { MIMALLOC_PURGE_DELAY: "-1" };
const child = Bun.spawn([process.execPath, "test", "--timeout=60000", ...(suites[suite] ?? []), ...options], {
  cwd: root,
  env: { ...memory, ...process.env, ...packaged, ...(await startPostgres()) },
  stdio: ["inherit", "inherit", "inherit"],
});
process.exit(await child.exited);
