/** The thread that makes backups, as SQLite would hold up the one that listens for as long as they take. */

import { backUp } from "./database/backup.ts";

declare const self: Worker;

/** What a backup is made of, and where to. */
export type BackupOrder = Parameters<typeof backUp>;

/** What the backup contains, or why there is none. */
export type BackupOutcome = { readonly contents: string } | { readonly error: string };

self.onmessage = async ({ data }: MessageEvent<BackupOrder>) => {
  const outcome: BackupOutcome = await backUp(...data).then(
    (contents) => ({ contents }),
    (error) => ({ error: String(error.message) }),
  );
  self.postMessage(outcome);
};
