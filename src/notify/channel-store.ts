/** Stores channels and their outbox: up to where changes were collected, the messages to send, and which process sends. */

import type { Author } from "../auth/change-set-store.ts";
import { type Keys, openSealed, seal } from "../auth/secrets.ts";
import { type Database, isAmong, perEngine, type Reader, rows, type Sql, sql, write } from "../database/sql.ts";
import { chunksOf } from "../downtime/add-store.ts";
import { createdColumn, draftColumns, type Row, toDowntime, type Version } from "../downtime/rows.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { dayMillis, type Instant, instantOf, toInstant, toMillis, toStamp } from "../time/instant.ts";
import type { Channel, Count, Delivery, StoredChannel } from "./channel.ts";
import { type Message, sampleMessage } from "./message.ts";

/** A message to store. The key identifies it: it is stored once, and sent with every attempt. */
export type NewDelivery = { readonly channel: number; readonly key: string; readonly message: Message };

/** Stores messages, but none twice. */
function insertion(fresh: readonly NewDelivery[], now: number): Sql {
  const stamp = toStamp(now);
  const values = fresh.map(({ channel, key, message }) => [channel, key, JSON.stringify(message), stamp, stamp]);
  return sql`INSERT INTO downtime_notify_delivery (channel, key, message, created, next_at) VALUES ${rows(values)}
    ON CONFLICT (key) DO NOTHING`;
}

export type Channels = ReturnType<typeof createChannels>;
export function createChannels(database: Database, { secretKey, formerKeys }: Keys) {
  const list = async (reader: Reader = database): Promise<StoredChannel[]> => {
    const found = await reader.all<{ id: number; draft: string; sealed: string }>(
      sql`SELECT id, draft, sealed FROM downtime_notify_channel ORDER BY name`,
    );
    const open = (sealed: string) => JSON.parse(openSealed([secretKey, ...formerKeys], sealed) ?? "null");
    return found.map(({ id, draft, sealed }) => ({ id, ...JSON.parse(draft), secrets: open(sealed) }));
  };
  const get = (all: readonly StoredChannel[], id: number): StoredChannel => {
    const found = all.find((channel) => channel.id === id);
    if (!found) throw new NotFound();
    return found;
  };

  return {
    list: () => list(),
    /** @throws NotFound */
    get: async (id: number) => get(await list(), id),

    /** Seals with the current key what a previous one sealed, so that the previous one can be forgotten. */
    async sealAnew(): Promise<void> {
      const found = sql`SELECT id, sealed FROM downtime_notify_channel`;
      for (const { id, sealed } of await database.all<{ id: number; sealed: string }>(found)) {
        const secrets = openSealed([secretKey], sealed) ? undefined : openSealed(formerKeys, sealed);
        // Unless the channel was edited meanwhile.
        const same = sql`WHERE id = ${id} AND sealed = ${sealed}`;
        if (secrets)
          await write(database, sql`UPDATE downtime_notify_channel SET sealed = ${seal(secretKey, secrets)} ${same}`);
      }
    },

    /**
     * Stores a new channel, which gets no messages about earlier changes, or edits one.
     * @param decide returns the channel for the stored one; undefined for a new one
     * @returns its ID
     * @throws NotFound; Conflict if the name is taken
     */
    save: (id: number | undefined, { by, at }: Author, origin: string, decide: (stored?: StoredChannel) => Channel) =>
      database.transaction(async (tx): Promise<number> => {
        const all = await list(tx);
        const { address, secret, ...draft } = decide(id === undefined ? undefined : get(all, id));
        if (all.some((channel) => channel.name === draft.name && channel.id !== id))
          throw new Conflict(`A channel named ${draft.name} already exists.`);
        // Without channels, no process has kept the checkpoint.
        if (all.length === 0)
          await tx.all(sql`UPDATE downtime_notify_lease SET "at" = ${toInstant(at)},
            change = (SELECT coalesce(max(id), 0) FROM downtime_history)`);
        const shown = draft.kind === "email" ? address : `${new URL(address).origin}/…`;
        const text = JSON.stringify({ ...draft, address: shown, origin });
        const sealed = seal(secretKey, JSON.stringify({ address, secret }));
        const values = rows([[draft.name, text, sealed, toStamp(at), by]]);
        const saving =
          id === undefined
            ? sql`INSERT INTO downtime_notify_channel (name, draft, sealed, "at", "by") VALUES ${values} RETURNING id`
            : sql`UPDATE downtime_notify_channel SET (name, draft, sealed, "at", "by") = ${values} WHERE id = ${id} RETURNING id`;
        return (await tx.first<{ id: number }>(saving))?.id ?? 0;
      }),

    remove: (id: number) => write(database, sql`DELETE FROM downtime_notify_channel WHERE id = ${id}`),

    async deliveries(id: number, limit: number, offset: number): Promise<{ count: number; results: Delivery[] }> {
      const which = sql`FROM downtime_notify_delivery WHERE channel = ${id}`;
      const counted = await database.first<{ count: number }>(sql`SELECT count(*) AS count ${which}`);
      const found = await database.all<Delivery & { created: string; answered: string | null; message: string }>(
        sql`SELECT id, state, attempts, answer, answered, created, message ${which} ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
      );
      const results = found.map(({ created, answered, message, ...row }) => {
        const { title }: Message = JSON.parse(message);
        return { ...row, title, created: instantOf(created), answered: answered === null ? null : instantOf(answered) };
      });
      return { count: counted?.count ?? 0, results };
    },

    /** Stores a test message, to be sent as any other. @throws NotFound */
    async test(channel: number, { by, at }: Author) {
      get(await list(), channel);
      const message = sampleMessage(by, toInstant(at));
      await write(database, insertion([{ channel, key: `${channel}-test-${crypto.randomUUID()}`, message }], at));
    },

    /** Sends a message again, now and as often as a new one, or skips one that waits. Nothing, if it was sent meanwhile. */
    redo(work: "retry" | "skip", channel: number, id: number, { by, at }: Author) {
      const change =
        work === "retry"
          ? sql`SET state = 'pending', attempts = 0, next_at = ${toStamp(at)} WHERE state <> 'sent'`
          : sql`SET state = 'dropped', answer = ${`skipped by ${by}`}, answered = ${toStamp(at)} WHERE state = 'pending'`;
      return write(database, sql`UPDATE downtime_notify_delivery ${change} AND id = ${id} AND channel = ${channel}`);
    },

    counts: () =>
      database.all<Count>(
        sql`SELECT channel, state, count(*) AS count FROM downtime_notify_delivery
          WHERE state IN ('pending', 'failed') GROUP BY channel, state`,
      ),
  };
}

/** Up to where messages are written: the newest history entry, and the time. */
export type Checkpoint = { readonly change: number; readonly at: Instant };

/** How long the lease lasts: longer than an attempt takes, so that no attempt of its holder is still under way when it ends. */
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
    /** Takes the lease if it is free, or renews it and stores the checkpoint and messages. @returns undefined if another process has it */
    async hold(checkpoint?: Checkpoint, messages: readonly NewDelivery[] = []): Promise<Checkpoint | undefined> {
      // Reads first, since most processes wait for it most of the time.
      if (!checkpoint && !(await database.first(sql`SELECT id FROM downtime_notify_lease WHERE ${isFree}`)))
        return undefined;
      const set = checkpoint ? sql`, change = ${checkpoint.change}, "at" = ${checkpoint.at}` : sql``;
      return database.transaction(async (tx) => {
        const row = await tx.first<{ change: number; at: string }>(sql`UPDATE downtime_notify_lease
          SET holder = ${holder}, ends = ${nowInDatabase} + ${leaseSeconds} ${set}
          WHERE ${checkpoint ? sql`holder = ${holder}` : isFree} RETURNING change, "at"`);
        const held = row && { change: row.change, at: instantOf(row.at) };
        if (held) for (const chunk of chunksOf(messages)) await tx.all(insertion(chunk, toMillis(held.at)));
        return held;
      });
    },

    release: () => write(database, sql`UPDATE downtime_notify_lease SET ends = 0 WHERE holder = ${holder}`),

    /** Returns the changes after a history entry, up to another, a page of them, each with the version before. */
    async steps(after: number, last: number) {
      const entries = await database.all<PastRow & { before: number | null; kind: string | null }>(
        sql`SELECT ${pastColumns}, (SELECT kind FROM downtime_change_set WHERE id = entry.change_set) AS kind,
          (SELECT max(id) FROM downtime_history WHERE downtime_id = entry.downtime_id AND id < entry.id) AS before
          FROM downtime_history AS entry WHERE id > ${after} AND id <= ${last} ORDER BY id LIMIT ${stepsAtATime}`,
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

    prune: (now: number) =>
      write(
        database,
        sql`DELETE FROM downtime_notify_delivery WHERE state <> 'pending' AND id IN (SELECT id FROM downtime_notify_delivery
          WHERE created < ${toStamp(now - keptDays * dayMillis)} ORDER BY created LIMIT 1000)`,
      ),
  };
}
