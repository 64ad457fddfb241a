/** The PostgreSQL engine: a pool of connections, one writer at a time among all processes. */

import { describeAddress } from "./postgres-address.ts";
import { type Connection, connect } from "./postgres-connection.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";
import { type Batches, type Database, type Source, Sql, sql, type Transaction } from "./sql.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** The most connections that this process has open for reads and writes. */
  readonly connections: number;
}

/** How long one question to the database may take in all, waiting for a connection included. */
const patienceMillis = 4000;
/** A stream's batch may need a sort of the whole table first. */
const streamPatienceMillis = 60_000;
const batchSize = 1000;
const longestLifeMillis = 30 * 60_000;

/** Whoever writes holds this advisory lock, so that writers take turns as they do on SQLite. */
const takeTurn = "SELECT pg_advisory_xact_lock(1685026670)";
const begin = `BEGIN; ${takeTurn}`;
const beginWithoutHaste = `BEGIN; SET LOCAL statement_timeout = 0; ${takeTurn}`;

/** A database on a server. Connections are made when they are first needed. */
export function openPostgres({ url, connections }: PostgresSettings): Database {
  const pool = createPool(() => connect(url), connections);
  // Of all that want to write, one waits at the server, so that the others leave their connections to readers.
  const writers = createSemaphore(1);

  const write = async <Result>(work: (tx: Transaction) => Promise<Result>, beginning: string, patience: number) => {
    const until = performance.now() + patience;
    const done = await writers.take(patience);
    try {
      return await pool.use(until - performance.now(), (connection) =>
        transact(connection, () => connection.script(beginning, until - performance.now()), work, patience),
      );
    } finally {
      done();
    }
  };

  const source = sourceOf(url, pool, () => connect(url), createSemaphore(connections));
  return {
    engine: "postgres",
    file: undefined,
    ...source,
    async check(query) {
      await source.all(query);
    },
    mark: () => undefined,
    transaction: (work) => write(work, begin, patienceMillis),
    exclusively: (work) => write(work, beginWithoutHaste, Number.POSITIVE_INFINITY),
  };
}

/** A database on a server that another program writes, and that is only read here. */
export function openPostgresSource(url: string): Source {
  const open = () => connect(url, "read only");
  return sourceOf(url, createPool(open, 1), open, createSemaphore(1));
}

function sourceOf(url: string, pool: Pool, open: () => Connection, streams: Semaphore): Source {
  const all = <Row>(query: Sql): Promise<Row[]> => {
    const until = performance.now() + patienceMillis;
    return pool.use(patienceMillis, (connection) => connection.run<Row>(query, until - performance.now()));
  };
  const first = async <Row>(query: Sql) => (await all<Row>(query))[0];
  return {
    description: `PostgreSQL, ${describeAddress(url)}`,
    all,
    first,
    stream: (query) => stream(open, query, streams),
    async columnsOf(table) {
      const rows = await all<{ name: string }>(
        sql`SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`,
      );
      return rows.map(({ name }) => name);
    },
    async lastIdOf(table) {
      const row = await first<{ id: number | null }>(sql`SELECT ${lastIdOf(table)} AS id`);
      return row?.id ?? 0;
    },
    close: () => pool.close(),
  };
}

const lastIdOf = (table: string) => sql`pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id'))`;

/** Begins a transaction, does the work in it and ends it. */
async function transact<Result>(
  connection: Connection,
  begin: () => Promise<void>,
  work: (tx: Transaction) => Promise<Result>,
  patience: number,
): Promise<Result> {
  let failure: unknown;
  const remembered = async <Answer>(answer: Promise<Answer>) => {
    try {
      return await answer;
    } catch (error) {
      failure ??= error;
      throw error;
    }
  };
  const all = <Row>(query: Sql) => remembered(connection.run<Row>(query, patience));
  const tx: Transaction = {
    all,
    first: async <Row>(query: Sql) => (await all<Row>(query))[0],
    script: (text) => remembered(connection.script(text, patience)),
    continueIds: async (table, id) =>
      void (await all(sql`SELECT setval(pg_get_serial_sequence(${table}, 'id'), greatest(${lastIdOf(table)}, ${id}))`)),
  };
  try {
    await begin();
    const result = await work(tx);
    // PostgreSQL has given the transaction up by then, and would answer COMMIT as if nothing had happened.
    if (failure) throw failure;
    await connection.script("COMMIT", patience);
    return result;
  } catch (error) {
    // When this fails too, the connection is lost, and with it the transaction: the first error is the one to tell.
    if (!connection.lost) await connection.script("ROLLBACK", patienceMillis).catch(() => {});
    throw error;
  }
}

type Pool = ReturnType<typeof createPool>;

/**
 * Keeps connections for reuse, unless they are lost or old. The driver's own pool can't drop one connection that doesn't
 * answer: a few silent ones block every request, although new ones would work. And when it loses the connection of a
 * transaction, the transaction's next statement never settles.
 */
function createPool(open: () => Connection, size: number) {
  const turns = createSemaphore(size);
  const idle: Connection[] = [];
  let closed = false;

  const keepOrClose = (connection: Connection) => {
    if (!connection.lost && !closed && connection.ageMillis() < longestLifeMillis) idle.push(connection);
    else void connection.close(1);
  };
  const idleOne = () => {
    for (let connection = idle.pop(); connection; connection = idle.pop()) if (!connection.lost) return connection;
    return undefined;
  };

  return {
    async use<Result>(patience: number, work: (connection: Connection) => Promise<Result>): Promise<Result> {
      const done = await turns.take(patience);
      const connection = idleOne() ?? open();
      try {
        return await work(connection);
      } finally {
        keepOrClose(connection);
        done();
      }
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.all(idle.splice(0).map((connection) => connection.close(1)));
    },
  };
}

/** On a connection of its own: whoever reads slowly must not keep one from the others. */
async function* stream<Row>(open: () => Connection, query: Sql, turns: Semaphore): Batches<Row> {
  const done = await turns.take(patienceMillis);
  const connection = open();
  try {
    await connection.script(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${streamPatienceMillis}`, patienceMillis);
    await connection.run(prefixed("DECLARE batches NO SCROLL CURSOR FOR ", query), streamPatienceMillis);
    const fetch = new Sql([`FETCH ${batchSize} FROM batches`], []);
    for (;;) {
      const batch = await connection.run<Row>(fetch, streamPatienceMillis);
      if (batch.length > 0) yield batch;
      if (batch.length < batchSize) return;
    }
  } finally {
    await connection.close(1);
    done();
  }
}

const prefixed = (text: string, query: Sql) => new Sql([text, ""], [query]);
