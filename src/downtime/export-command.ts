/** `export`: writes downtimes to standard output as CSV or JSON, in the formats of `import`. */

import { type Command, Option } from "commander";
import type { Run } from "../input/terminal.ts";
import { forTerminal } from "../input/text.ts";
import { exactCsv } from "./csv.ts";
import type { Downtime } from "./downtime.ts";
import { filterFields, isChoiceField, schemaOf } from "./filter.ts";
import { readListing } from "./list-query.ts";
import type { CoreServices } from "./store.ts";

type Options = Readonly<Record<string, string | string[]>>;

const collect = (value: string, previous: string[] = []) => [...previous, value];

export function addExport(program: Command, run: Run<CoreServices>): void {
  const command = program.command("export").description("write downtimes to standard output, with the API's filters");
  command.addOption(new Option("--format <format>", "csv or json").choices(["csv", "json"]).default("csv"));
  for (const field of filterFields) {
    const option = new Option(`--${field} <value>`, schemaOf(field).description);
    command.addOption(isChoiceField(field) ? option.argParser(collect) : option);
  }
  command.option(
    "--order <fields>",
    "sort by start, end, created or modified; - for descending; separate several with commas",
  );
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
  /** @param isFirst whether this is the first batch */
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
  // Awaited, so that a slow reader of the pipe also slows down reading the database. Not Bun.write, which truncates a
  // file that standard output is redirected to.
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
