/** Stores channels, and what was sent to them. */

import type { Author } from "../auth/change-set-store.ts";
import { type Keys, openSealed, seal } from "../auth/secrets.ts";
import { type Database, type Reader, rows, type Sql, sql, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { instantOf, toInstant, toStamp } from "../time/instant.ts";
import type { Channel, Count, Delivery, StoredChannel } from "./channel.ts";
import { type Message, sampleMessage } from "./message.ts";

/** Reads channels, with what is sealed. */
export async function readChannels(reader: Reader, keys: Keys): Promise<StoredChannel[]> {
  const found = await reader.all<{ id: number; draft: string; sealed: string }>(
    sql`SELECT id, draft, sealed FROM downtime_notify_channel ORDER BY name`,
  );
  const open = (sealed: string) => openSealed([keys.secretKey, ...keys.formerKeys], sealed) ?? "null";
  return found.map(({ id, draft, sealed }) => ({ id, ...JSON.parse(draft), secrets: JSON.parse(open(sealed)) }));
}

/** Seals with the current key what a previous one sealed, so that the previous one can be forgotten. */
export async function sealAnew(database: Database, { secretKey, formerKeys }: Keys): Promise<void> {
  const found = sql`SELECT id, sealed FROM downtime_notify_channel`;
  for (const { id, sealed } of await database.all<{ id: number; sealed: string }>(found)) {
    const secrets = openSealed([secretKey], sealed) ? undefined : openSealed(formerKeys, sealed);
    const changed = secrets && sql`UPDATE downtime_notify_channel SET sealed = ${seal(secretKey, secrets)}`;
    // Unless the channel was edited meanwhile.
    if (changed) await write(database, sql`${changed} WHERE id = ${id} AND sealed = ${sealed}`);
  }
}

/** A message to store. The key identifies it: it is stored once, and sent with every attempt. */
export type NewDelivery = { readonly channel: number; readonly key: string; readonly message: Message };

/** Stores messages, but none twice. */
export function insertion(fresh: readonly NewDelivery[], now: number): Sql {
  const stamp = toStamp(now);
  const values = fresh.map(({ channel, key, message }) => [channel, key, JSON.stringify(message), stamp, stamp]);
  return sql`INSERT INTO downtime_notify_delivery (channel, key, message, created, next_at) VALUES ${rows(values)}
    ON CONFLICT (key) DO NOTHING`;
}

type DeliveryTexts = { readonly message: string; readonly created: string; readonly answered: string | null };

export type Channels = ReturnType<typeof createChannels>;
export function createChannels(database: Database, keys: Keys) {
  const get = async (id: number, reader: Reader = database): Promise<StoredChannel> => {
    const found = (await readChannels(reader, keys)).find((channel) => channel.id === id);
    if (!found) throw new NotFound();
    return found;
  };

  return {
    list: () => readChannels(database, keys),
    /** @throws NotFound */
    get: (id: number) => get(id),

    /**
     * Stores a new channel, which isn't told of what happened before, or edits one.
     * @param decide returns the channel for the stored one; undefined for a new one
     * @returns its ID
     * @throws NotFound; Conflict if the name is taken
     */
    save: (id: number | undefined, { by, at }: Author, origin: string, decide: (stored?: StoredChannel) => Channel) =>
      database.transaction(async (tx): Promise<number> => {
        const { address, secret, ...draft } = decide(id === undefined ? undefined : await get(id, tx));
        const all = await readChannels(tx, keys);
        if (all.some((channel) => channel.name === draft.name && channel.id !== id))
          throw new Conflict(`A channel named ${draft.name} already exists.`);
        // Without channels, no process has kept the mark.
        if (all.length === 0)
          await tx.all(sql`UPDATE downtime_notify_lease SET "at" = ${toInstant(at)},
            change = (SELECT coalesce(max(id), 0) FROM downtime_history)`);
        const shown = draft.kind === "email" ? address : `${new URL(address).origin}/…`;
        const text = JSON.stringify({ ...draft, address: shown, origin });
        const sealed = seal(keys.secretKey, JSON.stringify({ address, secret }));
        const values = rows([[draft.name, text, sealed, toStamp(at), by]]);
        const [row] = await tx.all<{ id: number }>(
          id === undefined
            ? sql`INSERT INTO downtime_notify_channel (name, draft, sealed, "at", "by") VALUES ${values} RETURNING id`
            : sql`UPDATE downtime_notify_channel SET (name, draft, sealed, "at", "by") = ${values} WHERE id = ${id} RETURNING id`,
        );
        return row?.id ?? 0;
      }),

    /** Deletes a channel, and what was sent to it. */
    remove: (id: number) => write(database, sql`DELETE FROM downtime_notify_channel WHERE id = ${id}`),

    /** Lists what was sent to a channel, newest first. */
    async deliveries(id: number, limit: number, offset: number): Promise<{ count: number; results: Delivery[] }> {
      const which = sql`FROM downtime_notify_delivery WHERE channel = ${id}`;
      const counted = await database.first<{ count: number }>(sql`SELECT count(*) AS count ${which}`);
      const found = await database.all<Omit<Delivery, "created" | "answered"> & DeliveryTexts>(
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
      await get(channel);
      const message = sampleMessage(by, toInstant(at));
      await write(database, insertion([{ channel, key: `${channel}-test-${crypto.randomUUID()}`, message }], at));
    },

    /**
     * Sends a message again, now and as often as a new one, or skips one that waits.
     * @param id by default, the message that failed and holds back the next ones
     * @throws Conflict if it was sent or skipped meanwhile
     */
    async redo(work: "retry" | "skip", channel: number, id: number | undefined, { by, at }: Author) {
      const change =
        work === "retry"
          ? sql`SET state = 'pending', attempts = 0, next_at = ${toStamp(at)} WHERE state <> 'sent'`
          : sql`SET state = 'dropped', answer = ${`skipped by ${by}`}, answered = ${toStamp(at)} WHERE state = 'pending'`;
      const head = sql`SELECT min(id) FROM downtime_notify_delivery
        WHERE channel = ${channel} AND state = 'pending' AND answer IS NOT NULL`;
      const one = sql`AND id = ${id === undefined ? sql`(${head})` : sql`${id}`} AND channel = ${channel} RETURNING id`;
      const done = await write(database, sql`UPDATE downtime_notify_delivery ${change} ${one}`);
      if (done.length === 0) throw new Conflict(`No message to ${work}. It may have been sent meanwhile.`);
    },

    /** Counts the messages that wait, or have failed. */
    counts: () =>
      database.all<Count>(
        sql`SELECT channel, state, count(*) AS count FROM downtime_notify_delivery
          WHERE state IN ('pending', 'failed') GROUP BY channel, state`,
      ),
  };
}
