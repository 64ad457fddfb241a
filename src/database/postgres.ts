/** The PostgreSQL engine: a pool of connections, and one writer at a time among all processes. */

import { Unavailable } from "../input/problem.ts";
import { createQueue, type Queue } from "../input/queue.ts";
import { describeAddress } from "./postgres-address.ts";
import { type Connection, connect, findPooler, statementMillis } from "./postgres-connection.ts";
import { type Batches, type Database, type Source, Sql, sql, type Transaction } from "./sql.ts";

export { findPooler };

export interface PostgresSettings {
  /** `postgres://user:password@host:port,host:port/database?sslmode=…` */
  readonly url: string;
  /** Maximum number of connections for reads and writes. */
  readonly connections: number;
  readonly isPooled?: boolean;
}

/** How long a query may take, including the wait for a connection. */
const queryTimeoutMillis = 4000;
/** The first batch of a stream may need a sort of the whole table. */
const streamTimeoutMillis = 60_000;
const batchSize = 1000;
const maxAgeMillis = 30 * 60_000;

/** Writers hold this advisory lock, so that transactions don't overlap, as on SQLite. */
const takeTurn = "SELECT pg_advisory_xact_lock(1685026670)";

const createTurns = (slots: number) => createQueue(slots, () => new Unavailable("The database is busy. Try again."));

/** Opens the service's database. Connects on demand. */
export function openPostgres({ url, connections, isPooled = false }: PostgresSettings): Database {
  const open = () => connect(url, { isPooled });
  const pool = createPool(open, connections);
  // Only one writer waits at the server, so that the others don't use up connections.
  const writers = createTurns(1);

  const write = <Result>(work: (tx: Transaction) => Promise<Result>, timeoutMillis: number, statement: number) => {
    const until = performance.now() + timeoutMillis;
    const begin = `BEGIN; SET LOCAL statement_timeout = ${statement}; ${takeTurn}`;
    return writers.run(timeoutMillis, () =>
      pool.use(until - performance.now(), (connection) =>
        transact(connection, () => connection.script(begin, until - performance.now()), work, timeoutMillis),
      ),
    );
  };

  const source = sourceOf(url, pool, open, createTurns(connections));
  return {
    engine: "postgres",
    file: undefined,
    ...source,
    async check(query) {
      await source.all(query);
    },
    mark: () => undefined,
    transaction: (work) => write(work, queryTimeoutMillis, statementMillis),
    exclusively: (work) => write(work, Number.POSITIVE_INFINITY, 0),
  };
}

/** Opens another program's database for reading. */
export async function openPostgresSource(url: string): Promise<Source> {
  const isPooled = await findPooler(url);
  const open = () => connect(url, { access: "read only", isPooled });
  return sourceOf(url, createPool(open, 1), open, createTurns(1));
}

function sourceOf(url: string, pool: Pool, open: Open, streams: Queue): Source {
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

type Open = () => ReturnType<typeof connect>;
type Pool = ReturnType<typeof createPool>;

/**
 * Keeps connections for reuse, unless they are lost or old. The driver's own pool can't drop one connection that doesn't
 * answer: a few silent ones block every request, although new ones would work. And when it loses the connection of a
 * transaction, the transaction's next statement never settles.
 */
function createPool(open: Open, size: number) {
  const turns = createTurns(size);
  const idle: Connection[] = [];
  let closed = false;

  const keepOrClose = (connection: Connection) => {
    if (!connection.lost && !closed && connection.ageMillis() < maxAgeMillis) return void idle.push(connection);
    // The others are probably lost too: after a power failure, nothing tells them.
    if (connection.lost) void closeIdle();
    void connection.close(1);
  };
  const closeIdle = () => Promise.all(idle.splice(0).map((connection) => connection.close(1)));
  const idleOne = () => {
    for (let connection = idle.pop(); connection; connection = idle.pop()) if (!connection.lost) return connection;
    return undefined;
  };

  return {
    use: <Result>(timeoutMillis: number, work: (connection: Connection) => Promise<Result>): Promise<Result> =>
      turns.run(timeoutMillis, async () => {
        const connection = idleOne() ?? (await open());
        return work(connection).finally(() => keepOrClose(connection));
      }),
    async close(): Promise<void> {
      closed = true;
      await closeIdle();
    },
  };
}

/** Streams a query on its own connection, so that slow readers don't use up the pool. */
async function* stream<Row>(open: Open, query: Sql, turns: Queue): Batches<Row> {
  const done = await turns.take({ timeoutMillis: queryTimeoutMillis });
  let connection: Connection | undefined;
  try {
    connection = await open();
    await connection.script(
      `BEGIN READ ONLY; SET LOCAL statement_timeout = ${streamTimeoutMillis}`,
      queryTimeoutMillis,
    );
    await connection.run(prefixed("DECLARE batches NO SCROLL CURSOR FOR ", query), streamTimeoutMillis);
    const fetch = new Sql([`FETCH ${batchSize} FROM batches`], []);
    for (;;) {
      const batch = await connection.run<Row>(fetch, streamTimeoutMillis);
      if (batch.length > 0) yield batch;
      if (batch.length < batchSize) break;
    }
    // So that a pooler can reuse the session.
    await connection.script("COMMIT", queryTimeoutMillis);
  } finally {
    await connection?.close(1);
    done();
  }
}

const prefixed = (text: string, query: Sql) => new Sql([text, ""], [query]);
