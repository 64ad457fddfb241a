/** The commands `backup`, `restore` and `verify`. They run no migrations, since a backup is taken before them. */

import type { Command } from "commander";
import { type Config, childEnvironment } from "./config.ts";
import { backUp, restoreBackup, verifyBackup } from "./database/backup.ts";
import { say } from "./input/terminal.ts";
import { databaseSettingsOf } from "./services.ts";
import { type Clock, toFileStamp } from "./time/instant.ts";

export function addBackup(program: Command, readConfig: () => Config, clock: Clock): void {
  const settings = () => databaseSettingsOf(readConfig());
  program
    .command("backup")
    .argument("<file>", "a new file")
    .description("back up the database to a file and verify it, while the service runs")
    .action(async (file) => say(`Backed up to ${file}: ${await backUp(settings(), file, childEnvironment)}`));
  program
    .command("restore")
    .argument("<file>", "a backup")
    .description("replace the database by a backup, while the service is stopped; the replaced file is kept")
    .action(async (file) => say(`Restored: ${await restoreBackup(settings(), file, toFileStamp(clock()))}`));
  program
    .command("verify")
    .argument("<file>", "a backup")
    .description("check that a backup is intact, and count what it contains")
    .action(async (file) => say(`Intact: ${await verifyBackup(settings(), file)}`));
}
