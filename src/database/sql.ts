/** SQL templates for both engines, with values as placeholders; and the interfaces of databases. */

type Value = string | number | boolean | null;

export type Engine = "sqlite" | "postgres";

/** A part of a template: a value, a fragment, or a fragment for each engine. */
type SqlPart = Value | Sql | Readonly<Record<Engine, () => Sql>>;

/** A fragment of SQL: strings, and the parts between them. */
export class Sql {
  constructor(
    readonly texts: readonly string[],
    readonly parts: readonly SqlPart[],
  ) {}

  /** Builds the statement, with a placeholder for each value. */
  render(engine: Engine, placeholder: (index: number) => string) {
    const values: Value[] = [];
    const write = ({ texts, parts }: Sql): string => {
      let text = texts[0] as string;
      for (let index = 0; index < parts.length; index++) {
        const part = parts[index] as SqlPart;
        if (part instanceof Sql) text += write(part);
        else if (typeof part === "object" && part !== null) text += write(part[engine]());
        else text += placeholder(values.push(part) - 1);
        text += texts[index + 1];
      }
      return text;
    };
    return { text: write(this), values };
  }
}

/** Template tag for SQL. Values become placeholders; fragments nest. */
export const sql = (texts: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql => new Sql(texts, parts);

/** SQL that differs between the engines. Explain why wherever you use it. */
export const perEngine = (pieces: Readonly<Record<Engine, () => Sql>>): Sql => new Sql(["", ""], [pieces]);

/** Joins fragments or values with a separator such as `, ` or ` AND `. */
export const join = (parts: readonly SqlPart[], separator: string): Sql =>
  new Sql(parts.length > 0 ? ["", ...parts.slice(1).map(() => separator), ""] : [""], parts);

/** A comma-separated list of values, for `IN (…)` and `VALUES (…)`. */
export const list = (values: readonly Value[]): Sql => join(values, ", ");

/** Rows of values, for `VALUES …`. A single fragment, since an import binds millions of values. */
export function rows(values: readonly (readonly Value[])[]): Sql {
  const texts: string[] = [];
  for (const [index, row] of values.entries())
    for (const at of row.keys()) texts.push(at > 0 ? ", " : index > 0 ? "), (" : "(");
  return new Sql([...texts, ")"], values.flat());
}

/** A column name. It must be a constant of the program, never input. */
export function column(name: string): Sql {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`not a column: ${name}`);
  return new Sql([`"${name}"`], []);
}

export const columnList = (names: readonly string[]): Sql => join(names.map(column), ", ");

/** What an upsert sets: each column to the new row's value. */
export const replacing = (names: readonly string[]): Sql =>
  join(
    names.map((name) => sql`${column(name)} = excluded.${column(name)}`),
    ", ",
  );

/** A condition: the column is one of the integers. They are bound as one value, so that any number of them shares a statement. */
export const isAmong = (name: string, numbers: readonly number[]): Sql =>
  perEngine({
    sqlite: () => sql`${column(name)} IN (SELECT value FROM json_each(${JSON.stringify(numbers)}))`,
    postgres: () => sql`${column(name)} = ANY(${`{${numbers.join(",")}}`}::text::bigint[])`,
  });

/** Runs queries. Rows are objects with the column names as keys. */
export interface Reader {
  all<Row>(query: Sql): Promise<Row[]>;
  first<Row>(query: Sql): Promise<Row | undefined>;
}

export const readerOf = (all: Reader["all"]): Reader => ({
  all,
  first: async <Row>(query: Sql) => (await all<Row>(query))[0],
});

/** A query's rows in batches, from one consistent snapshot. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** An open transaction, the only way to write. */
export interface Transaction extends Reader {
  script(text: string): Promise<void>;
}

/** A database for reading, the service's or another program's. */
export interface Source extends Reader {
  /** Describes the database for people, without a password. */
  readonly description: string;
  stream<Row>(query: Sql): Batches<Row>;
  close(): Promise<void>;
}

/** Runs one statement in its own transaction. @throws as `transaction` */
export const write = <Row>(database: Database, query: Sql): Promise<Row[]> =>
  database.transaction((tx) => tx.all<Row>(query));

/** The service's database. Reads see only committed data. */
export interface Database extends Source {
  readonly engine: Engine;
  /** Identifies the SQLite file, for workers to open the same one; undefined for PostgreSQL. */
  readonly file: string | undefined;
  /**
   * Runs a query to check that the data can be read.
   * @throws if it can't, or if the SQLite file was deleted or replaced
   */
  check(query: Sql): Promise<void>;
  /**
   * Returns a number that changes when any process has committed since the last call; undefined for PostgreSQL, which needs
   * a query to find out.
   */
  fileVersion(): number | undefined;
  /**
   * Runs the work in a transaction, which is rolled back if the work throws. Use only `tx` inside.
   * @throws Conflict for a constraint violation, Unavailable if the database doesn't respond
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /** As `transaction`, without timeouts, and never concurrent with another one in any process: for migrations and imports. */
  exclusively<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
}

/** Returns a table's column names; empty if there is no such table. */
export async function columnsOf(reader: Reader, table: string): Promise<string[]> {
  const columns = perEngine({
    sqlite: () => sql`SELECT name FROM pragma_table_info(${table})`,
    postgres: () => sql`SELECT attname AS name FROM pg_attribute
      WHERE attrelid = to_regclass(${table}) AND attnum > 0 AND NOT attisdropped`,
  });
  return (await reader.all<{ name: string }>(columns)).map(({ name }) => name);
}

const lastId = (table: string) =>
  perEngine({
    sqlite: () => sql`(SELECT seq FROM sqlite_sequence WHERE name = ${table})`,
    postgres: () => sql`pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id'))`,
  });

/** Returns the greatest id that a table ever assigned; 0 if it has assigned none. */
export async function lastIdOf(reader: Reader, table: string): Promise<number> {
  // SQLite creates its table of last ids with the first table that has AUTOINCREMENT.
  const exists = perEngine({
    sqlite: () => sql`EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence')`,
    postgres: () => sql`true`,
  });
  if (!(await reader.first(sql`SELECT 1 AS found WHERE ${exists}`))) return 0;
  return (await reader.first<{ id: number | null }>(sql`SELECT ${lastId(table)} AS id`))?.id ?? 0;
}

/** Makes a table assign ids greater than this one from now on. */
export async function continueIds(tx: Transaction, table: string, id: number): Promise<void> {
  const set = perEngine({
    sqlite: () => sql`UPDATE sqlite_sequence SET seq = max(seq, ${id}) WHERE name = ${table} RETURNING seq`,
    postgres: () => sql`SELECT setval(pg_get_serial_sequence(${table}, 'id'), greatest(${lastId(table)}, ${id}))`,
  });
  // SQLite has no row for a table without any.
  if ((await tx.all(set)).length === 0) await tx.all(sql`INSERT INTO sqlite_sequence VALUES (${table}, ${id})`);
}
