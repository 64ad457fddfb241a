/** The SQL template: text that both engines share, with values kept apart from it, and what can be done with it. */

/** What can be bound to a placeholder. */
type Value = string | number | boolean | null;

/** The two databases that the program knows. */
export type Engine = "sqlite" | "postgres";

/** A statement as a driver sends it. */
interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
}

/** What stands between two texts: a value, another piece, or a piece for each engine. */
type Part = Value | Sql | Readonly<Record<Engine, () => Sql>>;

/** A piece of SQL: texts, and what stands between them. It is put together when a driver sends it. */
export class Sql {
  constructor(
    readonly texts: readonly string[],
    readonly parts: readonly Part[],
  ) {}

  /** The whole statement, with a placeholder for each value. */
  render(engine: Engine, placeholder: (index: number) => string): Statement {
    const values: Value[] = [];
    const write = ({ texts, parts }: Sql): string => {
      let text = texts[0] as string;
      for (let index = 0; index < parts.length; index++) {
        const part = parts[index] as Part;
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

/** Writes a piece of SQL. Values become placeholders; pieces nest. */
export const sql = (texts: TemplateStringsArray, ...parts: readonly (Value | Sql)[]): Sql => new Sql(texts, parts);

/** What the engines must be told in different words. Say why wherever it is used. */
export const perEngine = (pieces: Readonly<Record<Engine, () => Sql>>): Sql => new Sql(["", ""], [pieces]);

/** Pieces one after the other, with a text between them that holds no value, such as `, ` or ` AND `. */
export const join = (pieces: readonly Sql[], separator: string): Sql => between(pieces, separator);

/** A list of values with commas, as `IN (…)` and `VALUES (…)` take it. */
export const list = (values: readonly Value[]): Sql => between(values, ", ");

const between = (parts: readonly Part[], separator: string): Sql =>
  new Sql(parts.length > 0 ? ["", ...parts.slice(1).map(() => separator), ""] : [""], parts);

/** Rows of values with as many columns each, as `VALUES …` takes them. Built at once: an import binds millions of values. */
export function rows(values: readonly (readonly Value[])[]): Sql {
  const texts: string[] = [];
  for (const [index, row] of values.entries())
    for (const at of row.keys()) texts.push(at > 0 ? ", " : index > 0 ? "), (" : "(");
  return new Sql([...texts, ")"], values.flat());
}

/** The name of a column. It must be one of the program's own words, never anything from outside. */
export function column(name: string): Sql {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`not a column: ${name}`);
  return new Sql([`"${name}"`], []);
}

/** Columns' names, as SELECT takes them. */
export const columnList = (names: readonly string[]): Sql => join(names.map(column), ", ");

/** A condition: a column holds one of these whole numbers. They are one value, so that it is one statement however many there are. */
export const isAmong = (name: string, numbers: readonly number[]): Sql =>
  perEngine({
    sqlite: () => sql`${column(name)} IN (SELECT value FROM json_each(${JSON.stringify(numbers)}))`,
    postgres: () => sql`${column(name)} = ANY(${`{${numbers.join(",")}}`}::text::bigint[])`,
  });

/** Something that answers queries. Rows come with the columns' names. */
export interface Reader {
  all<Row>(query: Sql): Promise<Row[]>;
  /** The first row, if there is one. */
  first<Row>(query: Sql): Promise<Row | undefined>;
}

/** A query's rows a batch at a time, all from one moment, however many there are. */
export type Batches<Row> = AsyncIterable<readonly Row[]>;

/** An open transaction: the only way to write. What it wrote is there for others once it ends, or not at all. */
export interface Transaction extends Reader {
  /** Runs a file of statements that take no values. */
  script(text: string): Promise<void>;
  /** From now on the table gives its new rows ids that are greater than this one. */
  continueIds(table: string, id: number): Promise<void>;
}

/** A database that is only read, ours or another program's. */
export interface Source extends Reader {
  /** Where the data lives, for people, without a password. */
  readonly description: string;
  /** Reads a large answer in bounded memory. */
  stream<Row>(query: Sql): Batches<Row>;
  /** The names of a table's columns; none when there is no such table. */
  columnsOf(table: string): Promise<string[]>;
  /** The greatest id that the table ever gave a row by itself; 0 when nobody knows. */
  lastIdOf(table: string): Promise<number>;
  close(): Promise<void>;
}

/** A database of either engine. Reads see what is committed, and nothing else. */
export interface Database extends Source {
  readonly engine: "sqlite" | "postgres";
  /** Which file it is, to be opened by another thread too; undefined on a server. */
  readonly file: string | undefined;
  /**
   * Runs a query to see that the data is there and can be read.
   * @throws when it can't, or when SQLite's file isn't the one any more that was opened
   */
  check(query: Sql): Promise<void>;
  /**
   * A number that has moved whenever something was committed since the last call, by whichever process; undefined where
   * only a question to a server can tell.
   */
  mark(): number | undefined;
  /**
   * Runs the work in a transaction; it is rolled back when the work throws. Only `tx` may be used inside.
   * @throws Conflict when a constraint is broken, Unavailable when the database doesn't answer
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * As `transaction`, and no two of these overlap, in whatever process they run. Nothing in it is stopped for taking
   * long: for migrations, and for what stores very much.
   */
  exclusively<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
}
