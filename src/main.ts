#!/usr/bin/env bun
/** Runs the command line in this process. Creates the only clock. */

import { runCommandLine } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { createWriter } from "./log.ts";

const clock = Date.now;
/** Monotonic: starts at the time of day, and never goes back when that is set back. */
const steadyClock = () => performance.timeOrigin + performance.now();

// A reader such as `head` may close the pipe.
process.stdout.on("error", (error: Error & { code?: string }) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

const writer = createWriter(clock);
process.exitCode = await runCommandLine(process.argv.slice(2), { readConfig, clock, steadyClock, writer });
