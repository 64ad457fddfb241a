/** Backups of a PostgreSQL database, made by PostgreSQL's own `pg_dump`. */

import { Refused } from "../input/terminal.ts";
import { writeWhole } from "./whole-file.ts";

/** Adds variables to the environment of this process, for a child. */
export type ChildEnvironment = (more: Readonly<Record<string, string>>) => Record<string, string | undefined>;

/** The password of a URL, which may name several hosts. */
const passwordPattern = /(?<=^\w+:\/\/[^:@/?#]*):([^/?#]*)(?=@)/;

/** Returns the URL for a command line, which all users of the machine can see. */
const withoutPassword = (url: string) => url.replace(passwordPattern, "");

/** A command for people to run. */
export const pgRestore = (url: string, file: string): string =>
  `pg_restore --clean --if-exists --no-owner --single-transaction --dbname='${withoutPassword(url)}' ${file}`;

/**
 * Dumps the database to a new file, which appears once it is complete, readable for its owner alone.
 * @throws Refused if the file exists, or if `pg_dump` is missing or fails
 */
export function dumpPostgres(url: string, target: string, childEnvironment: ChildEnvironment): Promise<void> {
  const commandFor = (file: string) => [
    "pg_dump",
    "--format=custom",
    `--file=${file}`,
    `--dbname=${withoutPassword(url)}`,
  ];
  if (!Bun.which("pg_dump"))
    throw new Refused(`pg_dump isn't installed. Run it elsewhere: ${commandFor(target).join(" ")}`);
  return writeWhole(target, async (partial) => {
    const password = decodeURIComponent(passwordPattern.exec(url)?.[1] ?? "");
    const child = Bun.spawn(commandFor(partial), {
      env: childEnvironment(password ? { PGPASSWORD: password } : {}),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const errors = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Refused(`pg_dump failed: ${errors.trim()}`);
  });
}
