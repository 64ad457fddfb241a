/** Scheduled backups: makes one whenever the newest is old enough, and deletes the oldest. */

import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { BackupOrder } from "./backup-worker.ts";
import { type Config, databaseSettingsOf } from "./config.ts";
import { backupEnding } from "./database/backup.ts";
import type { Log } from "./http/request-context.ts";
import { type Clock, parseInstant, toFileStamp, toMillis } from "./time/instant.ts";

const lookMillis = 60_000;
const retryMillis = 10 * 60_000;

/** Parts of a backup's name, and of the name of an unfinished one. */
const namePattern = /^downtime-(\d{8}T\d{6}Z)\.(?:sqlite3|dump)(\.\w+\.partial)?$/;

/** Starts the schedule, if `BACKUP_DIR` is set. A failure is logged, and never thrown. */
export function startBackups(config: Config, clock: Clock, log: Log) {
  const { BACKUP_DIR: folder, BACKUP_EVERY, BACKUP_KEEP } = config;
  if (folder === undefined) return undefined;
  const settings = databaseSettingsOf(config);
  let newestAt: number | undefined;
  let failedAt: number | undefined;
  let looking: Promise<void> | undefined;

  /** Lists complete and unfinished backups by age, without any from the future, as a wrong clock leaves. */
  const list = async (now: number) => {
    const names = (await readdir(folder)).filter((name) => (timeOf(name) ?? Infinity) <= now).sort();
    const isUnfinished = (name: string) => name.endsWith(".partial");
    return { done: names.filter((name) => !isUnfinished(name)), unfinished: names.filter(isUnfinished) };
  };
  const makeOne = async (now: number) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    newestAt = timeOf((await list(now)).done.at(-1));
    if (newestAt !== undefined && now - newestAt < BACKUP_EVERY * 1000) return;
    const file = join(folder, `downtime-${toFileStamp(now)}.${backupEnding(settings)}`);
    log.info("backup made", { file, contents: await backUpInThread(settings, file) });
    newestAt = now;
    // A crash may have left unfinished ones.
    const { done, unfinished } = await list(now);
    for (const name of [...done.slice(0, -BACKUP_KEEP), ...unfinished]) await rm(join(folder, name), { force: true });
  };
  const look = async () => {
    const now = clock();
    if (failedAt !== undefined && now - failedAt < retryMillis) return;
    failedAt = await makeOne(now).then(
      () => undefined,
      ({ message }: Error) => {
        log.error("backup failed", { error: message });
        return now;
      },
    );
  };
  const check = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(check, lookMillis).unref();
  check();
  return {
    check,
    /** The age of the newest backup, null if there is none; and whether the last attempt failed. */
    state: () => ({
      age_seconds: newestAt === undefined ? null : Math.round((clock() - newestAt) / 1000),
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
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  thread.onmessage = ({ data }: MessageEvent<string | Error>) => (data instanceof Error ? reject(data) : resolve(data));
  thread.onerror = ({ message }) => reject(new Error(message));
  thread.postMessage(order);
  return promise.finally(() => thread.terminate());
}
