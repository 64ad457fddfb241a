/** The PostgreSQL engine: a pool of connections, and one writer at a time among all processes. */

import { Unavailable } from "../input/problem.ts";
import { createQueue, type Queue } from "../input/queue.ts";
import { describeAddress } from "./postgres-address.ts";
import { type Connection, connect, statementMillis } from "./postgres-connection.ts";
import { type Batches, type Database, readerOf, Sql, type Transaction } from "./sql.ts";

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
/** Then a connection is replaced, since each keeps the statements that it has prepared. */
const maxAgeMillis = 30 * 60_000;

/** Writers hold this advisory lock, so that transactions don't overlap, as on SQLite. */
const takeTurn = "SELECT pg_advisory_xact_lock(1685026670)";

const queueOf = (slots: number) => createQueue(slots, () => new Unavailable("The database is busy. Try again."));

/** Opens a database. Connects on demand. */
export function openPostgres({ url, connections, isPooled = false }: PostgresSettings): Database {
  const open = () => connect(url, isPooled);
  const pool = createPool(open, connections);
  // Only one writer waits at the server, so that the others don't use up connections.
  const writers = queueOf(1);
  const streams = queueOf(connections);

  const write = <Result>(work: Work<Result>, timeoutMillis: number, statement: number) => {
    const until = performance.now() + timeoutMillis;
    const begin = `BEGIN; SET LOCAL statement_timeout = ${statement}; ${takeTurn}`;
    return writers.run(timeoutMillis, () =>
      pool.use(until - performance.now(), (connection) =>
        transact(connection, () => connection.script(begin, until - performance.now()), work, timeoutMillis),
      ),
    );
  };
  const reader = readerOf(<Row>(query: Sql) => {
    const until = performance.now() + queryTimeoutMillis;
    return pool.use(queryTimeoutMillis, (connection) => connection.run<Row>(query, until - performance.now()));
  });
  return {
    engine: "postgres",
    file: undefined,
    ...reader,
    description: `PostgreSQL, ${describeAddress(url)}`,
    check: async (query) => void (await reader.all(query)),
    fileVersion: () => undefined,
    stream: (query) => stream(open, query, streams),
    transaction: (work) => write(work, queryTimeoutMillis, statementMillis),
    exclusively: (work) => write(work, Number.POSITIVE_INFINITY, 0),
    close: pool.close,
  };
}

type Work<Result> = (tx: Transaction) => Promise<Result>;
type Begin = () => Promise<void>;

async function transact<Result>(connection: Connection, begin: Begin, work: Work<Result>, timeoutMillis: number) {
  let failure: unknown;
  const remember = (error: unknown) => {
    failure ??= error;
    throw error;
  };
  const tx: Transaction = {
    ...readerOf(<Row>(query: Sql) => connection.run<Row>(query, timeoutMillis).catch(remember)),
    script: (text) => connection.script(text, timeoutMillis).catch(remember),
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

type Open = () => Promise<Connection>;

/**
 * Keeps connections for reuse, unless they are lost. The driver's own pool can't drop one connection that doesn't
 * answer: a few silent ones block every request, although new ones would work. And when it loses the connection of a
 * transaction, the transaction's next statement never settles.
 */
function createPool(open: Open, size: number) {
  const queue = queueOf(size);
  let idle: Connection[] = [];
  let closed = false;

  const closeIdle = async () => void (await Promise.all(idle.splice(0).map((connection) => connection.close(1))));
  const keepOrClose = (connection: Connection) => {
    const isYoung = performance.now() - connection.bornAt < maxAgeMillis;
    if (!connection.lost && !closed && isYoung) return void idle.push(connection);
    // The others are probably lost too: after a power failure, nothing tells them.
    if (connection.lost) void closeIdle();
    void connection.close(1);
  };

  return {
    use: <Result>(timeoutMillis: number, work: (connection: Connection) => Promise<Result>): Promise<Result> =>
      queue.run(timeoutMillis, async () => {
        idle = idle.filter(({ lost }) => !lost);
        const connection = idle.pop() ?? (await open());
        return work(connection).finally(() => keepOrClose(connection));
      }),
    close(): Promise<void> {
      closed = true;
      return closeIdle();
    },
  };
}

/** Streams a query on its own connection, so that slow readers don't use up the pool. */
async function* stream<Row>(open: Open, query: Sql, queue: Queue): Batches<Row> {
  const done = await queue.take({ timeoutMillis: queryTimeoutMillis });
  let connection: Connection | undefined;
  try {
    connection = await open();
    const begin = `BEGIN READ ONLY; SET LOCAL statement_timeout = ${streamTimeoutMillis}`;
    await connection.script(begin, queryTimeoutMillis);
    const declared = new Sql(["DECLARE batches NO SCROLL CURSOR FOR ", ""], [query]);
    await connection.run(declared, streamTimeoutMillis);
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
