/** The terminal: what commands print, and how they fail. */

import { forTerminal } from "./text.ts";

/** The name under which the command line writes; no user can be called so. */
export const commandLine = "command line";

/** Says a line to whoever typed the command. */
export const say = (line: string): void => void process.stdout.write(`${forTerminal(line)}\n`);

/** The same on standard error: what isn't the command's result. */
export const warn = (line: string): void => void process.stderr.write(`${forTerminal(line)}\n`);

/** Opens the services that a command needs for its work, and closes them after it. */
export type Run<Services> = (work: (services: Services) => Promise<void>) => Promise<void>;

/** The command can't be done; the message says why. Exit status 1. */
export class Refused extends Error {}
