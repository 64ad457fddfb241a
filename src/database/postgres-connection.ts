/** A connection to PostgreSQL that one piece of work has for itself, and what its errors mean. */

import postgres from "postgres";
import { Conflict, Unavailable } from "../input/problem.ts";
import { addressOf } from "./postgres-address.ts";
import type { Sql } from "./sql.ts";

/** How long the server may work on a statement, unless it is told otherwise. */
const statementMillis = 3000;
const connectSeconds = 3;
/** Long lists of values come in endless lengths; each length would be kept as another prepared statement. */
const mostPreparedValues = 32;

export type Connection = ReturnType<typeof connect>;

/** Numbers and instants as the stores know them: safe integers, and `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`. */
const types = {
  integer: { to: 20, from: [20], serialize: String, parse: Number },
  instant: {
    to: 1184,
    from: [1184],
    serialize: (instant: string) => instant,
    // Rows have four of them each: two cuts take a third of the time that replacing does.
    parse: (text: string) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`,
  },
};

/**
 * A connection, which is made when the first statement runs. Once it is lost it is never made anew: what was begun on
 * it is gone, and must not go on somewhere else.
 */
export function connect(url: string, access?: "read only") {
  const bornAt = performance.now();
  let lost = false;
  const client = postgres({
    ...addressOf(url),
    max: 1,
    types,
    prepare: true,
    fetch_types: false,
    connect_timeout: connectSeconds,
    max_lifetime: null,
    idle_timeout: undefined,
    onnotice: () => {},
    onclose: () => {
      lost = true;
    },
    connection: {
      application_name: "downtime",
      TimeZone: "UTC",
      DateStyle: "ISO",
      statement_timeout: statementMillis,
      ...(access === "read only" && { default_transaction_read_only: true }),
    },
  });

  const close = async (waitSeconds: number) => {
    lost = true;
    await client.end({ timeout: waitSeconds });
  };

  /** @throws Unavailable when the connection is lost, or when no answer comes in time; then it is lost too */
  const ask = async <Rows>(query: PromiseLike<Rows>, patienceMillis: number): Promise<Rows> => {
    try {
      return await within(query, patienceMillis);
    } catch (error) {
      if (!(error instanceof postgres.PostgresError) || error.severity !== "ERROR") void close(0);
      throw problemOf(error);
    }
  };

  const checkAlive = () => {
    if (lost) throw new Unavailable(unanswered);
  };

  return {
    get lost() {
      return lost;
    },
    ageMillis: () => performance.now() - bornAt,
    close,

    async run<Row>(query: Sql, patienceMillis: number): Promise<Row[]> {
      checkAlive();
      const { text, values } = query.render("postgres", (index) => `$${index + 1}`);
      const prepare = values.length <= mostPreparedValues;
      const options: Unsafe = { prepare, simple: false };
      const rows = await ask(client.unsafe(text, [...values], options), patienceMillis);
      // What a row looks like is the query's business; nobody checks it, on neither engine.
      return rows as unknown as Row[];
    },

    /** Runs statements that take no values. */
    async script(text: string, patienceMillis: number): Promise<void> {
      checkAlive();
      await ask(client.unsafe(text), patienceMillis);
    },
  };
}

/** The library's types leave out `simple`, which says by which of PostgreSQL's two protocols the statement is sent. */
type Unsafe = postgres.UnsafeQueryOptions & { simple: boolean };

class NoAnswer extends Error {}

async function within<Result>(work: PromiseLike<Result>, millis: number): Promise<Result> {
  if (millis === Number.POSITIVE_INFINITY) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer after ${Math.round(millis)} ms`)), Math.max(0, millis));
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

const unanswered = "The database doesn't answer. Try again.";

/**
 * Classes of PostgreSQL's error codes that say that the server can't work now: no connection, no entry, read-only
 * after a failover, turned back to let another pass, out of resources, told to stop.
 */
const passing = /^(08|28|3D|25006|40|53|55P03|57)/;

function problemOf(error: unknown): unknown {
  if (!(error instanceof postgres.PostgresError)) return isBug(error) ? error : unavailable(error);
  if (error.code.startsWith("23")) return new Conflict(error.message);
  return passing.test(error.code) ? unavailable(error) : error;
}

/** What the library says about a statement that it can't send at all. */
const isBug = (error: unknown) =>
  error instanceof TypeError ||
  /^(UNDEFINED_VALUE|MAX_PARAMETERS_EXCEEDED)$/.test(String((error as { code?: unknown }).code));

function unavailable(cause: unknown): Unavailable {
  const problem = new Unavailable(unanswered);
  // Whoever runs the service must read what happened; whoever asks it must not.
  problem.cause = cause;
  return problem;
}
