/** `create` and `export`: creates a downtime with the options of OCS Downtime; writes downtimes in the formats of `import`. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { type Facility, type PlaceField, spellAsConfigdb, telescopeFields } from "../facility/facility.ts";
import { AbbreviatedCommand } from "../input/abbreviated-command.ts";
import { commandLine, Refused, type Run, say } from "../input/terminal.ts";
import { forTerminal } from "../input/text.ts";
import { hourMillis, parseInstant, toInstant, toMillis } from "../time/instant.ts";
import { csvOf, exactCsv } from "./csv.ts";
import { categories, checkDraft, type Downtime, describePlace } from "./downtime.ts";
import { filterFields, isChoiceField, schemaOf } from "./filter.ts";
import { readListing } from "./list-query.ts";
import type { CoreServices } from "./store.ts";

type Options = Partial<Record<PlaceField, string>> & {
  reason: string;
  category?: string;
  /** In milliseconds, like the next three. */
  start?: number;
  end?: number;
  offsetHours: number;
  durationHours: number;
};

const time = (text: string) => {
  const found = parseInstant(text);
  if (!found) throw new InvalidArgumentError("Must be a time such as 2027-01-15T08:45:00Z.");
  return toMillis(found);
};

const hours = (text: string) => {
  // About 10,000 years; beyond that there are no dates.
  if (text.trim() === "" || !(Math.abs(Number(text)) <= 1e8))
    throw new InvalidArgumentError("Must be a number of hours.");
  return Number(text) * hourMillis;
};

export function addCreate(program: Command, run: Run<CoreServices>): void {
  const create = new AbbreviatedCommand("create").copyInheritedSettings(program);
  program.addCommand(create);
  create
    .description("create a downtime")
    .option("-s, --site <code>", "site code")
    .option("-e, --enclosure <code>", "enclosure code")
    .option("-t, --telescope <code>", "telescope code")
    .option("-i, --instrument_type <code>", "instrument type code; empty for the whole telescope", "")
    .option("-r, --reason <text>", "reason", "Scheduled Maintenance")
    .option("--category <category>", `one of ${categories.join(", ")}`)
    .option("--start <time>", "start time, in UTC unless it has an offset (default: now)", time)
    .option("--end <time>", "end time (default: 24 hours from now)", time)
    .option("--offset-hours <hours>", "hours to add to the start time", hours, 0)
    .option("--duration-hours <hours>", "duration; overrides --end", hours, 0)
    .action((options: Options) =>
      run(async ({ downtimes, configdb, clock }) => {
        const { start, end, offsetHours: offset, durationHours: duration, ...fields } = options;
        const missing = telescopeFields.filter((field) => !fields[field]);
        if (missing.length > 0) create.error(usageOf(missing, configdb.find()));
        const now = clock();
        const from = (start ?? now) + offset;
        const window = {
          start: toInstant(from),
          end: toInstant(duration ? from + duration : (end ?? now + 24 * hourMillis)),
        };
        const facility = configdb.get();
        const draft = checkDraft({ ...spellAsConfigdb(fields, facility), ...window }, facility);
        const same = await downtimes.findSame(draft);
        if (same) throw new Refused(`An identical downtime already exists (#${same.id}).`);
        const downtime = await downtimes.add(draft, { by: commandLine, at: now });
        say(`Created downtime ${downtime.id}: ${describePlace(downtime)}, ${downtime.start} to ${downtime.end}`);
      }),
    );
}

function usageOf(missing: readonly string[], facility: Facility | undefined): string {
  const usage = "Usage: downtime create -s SITE -e ENCLOSURE -t TELESCOPE [-i INSTRUMENT_TYPE] [options]";
  const head = `error: required: ${missing.map((field) => `--${field}`).join(", ")}\n${usage}`;
  if (!facility) return `${head}\nConfigDB hasn't been reached yet, so telescopes can't be listed.`;
  const telescopes = Map.groupBy(
    facility.places(),
    ({ site, enclosure, telescope }) => `  -s ${site} -e ${enclosure} -t ${telescope}`,
  );
  const lines = [...telescopes].map(([telescope, places]) => {
    const types = places.map(({ instrument_type }) => instrument_type).filter(Boolean);
    return types.length > 0 ? `${telescope} [-i ${types.join(" | ")}]` : telescope;
  });
  return [head, "Telescopes:", ...lines].join("\n");
}

const collect = (value: string, previous: string[] = []) => [...previous, value];

export function addExport(program: Command, run: Run<CoreServices>): void {
  const command = program.command("export").description("write downtimes to standard output, with the API's filters");
  command.addOption(new Option("--format <format>", "csv or json").choices(["csv", "json"]).default("csv"));
  for (const field of filterFields) {
    const option = new Option(`--${field} <value>`, schemaOf(field).description);
    command.addOption(isChoiceField(field) ? option.argParser(collect) : option);
  }
  command.option("--order <fields>", "sort as `order` of the API does");
  command.action(({ format, ...filters }: Readonly<Record<string, string | string[]>>) =>
    run(async ({ downtimes, configdb }) => {
      const pairs = Object.entries(filters).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
      const batches = downtimes.stream(readListing(new URLSearchParams(pairs), configdb.find()));
      await write(format === "json" ? jsonOf(batches) : csvOf(batches, exactCsv));
    }),
  );
}

async function* jsonOf(batches: AsyncIterable<readonly Downtime[]>): AsyncGenerator<string> {
  yield "[";
  let separator = "\n";
  for await (const batch of batches) {
    yield separator + batch.map((downtime) => JSON.stringify(downtime)).join(",\n");
    separator = ",\n";
  }
  yield "\n]\n";
}

async function write(pieces: AsyncIterable<string>): Promise<void> {
  const shown = process.stdout.isTTY ? forTerminal : String;
  // Awaited, so that a slow reader of the pipe also slows down reading the database. Not Bun.write, which truncates a
  // file that standard output is redirected to.
  for await (const piece of pieces)
    await new Promise<void>((done) => void process.stdout.write(shown(piece), () => done()));
}
