/** Opens connections to PostgreSQL, and translates their errors. */

import postgres from "postgres";
import { Conflict, Unavailable } from "../input/problem.ts";
import { within } from "../input/queue.ts";
import { addressOf, socketIn } from "./postgres-address.ts";
import { type Sql, sql } from "./sql.ts";

/** The default `statement_timeout`. A pooler refuses it; then statements outside of transactions have none. */
export const statementMillis = 3000;
const connectMillis = 3000;
/** Statements with more values aren't prepared: each length of a list would be another prepared statement. */
const maxPreparedValues = 32;

export type Connection = ReturnType<typeof connectTo>;

/** Hot path, four for each row: two slices take a third of the time of a replacement. */
const parseInstant = (text: string) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
/** Returns bigint as numbers, and timestamps as `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, as stores expect them. */
const types = {
  integer: { to: 20, from: [20], serialize: String, parse: Number },
  instant: { to: 1184, from: [1184], serialize: String, parse: parseInstant },
};

/**
 * Creates a connection, which connects for its first statement. Once lost, it never reconnects: its transaction is gone.
 * @param isPooled whether a pooler gives each transaction another session, which has no prepared statements
 */
function connectTo(address: ReturnType<typeof addressOf>, index: number, isPooled: boolean) {
  let lost = false;
  const host = address.host[index] ?? "";
  const port = address.port[index];
  const client = postgres({
    ...address,
    // Arrays, since postgres.js splits a string at its colons, of which IPv6 addresses have many. Its types lack arrays.
    host: [host] as unknown as string,
    port: [port] as unknown as number,
    ...(host.startsWith("/") && { path: socketIn(host, port), ssl: false }),
    max: 1,
    types,
    prepare: true,
    fetch_types: false,
    connect_timeout: connectMillis / 1000,
    max_lifetime: null,
    onnotice: () => {},
    onclose: () => {
      lost = true;
    },
    connection: {
      application_name: "downtime",
      TimeZone: "UTC",
      DateStyle: "ISO",
      ...(!isPooled && { statement_timeout: statementMillis }),
    },
  });

  const close = (waitSeconds: number) => {
    lost = true;
    return client.end({ timeout: waitSeconds });
  };

  /** @throws Unavailable if the connection is lost, or after the timeout, which closes it */
  const ask = async <Rows>(start: () => PromiseLike<Rows>, timeoutMillis: number): Promise<Rows> => {
    if (lost) throw new Unavailable(unanswered);
    try {
      const late = () => new Error(`no answer after ${Math.round(timeoutMillis)} ms`);
      return await within(timeoutMillis, start(), late);
    } catch (error) {
      // 25006: this server has become a standby.
      if (!(error instanceof postgres.PostgresError) || error.severity !== "ERROR" || error.code === "25006")
        void close(0);
      throw problemOf(error);
    }
  };

  return {
    get lost() {
      return lost;
    },
    bornAt: performance.now(),
    close,

    async run<Row>(query: Sql, timeoutMillis: number): Promise<Row[]> {
      const { text, values } = query.render("postgres", (index) => `$${index + 1}`);
      // postgres.js's types lack `simple`, which selects PostgreSQL's simple or extended query protocol.
      const options = { prepare: !isPooled && values.length <= maxPreparedValues, simple: false };
      const rows = await ask(() => client.unsafe(text, values, options), timeoutMillis);
      // Cast: the shape of rows isn't checked, on either engine.
      return rows as unknown as Row[];
    },

    async script(text: string, timeoutMillis: number): Promise<void> {
      await ask(() => client.unsafe(text), timeoutMillis);
    },
  };
}

/**
 * Connects to all hosts of the URL, and uses the first that answers. If there is only one, connects with the first query.
 * @throws Unavailable if none answers
 */
export async function connect(url: string, isPooled: boolean): Promise<Connection> {
  const address = addressOf(url);
  const connections = address.host.map((_, index) => connectTo(address, index, isPooled));
  if (connections.length === 1 && !address.isPrimary) return connections[0] as Connection;
  const asked = connections.map(async (connection) => {
    const [row] = await connection.run<{ standby: boolean }>(sql`SELECT pg_is_in_recovery() AS standby`, connectMillis);
    if (address.isPrimary && row?.standby) throw new Error("is a standby");
    return connection;
  });
  const selected = await Promise.any(asked).catch(({ errors }: AggregateError) => errors as Error[]);
  for (const connection of connections) if (connection !== selected) void connection.close(0);
  if (Array.isArray(selected)) throw unavailable(new Error(selected.map((error) => error.cause ?? error).join("; ")));
  return selected;
}

/**
 * Whether a pooler is in between: PgBouncer refuses the start-up parameter `statement_timeout`, or can be told to ignore it.
 * @throws Unavailable if the server can't be reached
 */
export async function findPooler(url: string): Promise<boolean> {
  try {
    const connection = await connect(url, false);
    const asked = connection.run<{ statement_timeout: string }>(sql`SHOW statement_timeout`, connectMillis);
    const [row] = await asked.finally(() => connection.close(1));
    return row?.statement_timeout !== `${statementMillis / 1000}s`;
  } catch (error) {
    if (/unsupported startup parameter/.test(String((error as Error).cause))) return true;
    throw error;
  }
}

const unanswered = "The database doesn't answer. Try again.";

/** Connection, authentication, unknown database, standby, conflict, lack of resources, lock timeout, shutdown, cancellation. */
const temporary = /^(08|28|3D|25006|40|53|55P03|57)/;

function problemOf(error: unknown): unknown {
  if (!(error instanceof postgres.PostgresError)) return isBug(error) ? error : unavailable(error);
  if (error.code.startsWith("23")) return new Conflict(error.message);
  return temporary.test(error.code) ? unavailable(error) : error;
}

/** Whether postgres.js rejected the statement itself. */
const isBug = (error: unknown) =>
  error instanceof TypeError ||
  /^(UNDEFINED_VALUE|MAX_PARAMETERS_EXCEEDED)$/.test(String((error as { code?: unknown }).code));

/** @param cause for the log only; the response doesn't contain it */
const unavailable = (cause: unknown) => Object.assign(new Unavailable(unanswered), { cause });
