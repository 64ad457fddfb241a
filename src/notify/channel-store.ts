/** Stores channels, and what was sent to them. */

import type { Author } from "../auth/change-set-store.ts";
import { type Keys, openSealed, seal } from "../auth/secrets.ts";
import { type Database, type Reader, rows, type Sql, sql, write } from "../database/sql.ts";
import { Conflict, NotFound } from "../input/problem.ts";
import { instantOf, toInstant, toStamp } from "../time/instant.ts";
import type { Channel, Count, Delivery, StoredChannel } from "./channel.ts";
import { type Message, sampleMessage } from "./message.ts";

/** A message to store. The key identifies it: it is stored once, and sent with every attempt. */
export type NewDelivery = { readonly channel: number; readonly key: string; readonly message: Message };

/** Stores messages, but none twice. */
export function insertion(fresh: readonly NewDelivery[], now: number): Sql {
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
    /** Lists the channels, with what is sealed. */
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
     * Stores a new channel, which isn't told of what happened before, or edits one.
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
        // Without channels, no process has kept the mark.
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

    /** Deletes a channel, and what was sent to it. */
    remove: (id: number) => write(database, sql`DELETE FROM downtime_notify_channel WHERE id = ${id}`),

    /** Lists what was sent to a channel, newest first. */
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

    /** Counts the messages that wait, or have failed. */
    counts: () =>
      database.all<Count>(
        sql`SELECT channel, state, count(*) AS count FROM downtime_notify_delivery
          WHERE state IN ('pending', 'failed') GROUP BY channel, state`,
      ),
  };
}
