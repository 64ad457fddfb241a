#!/usr/bin/env bun
/** Starts the command line in this process. The only owner of the clock. */

import { runCommandLine } from "./command-line.ts";
import { readConfig } from "./config.ts";
import { createWriter } from "./log.ts";

const clock = Date.now;
/** Begins with the time of day, and goes on as time does, also when the time of day is set back. */
const steadyClock = () => performance.timeOrigin + performance.now();

/** Loaded when it is wanted: other commands have no use for a web server, and begin a third sooner without. */
const serve: typeof import("./server.ts").serve = async (...all) => {
  isServing = true;
  return (await import("./server.ts")).serve(...all);
};
let isServing = false;

// A reader such as `head` has read enough; the service goes on without one.
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
