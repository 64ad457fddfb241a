/** Scheduled backups: makes one whenever the newest is old enough, and deletes the oldest. */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BackupOrder, BackupOutcome } from "./backup-worker.ts";
import type { Config } from "./config.ts";
import { backupEnding } from "./database/backup.ts";
import type { DatabaseSettings } from "./database/open.ts";
import type { Log } from "./http/request-log.ts";
import { type Clock, parseInstant, toFileStamp, toMillis } from "./time/instant.ts";

/** How often to look whether a backup is due. */
const lookMillis = 60_000;
const retryMillis = 10 * 60_000;

/** Parts of a backup's name, and of the name of an unfinished one. */
const namePattern = /^downtime-(\d{8}T\d{6}Z)\.(?:sqlite3|dump)(\.\w+\.partial)?$/;

type BackupParts = Pick<Config, "BACKUP_DIR" | "BACKUP_EVERY" | "BACKUP_KEEP"> & {
  readonly settings: DatabaseSettings;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "error">;
};

/** Starts the schedule, if `BACKUP_DIR` is set. A failure is logged, and never thrown. */
export function startBackups({ BACKUP_DIR: folder, BACKUP_EVERY, BACKUP_KEEP, settings, clock, log }: BackupParts) {
  if (folder === undefined) return undefined;
  let newestAt: number | undefined;
  let failedAt: number | undefined;

  /** Lists backups and unfinished ones by age, without any from the future, as a wrong clock leaves. */
  const list = async (now: number) => {
    const names = (await readdir(folder)).filter((name) => (timeOf(name) ?? Infinity) <= now).sort();
    return { done: names.filter((name) => !name.endsWith(".partial")), all: names };
  };
  const makeOne = async (now: number) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    newestAt = timeOf((await list(now)).done.at(-1));
    if (newestAt !== undefined && now - newestAt < BACKUP_EVERY * 1000) return;
    const file = join(folder, `downtime-${toFileStamp(now)}.${backupEnding(settings)}`);
    log.info("backup made", { file, contents: await backUpInThread(settings, file) });
    newestAt = now;
    const { done, all } = await list(now);
    // A crash may have left an unfinished one.
    const unfinished = all.filter((name) => name.endsWith(".partial") && name < `${done.at(-1)}`);
    for (const name of [...done.slice(0, -BACKUP_KEEP), ...unfinished]) await rm(join(folder, name), { force: true });
  };
  const look = async () => {
    const now = clock();
    if (failedAt !== undefined && now - failedAt < retryMillis) return;
    try {
      await makeOne(now);
      failedAt = undefined;
    } catch (error) {
      failedAt = now;
      log.error("backup failed", { error: (error as Error).message });
    }
  };
  let looking: Promise<void> | undefined;
  /** Makes a backup if one is due. */
  const check = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(check, lookMillis);
  timer.unref();
  check();
  return {
    check,
    state: () => ({
      /** Of the newest backup; null if there is none. */
      age_seconds: newestAt === undefined ? null : Math.round((clock() - newestAt) / 1000),
      /** Whether the last attempt failed. */
      failed: failedAt !== undefined,
    }),
    close: () => clearInterval(timer),
  };
}

function timeOf(name = ""): number | undefined {
  const at = parseInstant(namePattern.exec(name)?.[1] ?? "");
  return at && toMillis(at);
}

function backUpInThread(...order: BackupOrder): Promise<string> {
  const thread = new Worker(new URL("./backup-worker.ts", import.meta.url));
  const outcome = new Promise<string>((resolve, reject) => {
    thread.onmessage = ({ data }: MessageEvent<BackupOutcome>) =>
      "error" in data ? reject(new Error(data.error)) : resolve(data.contents);
    thread.onerror = ({ message }) => reject(new Error(message));
  });
  thread.postMessage(order);
  return outcome.finally(() => thread.terminate());
}
