/** `close` and `reopen`: close a site at short notice, and end its closures. */

import type { Command } from "commander";
import { findWhy } from "../availability/why.ts";
import { categories, checkChange, endingNow } from "../downtime/downtime.ts";
import type { Stored } from "../downtime/rows.ts";
import { untilNoticeText } from "../downtime/state.ts";
import type { CoreServices } from "../downtime/store.ts";
import { commandLine, Refused, type Run, say } from "../input/terminal.ts";
import { counted } from "../input/text.ts";
import { describeRule } from "../series/series.ts";
import type { SeriesStore } from "../series/store.ts";
import { moved, spellInstant, toInstant } from "../time/instant.ts";
import { findClosures, planClosure } from "./closures.ts";

type CloseServices = CoreServices & { readonly series: SeriesStore };

interface CloseOptions {
  readonly site: string;
  readonly telescope?: readonly string[];
  readonly until: string;
  readonly reason?: string;
  readonly category: string;
}

export function addClose(program: Command, run: Run<CloseServices>): void {
  program
    .command("close")
    .description("close a site, or some of its telescopes, from now on")
    .requiredOption("--site <code>", "site code")
    .option("--telescope <code...>", "telescope code, or enclosure.telescope (default: all at the site)")
    .requiredOption("--until <end>", `a time, a duration such as 4h, sunrise, or "${untilNoticeText}"`)
    .option("--reason <text>", "reason")
    .option("--category <category>", `one of ${categories.join(", ")}`, "closure")
    .action((options: CloseOptions) => run((services) => close(options, services)));
  program
    .command("reopen")
    .description("end the active closures of a site, and show what still blocks it")
    .requiredOption("--site <code>", "site code")
    .action(({ site }: { site: string }) => run((services) => reopen(site, services)));
}

async function close(options: CloseOptions, { series, configdb, clock }: CloseServices): Promise<void> {
  const { site, telescope: codes = [], until, reason, category } = options;
  const scopes = codes.map((code) => {
    const [telescope, enclosure] = code.split(".").reverse();
    return { site, telescope, ...(enclosure && { enclosure }) };
  });
  const at = clock();
  const body = { reason, category, scopes: scopes.length > 0 ? scopes : [{ site }] };
  const outcome = await series.add(planClosure(body, until, configdb.get(), toInstant(at)), { by: commandLine, at });
  const { create, series: stored } = outcome;
  say(`Closed ${counted(create.length, "telescope")} at ${site}: series ${stored.id}, ${describeRule(stored)}`);
}

async function reopen(site: string, services: CloseServices): Promise<void> {
  const { downtimes, series, configdb, clock } = services;
  if (!configdb.get().knows("site", site)) throw new Refused(`Unknown site "${site}".`);
  const author = { by: commandLine, at: clock() };
  const now = toInstant(author.at);
  const soon = moved(now, 1000);
  const active = await downtimes.during({ site: [site] }, { start: now, end: soon });
  const closures = await findClosures(services, now, active, () => true);
  for (const { series: closure, downtimes: closed } of closures)
    if ((await series.rows(closure.id)).every(({ downtime }) => downtime.site === site))
      await series.end(closure.id, author, "now");
    else
      for (const { id } of closed) {
        const end = ({ downtime }: Stored) => checkChange(downtime, { end: endingNow(downtime, now) }, configdb.get);
        await downtimes.change(id, author, end, "end");
      }
  const count = closures.flatMap((closure) => closure.downtimes).length;
  say(count === 0 ? `No active closures at ${site}` : `Reopened ${counted(count, "telescope")} at ${site}`);
  // One that began within this second ends after it.
  const { telescopes } = await findWhy(downtimes, configdb.find(), { site: [site] }, soon);
  for (const { enclosure, telescope, ...blocked } of telescopes)
    for (const { id, end, reason, instrument_type } of [blocked, ...blocked.instrument_types].flatMap(
      (one) => one.downtimes,
    )) {
      const where = `Still down: ${site} ${enclosure} ${telescope} ${instrument_type}`.trim();
      say([where, `until ${spellInstant(end)}`, reason, `downtime ${id}`].join("\t"));
    }
}
