/** The thread that makes backups: on the main thread, SQLite would block all requests until a backup is complete. */

import { backUp } from "./database/backup.ts";

declare const self: Worker;

export type BackupOrder = Parameters<typeof backUp>;

/** Sends what the backup contains, or the error. */
self.onmessage = async ({ data }: MessageEvent<BackupOrder>) =>
  self.postMessage(await backUp(...data).catch((error: Error) => new Error(error.message)));
