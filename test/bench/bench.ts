#!/usr/bin/env bun
/**
 * The benchmark: compares the service with minimal programs on the same machine. Not a test.
 * Usage: `npm run bench [-- NAME … --rows N --only PATTERN]`.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../../package.json";
import { isolation } from "./isolation.ts";
import { type Bench, type Measurement, measurements } from "./rows.ts";
import { pinning } from "./servers.ts";

const { values, positionals: names } = parseArgs({
  args: process.argv.slice(2),
  // For isolation: the number of rows, and a regular expression that selects the kinds of requests.
  options: { rows: { type: "string", default: "1000000" }, only: { type: "string", default: "" } },
  allowPositionals: true,
});
const settings = { rows: Number(values.rows), only: new RegExp(values.only) };
const all: Readonly<Record<string, (bench: Bench) => Promise<readonly Measurement[]>>> = {
  ...measurements,
  isolation: (bench) => isolation(bench, "sqlite", settings),
  "isolation-postgres": (bench) => isolation(bench, "postgres", settings),
};
const unknown = names.filter((name) => !Object.hasOwn(all, name));
if (unknown.length > 0) {
  process.stderr.write(`Unknown benchmark: ${unknown.join(", ")}. Available: ${Object.keys(all).join(", ")}\n`);
  process.exit(2);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const median = (numbers: readonly number[]) => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const formatNumber = (number: number) =>
  number >= 100 ? Math.round(number).toLocaleString("en") : number.toPrecision(3);

function lineOf({ name, unit, goal, better, rounds }: Measurement): string {
  const ratios = rounds.map(([ours, theirs]) => ours / theirs);
  const ratio = median(ratios);
  const spread = rounds.length > 1 ? ` (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})` : "";
  const reached = better === "more" ? ratio >= goal : ratio <= goal;
  const cells = [
    name,
    formatNumber(median(rounds.map(([ours]) => ours))),
    formatNumber(median(rounds.map(([, theirs]) => theirs))),
    unit,
    `${ratio.toFixed(2)}${spread}`,
    `${better === "more" ? "≥" : "≤"} ${goal}`,
    reached ? "yes" : "no",
  ];
  return `| ${cells.join(" | ")} |`;
}

const folder = await mkdtemp(join(tmpdir(), "downtime-bench-"));
const bench = { folder, rounds: 5, seconds: 2 };
const lines: string[] = [];
try {
  for (const name of names.length > 0 ? names : Object.keys(all))
    for (const measurement of await (all[name] as (typeof all)[string])(bench)) {
      lines.push(lineOf(measurement));
      process.stderr.write(`${lines.at(-1)}\n`);
    }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const { dependencies } = packageJson;
process.stdout.write(
  [
    `${new Date().toISOString().slice(0, 10)}: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}; ${pinning};`,
    `Downtime ${packageJson.version}, Bun ${Bun.version}, Elysia ${dependencies.elysia}, postgres.js ${dependencies.postgres};`,
    `${bench.rounds} rounds of ${bench.seconds} s, alternating between service and baseline: medians, and the range of the ratio.`,
    "",
    "| benchmark | service | baseline | unit | ratio (range) | goal | reached |",
    "|---|---:|---:|---|---:|---:|---|",
    ...lines,
    "",
  ].join("\n"),
);
process.exit(0);
