/** `series`: creates, lists and ends series. */

import { type Command, InvalidArgumentError } from "commander";
import { describePlace } from "../downtime/downtime.ts";
import { commandLine, parsed, Refused, type Run, readText, say, warn } from "../input/terminal.ts";
import { counted, isRecord } from "../input/text.ts";
import { spellInstant, toInstant } from "../time/instant.ts";
import type { SeriesServices } from "./api.ts";
import { planNew, readReach } from "./plan.ts";
import { describeRule, describeScopes } from "./series.ts";
import { countWarnings } from "./warnings.ts";

const id = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("Expected the id of a series.");
  return Number(text);
};

interface Options {
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
    .action((file: string, { dryRun = false }: Options) => run((services) => add(file, services, dryRun)));

  series
    .command("list")
    .description("list all series, newest first")
    .action(() => run(list));

  const ending = (name: string, description: string) =>
    series
      .command(name)
      .description(description)
      .argument("<id>", "the id of the series", id)
      .option("--begun", "include active and past downtimes")
      .option("--dry-run", "show counts only; nothing is saved")
      .action((one: number, options: Options) => run((services) => end(one, options, services)));

  ending("end", "delete the downtimes of a series from a date on, or end it now").requiredOption(
    "--from <date>",
    "first local date without downtimes; or now: active ones end now",
  );
  ending("delete", "delete a series; active and past downtimes, and those that were edited individually, are kept");
}

async function add(file: string, { series, configdb, clock }: SeriesCommandServices, dryRun: boolean): Promise<void> {
  const text = await readText(file);
  const body: unknown = parsed("JSON", () => JSON.parse(text));
  if (!isRecord(body)) throw new Refused("Not a series: expected an object with scopes and a rule.");
  const now = clock();
  const planned = planNew(body, configdb.get(), toInstant(now));
  const outcome = await series[dryRun ? "tryAdd" : "add"](planned, { by: commandLine, at: now });
  const occurrences = await series.withWarnings(outcome, configdb.get(), outcome.series?.id);
  if (dryRun)
    for (const { planned, warnings } of occurrences) {
      const { start, end } = planned.draft;
      say([spellInstant(start), spellInstant(end), describePlace(planned.draft), ...warnings].join("\t"));
    }
  if (outcome.series) say(`Created series ${outcome.series.id}`);
  const created = `${counted(outcome.create.length, "downtime")} ${dryRun ? "would be created" : "created"}`;
  const count = countWarnings(occurrences, (warning) => warning === "overlap");
  say(`${created}, ${counted(outcome.duplicates.length, "duplicate")} skipped, ${count} overlap other downtimes`);
  for (const { site, date, why } of outcome.absences) say(`Skipped at ${site} on ${date}: ${why}`);
}

async function list({ series }: SeriesCommandServices): Promise<void> {
  const { results } = await series.list({ limit: Number.MAX_SAFE_INTEGER, offset: 0 });
  if (results.length === 0) say("No series");
  for (const { id, reason, scopes, rows, ended, name = [], ...plan } of results) {
    const words = [id, reason, describeRule(plan), describeScopes(scopes), counted(rows, "downtime")];
    say(words.concat(ended === null ? [] : `ended on ${ended}`, name).join("\t"));
  }
}

async function end(one: number, { from, begun, dryRun = false }: Options, { series, clock }: SeriesCommandServices) {
  const reach = readReach(from, begun);
  const outcome = await series[dryRun ? "tryEnd" : "end"](one, { by: commandLine, at: clock() }, reach);
  if (reach === "now")
    say(`${counted(outcome.change.length, "active downtime")} ${dryRun ? "would end now" : "ended"}`);
  say(`${counted(outcome.remove.length, "downtime")} ${dryRun ? "would be deleted" : "deleted"}`);
  if (outcome.warning) warn(`Warning: ${outcome.warning}`);
  if (outcome.begun > 0) say(`${counted(outcome.begun, "active or past downtime")} kept`);
  for (const { downtime } of outcome.byHand) say(`Downtime ${downtime.id} was edited individually; kept`);
  if (dryRun) return;
  if (!outcome.series) say(`Series ${one} deleted`);
  else if (from === undefined) say(`Series ${one} kept with these downtimes`);
  else if (outcome.series.ended !== null) say(`Series ${one} ends on ${outcome.series.ended}`);
}
