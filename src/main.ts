#!/usr/bin/env bun
/** Runs the command line in this process. Creates the only clock. */

import { runCommandLine } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { createWriter } from "./log.ts";

const clock = Date.now;
/** Monotonic: starts at the time of day, and never goes back when that is set back. */
const steadyClock = () => performance.timeOrigin + performance.now();

/** Loaded on demand: other commands start a third faster without the web server. */
const serve: typeof import("./server.ts").serve = async (...all) => {
  isServing = true;
  return (await import("./server.ts")).serve(...all);
};
let isServing = false;

// A reader such as `head` may close the pipe. The service continues without one.
process.stdout.on("error", (error: Error & { code?: string }) => {
  if (error.code !== "EPIPE") throw error;
  if (!isServing) process.exit(0);
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  readConfig,
  clock,
  steadyClock,
  writer: createWriter(clock),
  serve,
});
