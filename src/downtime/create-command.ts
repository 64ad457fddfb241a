/** `create`: creates a downtime. Its options are those of OCS Downtime. */

import { type Command, InvalidArgumentError } from "commander";
import { type Facility, type PlaceField, placeFields, spellAsConfigdb } from "../facility/facility.ts";
import { AbbreviatedCommand } from "../input/abbreviated-command.ts";
import { commandLine, Refused, type Run, say } from "../input/terminal.ts";
import { type Instant, parseInstant, toInstant, toMillis } from "../time/instant.ts";
import { categories } from "./category.ts";
import { checkDraft, describePlace } from "./downtime.ts";
import type { CoreServices } from "./store.ts";

const hourMillis = 3_600_000;

type Options = Partial<Record<PlaceField, string>> & {
  reason: string;
  category?: string;
  start?: Instant;
  end?: Instant;
  offsetHours: number;
  durationHours: number;
};

const instant = (text: string) => {
  const found = parseInstant(text);
  if (!found) throw new InvalidArgumentError("Must be a time such as 2027-01-15T08:45:00Z.");
  return found;
};

const hours = (text: string) => {
  // About 10,000 years; beyond that there are no dates.
  if (text.trim() === "" || !(Math.abs(Number(text)) <= 1e8))
    throw new InvalidArgumentError("Must be a number of hours.");
  return Number(text);
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
    .option("--start <time>", "start time, in UTC unless it has an offset (default: now)", instant)
    .option("--end <time>", "end time (default: 24 hours from now)", instant)
    .option("--offset-hours <hours>", "hours to add to the start time", hours, 0)
    .option("--duration-hours <hours>", "duration; overrides --end", hours, 0)
    .action((options: Options) =>
      run(async ({ downtimes, configdb, clock }) => {
        const { start, end, offsetHours, durationHours, ...fields } = options;
        const missing = requiredOptions.filter((field) => !fields[field]);
        if (missing.length > 0) create.error(usageOf(missing, fields, configdb.find()));
        const now = clock();
        const startMillis = (start ? toMillis(start) : now) + offsetHours * hourMillis;
        const endMillis = durationHours
          ? startMillis + durationHours * hourMillis
          : end
            ? toMillis(end)
            : now + 24 * hourMillis;
        const facility = configdb.get();
        const draft = checkDraft(
          { ...spellAsConfigdb(fields, facility), start: toInstant(startMillis), end: toInstant(endMillis) },
          facility,
        );
        const same = await downtimes.findSame(draft);
        if (same) throw new Refused(`An identical downtime already exists (${same.id}).`);
        const downtime = await downtimes.add(draft, { by: commandLine, at: now });
        say(`Created downtime ${downtime.id}: ${describePlace(downtime)}, ${downtime.start} to ${downtime.end}`);
      }),
    );
}

const requiredOptions = ["site", "enclosure", "telescope"] as const;
const usage = "Usage: downtime create -s SITE -e ENCLOSURE -t TELESCOPE [-i INSTRUMENT_TYPE] [options]";

/** Returns the usage error: the missing options, and the matching telescopes as options. */
function usageOf(missing: readonly string[], fields: Options | object, facility: Facility | undefined): string {
  const head = `error: required: ${missing.map((field) => `--${field}`).join(", ")}\n${usage}`;
  if (!facility) return `${head}\nConfigDB hasn't been reached yet, so telescopes can't be listed.`;
  const given = spellAsConfigdb(fields as Record<string, unknown>, facility);
  const all = facility.places();
  const found = all.filter((place) => placeFields.every((field) => !given[field] || given[field] === place[field]));
  const types = Map.groupBy(
    found.length > 0 ? found : all,
    ({ site, enclosure, telescope }) => `-s ${site} -e ${enclosure} -t ${telescope}`,
  );
  const lines = [...types].map(([telescope, of]) => {
    const codes = of.map(({ instrument_type }) => instrument_type).filter(Boolean);
    return `  ${telescope}${codes.length > 0 ? ` [-i ${codes.join(" | ")}]` : ""}`;
  });
  return [head, found.length > 0 ? "Matching telescopes:" : "No matching telescopes. Available:", ...lines].join("\n");
}
