/** PostgreSQL databases with all tables, used again by one test after the other: making one takes twenty times as long as emptying it. */

import type postgres from "postgres";
import { connect, createPostgresDatabase, type PostgresDatabase } from "./postgres-server.ts";
import { keepSessions } from "./postgres-sessions.ts";

interface Pooled {
  readonly database: PostgresDatabase;
  /** For the test: its sessions are kept. */
  readonly url: string;
  /** Ends what is still connected. */
  readonly end: () => void;
  readonly client: postgres.Sql;
  readonly before: State;
}
interface State {
  readonly shape: string;
  readonly bytes: number;
}

let proxy: ReturnType<typeof keepSessions> | undefined;

/** How much a database may grow until it is thrown away rather than emptied: what was deleted still takes room. */
const mostGrowth = 1_000_000;

/**
 * Creates a pool of equal databases. The function that it returns lends one, for one test at a time.
 * @param prepare makes the tables, and the rows that each test finds, once
 */
export function createPostgresPool(prepare: (url: string) => Promise<void>) {
  const free: Pooled[] = [];
  let template: Promise<PostgresDatabase> | undefined;
  return async () => {
    template ??= createTemplate(prepare);
    const pooled = free.pop() ?? (await create(await template));
    return { url: pooled.url, release: () => release(pooled, free) };
  };
}

async function createTemplate(prepare: (url: string) => Promise<void>): Promise<PostgresDatabase> {
  const created = await createPostgresDatabase();
  await prepare(created.url);
  const client = connect(created.url);
  await client.unsafe(keepRows);
  await client.end();
  return created;
}

async function create({ name }: PostgresDatabase): Promise<Pooled> {
  const database = await createPostgresDatabase(name);
  const client = connect(database.url);
  proxy ??= keepSessions(database.url);
  const { url, end } = await proxy;
  return { database, url: url(database.name), end: () => end(database.name), client, before: await look(client) };
}

async function release(pooled: Pooled, free: Pooled[]): Promise<void> {
  const { database, end, client, before } = pooled;
  end();
  const { shape, bytes } = await look(client);
  if (shape === before.shape && bytes - before.bytes < mostGrowth) {
    await client.unsafe(empty);
    free.push(pooled);
  } else {
    await client.end();
    await database.remove();
  }
}

/** Tells the names of all tables, columns, indexes and triggers, and how large they are. */
async function look(client: postgres.Sql): Promise<State> {
  const [row] = await client<[State]>`
    SELECT (SELECT string_agg(concat_ws(' ', relname, relkind, reltriggers, attname, atttypid, attnotnull), E'\\n' ORDER BY relname, attnum)
        FROM (SELECT *, (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid) AS reltriggers FROM pg_class c) AS r
          JOIN pg_attribute ON attrelid = r.oid WHERE relnamespace = 'public'::regnamespace) AS shape,
      (SELECT sum(pg_relation_size(oid))::integer FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS bytes`;
  return row;
}

/** Keeps the rows that `prepare` has stored, and what comes next in each sequence. */
const keepRows = `
  CREATE SCHEMA kept;
  CREATE SCHEMA kept_sequences;
  CREATE TABLE kept_sequences.last AS SELECT seqrelid, pg_sequence_last_value(seqrelid) AS value FROM pg_sequence;
  DO $$ DECLARE name text; found boolean; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'downtime_migration' LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO found;
      IF found THEN EXECUTE format('CREATE TABLE kept.%I AS TABLE %I', name, name); END IF;
    END LOOP;
  END $$`;

const empty = `
  SET session_replication_role = replica; -- in any order
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'downtime_migration' LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
      EXECUTE format('INSERT INTO %I OVERRIDING SYSTEM VALUE SELECT * FROM kept.%I', name, name);
    END LOOP;
  END $$;
  SELECT setval(seqrelid::regclass, coalesce(value, seqstart), value IS NOT NULL)
    FROM pg_sequence JOIN kept_sequences.last USING (seqrelid)`;
