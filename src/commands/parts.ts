/** What commands work with, and how they speak. */

import { type Facility, placeFields } from "../domain/facility.ts";
import type { Clock } from "../domain/instant.ts";
import { forTerminal } from "../domain/text.ts";
import type { Configdb } from "../remote/configdb.ts";
import type { Downtimes } from "../store/downtimes.ts";
import type { Moving } from "../store/moving.ts";
import type { SeriesStore } from "../store/series.ts";
import type { Tokens } from "../store/tokens.ts";
import type { Users } from "../store/users.ts";

export interface CommandParts {
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly moving: Moving;
  readonly configdb: Configdb;
  readonly clock: Clock;
}

/** Opens the database and ConfigDB for the work, and closes them after it. */
export type Run = (work: (parts: CommandParts) => Promise<void>) => Promise<void>;

/** The name under which the command line writes; no user can be called so. */
export const commandLine = "command line";

/** Says a line to whoever typed the command. */
export const say = (line: string): void => void process.stdout.write(`${forTerminal(line)}\n`);

/** The same on standard error: what isn't the command's result. */
export const warn = (line: string): void => void process.stderr.write(`${forTerminal(line)}\n`);

/** The command can't be done; the message says why. Exit status 1. */
export class Refused extends Error {}

/** The fields with each code spelt as ConfigDB spells it, where case alone keeps them apart. */
export function spellAsConfigdb(
  fields: Readonly<Record<string, unknown>>,
  facility: Facility,
): Record<string, unknown> {
  const spelt = { ...fields };
  for (const field of placeFields) {
    const code = fields[field];
    if (typeof code === "string") spelt[field] = facility.spelling(field, code.trim());
  }
  return spelt;
}
