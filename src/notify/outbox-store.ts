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
  const ends = sql`ends = ${nowInDatabase} + ${leaseSeconds}`;
  const isFree = sql`(holder = ${holder} OR ends < ${nowInDatabase})`;

  return {
    /** Takes the lease if it is free. Reads first, since most processes wait for it most of the time. */
    async take(): Promise<Mark | undefined> {
      if (!(await database.first(sql`SELECT id FROM downtime_notify_lease WHERE ${isFree}`))) return undefined;
      const taking = sql`UPDATE downtime_notify_lease SET holder = ${holder}, ${ends} WHERE ${isFree} RETURNING change, "at"`;
      const [row] = await write<{ change: number; at: string }>(database, taking);
      return row && { change: row.change, at: instantOf(row.at) };
    },

    /** Renews the lease, and stores the mark and messages. @returns false if another process has taken the lease */
    renew: ({ change, at }: Mark, messages: readonly NewDelivery[] = []): Promise<boolean> =>
      database.transaction(async (tx) => {
        const held = await tx.all(sql`UPDATE downtime_notify_lease SET ${ends}, change = ${change}, "at" = ${at}
          WHERE holder = ${holder} RETURNING id`);
        if (held.length > 0) for (const chunk of chunksOf(messages)) await tx.all(insertion(chunk, toMillis(at)));
        return held.length > 0;
      }),

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
