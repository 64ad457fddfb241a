/** The outbox: what happened since it was last looked at, the messages to send, and the lease of the process that sends them. */

import { type Database, isAmong, perEngine, sql, write } from "../database/sql.ts";
import { chunksOf } from "../downtime/add-store.ts";
import { createdColumn, draftColumns, type Row, toDowntime, type Version } from "../downtime/rows.ts";
import { dayMillis, type Instant, instantOf, toMillis, toStamp } from "../time/instant.ts";
import type { Delivery } from "./channel.ts";
import { insertion, type NewDelivery } from "./channel-store.ts";
import type { Message } from "./message.ts";

/** Up to where messages are written: the newest history entry, and the time. */
export type Mark = { readonly change: number; readonly at: Instant };

/** How long the lease lasts: longer than an attempt takes, so that none of the holder is under way after it. */
export const leaseSeconds = 20;
const keptDays = 30;
const stepsAtATime = 500;

const nowInDatabase = perEngine({
  sqlite: () => sql`unixepoch('now', 'subsec')`,
  postgres: () => sql`extract(epoch FROM clock_timestamp())::double precision`,
});

type PastRow = Omit<Row, "modified"> &
  Pick<Version, "downtime_id" | "action" | "by" | "change_set"> & { readonly at: string };
const pastColumns = sql`id, downtime_id, action, "at", "by", change_set, ${draftColumns}, series, ${createdColumn}`;
const toPast = (row: PastRow) => toDowntime({ ...row, id: row.downtime_id, modified: row.at });

export type Outbox = ReturnType<typeof createOutbox>;
export type Step = Awaited<ReturnType<Outbox["steps"]>>[number];

/** @param database without the signal of commits: its own must not wake the notifier */
export function createOutbox(database: Database) {
  const holder = crypto.randomUUID();
  const isFree = sql`(holder = ${holder} OR ends < ${nowInDatabase})`;

  return {
    /** Takes the lease if it is free, or renews it and stores the mark and messages. @returns undefined if another process has it */
    async hold(mark?: Mark, messages: readonly NewDelivery[] = []): Promise<Mark | undefined> {
      // Reads first, since most processes wait for it most of the time.
      if (!mark && !(await database.first(sql`SELECT id FROM downtime_notify_lease WHERE ${isFree}`))) return undefined;
      const set = mark ? sql`, change = ${mark.change}, "at" = ${mark.at}` : sql``;
      return database.transaction(async (tx) => {
        const row = await tx.first<{ change: number; at: string }>(sql`UPDATE downtime_notify_lease
          SET holder = ${holder}, ends = ${nowInDatabase} + ${leaseSeconds} ${set}
          WHERE ${mark ? sql`holder = ${holder}` : isFree} RETURNING change, "at"`);
        const held = row && { change: row.change, at: instantOf(row.at) };
        if (held) for (const chunk of chunksOf(messages)) await tx.all(insertion(chunk, toMillis(held.at)));
        return held;
      });
    },

    release: () => write(database, sql`UPDATE downtime_notify_lease SET ends = 0 WHERE holder = ${holder}`),

    /** Returns the changes after a history entry, a page of them, each with the version before. */
    async steps(after: number) {
      const entries = await database.all<PastRow & { before: number | null; kind: string | null }>(
        sql`SELECT ${pastColumns}, (SELECT kind FROM downtime_change_set WHERE id = entry.change_set) AS kind,
          (SELECT max(id) FROM downtime_history WHERE downtime_id = entry.downtime_id AND id < entry.id) AS before
          FROM downtime_history AS entry WHERE id > ${after} ORDER BY id LIMIT ${stepsAtATime}`,
      );
      const ids = entries.flatMap(({ before }) => before ?? []);
      const versions = sql`SELECT ${pastColumns} FROM downtime_history AS entry WHERE ${isAmong("id", ids)}`;
      const past = new Map((await database.all<PastRow>(versions)).map((row) => [row.id, toPast(row)]));
      return entries.map(({ before, ...row }) => {
        return { ...row, at: instantOf(row.at), downtime: toPast(row), before: past.get(before ?? 0) };
      });
    },

    /** Returns a channel's first message that waits. `nextAt`: when to try, in milliseconds since 1970. */
    async next(channel: number) {
      const row = await database.first<{ id: number; key: string; message: string; attempts: number; next_at: string }>(
        sql`SELECT id, key, message, attempts, next_at FROM downtime_notify_delivery
          WHERE channel = ${channel} AND state = 'pending' ORDER BY id LIMIT 1`,
      );
      return row && { ...row, message: JSON.parse(row.message) as Message, nextAt: toMillis(instantOf(row.next_at)) };
    },

    /** Stores how an attempt ended. @param nextAt when to try again, in milliseconds since 1970 */
    finish: (id: number, state: Delivery["state"], answer: string, now: number, nextAt = now) =>
      write(
        database,
        sql`UPDATE downtime_notify_delivery SET state = ${state}, answer = ${answer}, answered = ${toStamp(now)},
          attempts = attempts + 1, next_at = ${toStamp(nextAt)} WHERE id = ${id} AND state = 'pending'`,
      ),

    /** Deletes old messages, some at a time. */
    prune: (now: number) =>
      write(
        database,
        sql`DELETE FROM downtime_notify_delivery WHERE state <> 'pending' AND id IN (SELECT id FROM downtime_notify_delivery
          WHERE created < ${toStamp(now - keptDays * dayMillis)} ORDER BY created LIMIT 1000)`,
      ),
  };
}
