/** The thread that makes backups, as SQLite would hold up the one that listens for as long as they take. */

import { childEnvironment } from "./config.ts";
import { backUp } from "./database/backup.ts";
import type { DatabaseSettings } from "./database/open.ts";

declare const self: Worker;

/** What a backup is made of, and where to. */
export interface BackupOrder {
  readonly settings: DatabaseSettings;
  readonly file: string;
}

/** What the backup contains, or why there is none. */
export type BackupOutcome = { readonly contents: string } | { readonly error: string };

self.onmessage = async ({ data: { settings, file } }: MessageEvent<BackupOrder>) => {
  const outcome: BackupOutcome = await backUp(settings, file, childEnvironment).then(
    (contents) => ({ contents }),
    (error) => ({ error: String(error.message) }),
  );
  self.postMessage(outcome);
};
