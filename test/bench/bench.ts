#!/usr/bin/env bun
/**
 * The bench: how near the service is to what the machine can do. `npm run bench [-- NAME … --rows N --only PATTERN]`; no test, and never
 * part of one.
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
  // For isolation: how many rows are stored, and a pattern of the kinds of requests that are sent.
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
  process.stderr.write(`No row is called ${unknown.join(", ")}. There are: ${Object.keys(all).join(", ")}\n`);
  process.exit(2);
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const middle = (numbers: readonly number[]) => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const spell = (number: number) => (number >= 100 ? Math.round(number).toLocaleString("en") : number.toPrecision(3));

function lineOf({ name, unit, goal, better, rounds }: Measurement): string {
  const ratios = rounds.map(([ours, theirs]) => ours / theirs);
  const ratio = middle(ratios);
  const spread = rounds.length > 1 ? ` (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})` : "";
  const reached = better === "more" ? ratio >= goal : ratio <= goal;
  const cells = [
    name,
    spell(middle(rounds.map(([ours]) => ours))),
    spell(middle(rounds.map(([, theirs]) => theirs))),
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
    `${bench.rounds} rounds of ${bench.seconds} s, ours and theirs in turn: medians, and the ratio's spread.`,
    "",
    "| what | ours | theirs | in | ratio (spread) | goal | reached |",
    "|---|---:|---:|---|---:|---:|---|",
    ...lines,
    "",
  ].join("\n"),
);
process.exit(0);
