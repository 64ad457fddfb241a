/** `series`: creates, lists and ends series. */

import { type Command, InvalidArgumentError } from "commander";
import { type Draft, describePlace } from "../downtime/downtime.ts";
import { commandLine, parsed, Refused, type Run, readText, say, warn } from "../input/terminal.ts";
import { spellInstant, toInstant } from "../time/instant.ts";
import type { SeriesServices } from "./api.ts";
import { partsOf, planNew, readReach } from "./plan.ts";
import { describeRule, describeScopes } from "./series.ts";
import { addWarnings, countWarnings } from "./warnings.ts";

/** How many series `list` reads at a time. */
const pageSize = 1000;

const id = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Expected the id of a series.");
  return Number(text);
};

interface EndOptions {
  readonly from?: string;
  readonly begun?: boolean;
  readonly dryRun?: boolean;
}

type SeriesCommandServices = Omit<SeriesServices, "auth">;

export function addSeries(program: Command, run: Run<SeriesCommandServices>): void {
  const series = program.command("series").description("create series of downtimes, and end them");

  series
    .command("add")
    .description("create a series with its downtimes, all or none")
    .argument("<file>", "JSON file in the format of the API; - for standard input")
    .option("--dry-run", "show occurrences and warnings; nothing is saved")
    .action((file: string, { dryRun = false }: EndOptions) => run((services) => add(file, services, dryRun)));

  series
    .command("list")
    .description("list all series, newest first")
    .action(() => run(list));

  series
    .command("show")
    .description("show a series with its downtimes")
    .argument("<id>", "the id of the series", id)
    .action((one: number) => run((services) => show(one, services)));

  const ending = (name: string, description: string) =>
    series
      .command(name)
      .description(description)
      .argument("<id>", "the id of the series", id)
      .option("--begun", "include active and past downtimes")
      .option("--dry-run", "show counts only; nothing is saved")
      .action((one: number, options: EndOptions) => run((services) => end(one, options, services)));

  ending("end", "delete the downtimes of a series from a date on, or end it now").requiredOption(
    "--from <date>",
    "first local date without downtimes; or now: active ones end now",
  );
  ending("delete", "delete a series; active and past downtimes, and those that were edited individually, are kept");
}

async function add(file: string, { series, configdb, clock }: SeriesCommandServices, dryRun: boolean): Promise<void> {
  const facility = configdb.get();
  const now = clock();
  const planned = planNew(readBody(await readText(file)), facility, toInstant(now));
  const outcome = await series[dryRun ? "tryAdd" : "add"](planned, { by: commandLine, at: now });
  const overlapping = await series.overlapping(outcome.planned, outcome.series?.id);
  const marked = addWarnings(outcome, overlapping, facility);
  if (dryRun)
    for (const { planned, marks } of marked) say([...columnsOf(planned.draft), marks.join(" ")].join("\t").trimEnd());
  if (outcome.series) say(`Created series ${outcome.series.id}`);
  const created = `${outcome.create.length} downtimes ${dryRun ? "would be created" : "created"}`;
  const count = countWarnings(marked, (mark) => mark === "overlap");
  say(`${created}, ${outcome.duplicates.length} duplicates skipped, ${count} overlap other downtimes`);
  for (const { site, date, why } of outcome.absences) say(`Skipped at ${site} on ${date}: ${why}`);
}

/** @throws Refused when the text isn't a JSON object */
function readBody(text: string): Record<string, unknown> {
  const value: unknown = parsed("JSON", () => JSON.parse(text));
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refused("Not a series: expected an object with scopes and a rule.");
  return value as Record<string, unknown>;
}

const columnsOf = (draft: Draft) => [spellInstant(draft.start), spellInstant(draft.end), describePlace(draft)];

async function list({ series }: SeriesCommandServices): Promise<void> {
  for (let offset = 0; ; offset += pageSize) {
    const { count, results } = await series.list({ limit: pageSize, offset });
    if (count === 0) say("No series");
    for (const one of results)
      say(
        [one.id, one.reason, describeRule(one), describeScopes(one.scopes), `${one.rows} downtimes`]
          .concat(one.ended === null ? [] : `ended on ${one.ended}`, one.name ?? [])
          .join("\t"),
      );
    if (offset + pageSize >= count) return;
  }
}

async function show(one: number, { series }: SeriesCommandServices): Promise<void> {
  const stored = await series.get(one);
  say(`Series ${stored.id}, created by ${stored.createdBy} on ${spellInstant(stored.created)}`);
  if (stored.name) say(`Name: ${stored.name}`);
  for (const part of partsOf(stored)) {
    const since = part.from === null ? "" : `From ${part.from}: `;
    say(`${since}${[part.reason, describeRule(part), describeScopes(part.scopes)].filter(Boolean).join("; ")}`);
  }
  if (stored.ended !== null) say(`Ended: no occurrences from ${stored.ended}`);
  for (const { downtime, byHand } of await series.rows(one))
    say([downtime.id, ...columnsOf(downtime), ...(byHand ? ["edited individually"] : [])].join("\t"));
  for (const occurrence of await series.deletedByHand(one)) say(`Deleted individually: ${occurrence}`);
}

async function end(one: number, { from, begun, dryRun = false }: EndOptions, services: SeriesCommandServices) {
  const { series, clock } = services;
  const reach = readReach(from, begun);
  const outcome = await series[dryRun ? "tryEnd" : "end"](one, { by: commandLine, at: clock() }, reach);
  if (reach === "now") say(`${outcome.change.length} active downtimes ${dryRun ? "would end now" : "ended"}`);
  say(`${outcome.remove.length} downtimes ${dryRun ? "would be deleted" : "deleted"}`);
  if (outcome.warning) warn(`Warning: ${outcome.warning}`);
  if (outcome.begun > 0) say(`${outcome.begun} active or past downtimes kept`);
  for (const { downtime } of outcome.byHand) say(`Downtime ${downtime.id} was edited individually; kept`);
  if (dryRun) return;
  if (!outcome.series) say(`Series ${one} deleted`);
  else if (from === undefined) say(`Series ${one} kept with these`);
  else if (outcome.series.ended !== null) say(`Series ${one} ends on ${outcome.series.ended}`);
}
