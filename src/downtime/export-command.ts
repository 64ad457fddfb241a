/** `export`: writes downtimes to standard output, as CSV or JSON that `import` reads. */

import { type Command, Option } from "commander";
import type { Configdb } from "../facility/configdb.ts";
import type { Run } from "../input/terminal.ts";
import { forTerminal } from "../input/text.ts";
import { exactCsv } from "./csv.ts";
import type { Downtime } from "./downtime.ts";
import { filterFields, isChoiceField, schemaOf } from "./filter.ts";
import { readListing } from "./list-query.ts";
import type { Downtimes } from "./store.ts";

type Options = Readonly<Record<string, string | string[]>>;

const collect = (value: string, previous: string[] = []) => [...previous, value];

/** What the command works with. */
interface ExportServices {
  readonly downtimes: Downtimes;
  readonly configdb: Configdb;
}

export function addExport(program: Command, run: Run<ExportServices>): void {
  const command = program
    .command("export")
    .description("write downtimes to standard output; the filters are the API's");
  command.addOption(new Option("--format <format>", "csv or json").choices(["csv", "json"]).default("csv"));
  for (const field of filterFields) {
    const option = new Option(`--${field} <value>`, schemaOf(field).description);
    command.addOption(isChoiceField(field) ? option.argParser(collect) : option);
  }
  command.option("--order <fields>", "sorted by start, end, created, modified; - for descending; several with commas");
  command.action(({ format, ...options }: Options) =>
    run(async ({ downtimes, configdb }) => {
      const parameters = new URLSearchParams(
        Object.entries(options).flatMap(([name, value]) => [value].flat().map((one) => [name, one])),
      );
      await write(downtimes.stream(readListing(parameters, configdb.find())), format === "json" ? json : csv);
    }),
  );
}

interface Format {
  readonly begin: string;
  /** @param isFirst whether nothing was written before */
  readonly rows: (downtimes: readonly Downtime[], isFirst: boolean) => string;
  readonly end: string;
}

const csv: Format = { begin: exactCsv.header(), rows: exactCsv.rows, end: "" };
const json: Format = {
  begin: "[",
  rows: (downtimes, isFirst) =>
    downtimes.map((downtime, index) => `${isFirst && index === 0 ? "" : ","}\n${JSON.stringify(downtime)}`).join(""),
  end: "\n]\n",
};

async function write(batches: AsyncIterable<readonly Downtime[]>, { begin, rows, end }: Format): Promise<void> {
  // Awaited, so that a slow reader of the pipe slows the reading of the database too. Not Bun.write: where standard
  // output is a file, it takes away what was there before.
  const shown = process.stdout.isTTY ? forTerminal : String;
  const put = (text: string) => new Promise<void>((done) => void process.stdout.write(shown(text), () => done()));
  await put(begin);
  let isFirst = true;
  for await (const batch of batches) {
    await put(rows(batch, isFirst));
    isFirst = false;
  }
  await put(end);
}
