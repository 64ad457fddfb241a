/** The PostgreSQL engine: a pool of connections, and one writer at a time among all processes. */

import { createSemaphore, type Semaphore } from "../input/semaphore.ts";
import { describeAddress } from "./postgres-address.ts";
import { type Connection, connect } from "./postgres-connection.ts";
import { type Batches, type Database, type Source, Sql, sql, type Transaction } from "./sql.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  /** Maximum number of connections for reads and writes. */
  readonly connections: number;
}

/** How long a query may take, including the wait for a connection. */
const queryTimeoutMillis = 4000;
/** The first batch of a stream may need a sort of the whole table. */
const streamTimeoutMillis = 60_000;
const batchSize = 1000;
const maxAgeMillis = 30 * 60_000;

/** Writers hold this advisory lock, so that transactions don't overlap, as on SQLite. */
const takeTurn = "SELECT pg_advisory_xact_lock(1685026670)";
const begin = `BEGIN; ${takeTurn}`;
const beginWithoutTimeout = `BEGIN; SET LOCAL statement_timeout = 0; ${takeTurn}`;

const createTurns = (slots: number) => createSemaphore(slots, "The database is busy. Try again.");

/** Opens the service's database. Connects on demand. */
export function openPostgres({ url, connections }: PostgresSettings): Database {
  const pool = createPool(() => connect(url), connections);
  // Only one writer waits at the server, so that the others don't use up connections.
  const writers = createTurns(1);

  const write = <Result>(work: (tx: Transaction) => Promise<Result>, beginning: string, timeoutMillis: number) => {
    const until = performance.now() + timeoutMillis;
    return writers.run(timeoutMillis, () =>
      pool.use(until - performance.now(), (connection) =>
        transact(connection, () => connection.script(beginning, until - performance.now()), work, timeoutMillis),
      ),
    );
  };

  const source = sourceOf(url, pool, () => connect(url), createTurns(connections));
  return {
    engine: "postgres",
    file: undefined,
    ...source,
    async check(query) {
      await source.all(query);
    },
    mark: () => undefined,
    transaction: (work) => write(work, begin, queryTimeoutMillis),
    exclusively: (work) => write(work, beginWithoutTimeout, Number.POSITIVE_INFINITY),
  };
}

/** Opens another program's database for reading. */
export function openPostgresSource(url: string): Source {
  const open = () => connect(url, "read only");
  return sourceOf(url, createPool(open, 1), open, createTurns(1));
}

function sourceOf(url: string, pool: Pool, open: () => Connection, streams: Semaphore): Source {
  const all = <Row>(query: Sql): Promise<Row[]> => {
    const until = performance.now() + queryTimeoutMillis;
    return pool.use(queryTimeoutMillis, (connection) => connection.run<Row>(query, until - performance.now()));
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

/** Runs the work in a transaction. */
async function transact<Result>(
  connection: Connection,
  begin: () => Promise<void>,
  work: (tx: Transaction) => Promise<Result>,
  timeoutMillis: number,
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
  const all = <Row>(query: Sql) => remembered(connection.run<Row>(query, timeoutMillis));
  const tx: Transaction = {
    all,
    first: async <Row>(query: Sql) => (await all<Row>(query))[0],
    script: (text) => remembered(connection.script(text, timeoutMillis)),
    continueIds: async (table, id) =>
      void (await all(sql`SELECT setval(pg_get_serial_sequence(${table}, 'id'), greatest(${lastIdOf(table)}, ${id}))`)),
  };
  try {
    await begin();
    const result = await work(tx);
    // After an error, PostgreSQL has aborted the transaction; COMMIT would roll back without an error.
    if (failure) throw failure;
    await connection.script("COMMIT", timeoutMillis);
    return result;
  } catch (error) {
    // If this fails too, the connection is lost, and with it the transaction. Reports the first error.
    if (!connection.lost) await connection.script("ROLLBACK", queryTimeoutMillis).catch(() => {});
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
  const turns = createTurns(size);
  const idle: Connection[] = [];
  let closed = false;

  const keepOrClose = (connection: Connection) => {
    if (!connection.lost && !closed && connection.ageMillis() < maxAgeMillis) idle.push(connection);
    else void connection.close(1);
  };
  const idleOne = () => {
    for (let connection = idle.pop(); connection; connection = idle.pop()) if (!connection.lost) return connection;
    return undefined;
  };

  return {
    use: <Result>(timeoutMillis: number, work: (connection: Connection) => Promise<Result>): Promise<Result> =>
      turns.run(timeoutMillis, () => {
        const connection = idleOne() ?? open();
        return work(connection).finally(() => keepOrClose(connection));
      }),
    async close(): Promise<void> {
      closed = true;
      await Promise.all(idle.splice(0).map((connection) => connection.close(1)));
    },
  };
}

/** Streams a query on its own connection, so that slow readers don't use up the pool. */
async function* stream<Row>(open: () => Connection, query: Sql, turns: Semaphore): Batches<Row> {
  const done = await turns.take(queryTimeoutMillis);
  const connection = open();
  try {
    await connection.script(
      `BEGIN READ ONLY; SET LOCAL statement_timeout = ${streamTimeoutMillis}`,
      queryTimeoutMillis,
    );
    await connection.run(prefixed("DECLARE batches NO SCROLL CURSOR FOR ", query), streamTimeoutMillis);
    const fetch = new Sql([`FETCH ${batchSize} FROM batches`], []);
    for (;;) {
      const batch = await connection.run<Row>(fetch, streamTimeoutMillis);
      if (batch.length > 0) yield batch;
      if (batch.length < batchSize) return;
    }
  } finally {
    await connection.close(1);
    done();
  }
}

const prefixed = (text: string, query: Sql) => new Sql([text, ""], [query]);
