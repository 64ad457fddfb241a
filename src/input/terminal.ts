/** How commands print and fail. */

import { forTerminal } from "./text.ts";

/** The author of what commands write; not a valid username. */
export const commandLine = "command line";

/** Prints a line of the command's result. */
export const say = (line: string): void => void process.stdout.write(`${forTerminal(line)}\n`);

/** Prints a line on standard error. */
export const warn = (line: string): void => void process.stderr.write(`${forTerminal(line)}\n`);

/** Opens the services that a command needs, and closes them afterwards. */
export type Run<Services> = (work: (services: Services) => Promise<void>) => Promise<void>;

/** The command failed; the message says why. Exit status 1. */
export class Refused extends Error {}
