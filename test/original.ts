/** Databases of OCS Downtime, after each of its four migrations, on both engines. */

import { Database as Sqlite } from "bun:sqlite";
import { join } from "node:path";
import postgres from "postgres";
import { createFolder, type Engine } from "./harness.ts";
import { createPostgresDatabase } from "./postgres-server.ts";

/** The second migration changed nothing in the table, the third renamed two columns, the fourth added one. */
export const shapes = [1, 2, 3, 4] as const;
export type Shape = (typeof shapes)[number];

/** A row of OCS Downtime, the same on both engines. */
export interface OriginalRow {
  readonly id: number;
  readonly start: string;
  readonly end: string;
  readonly telescope?: string;
  readonly reason?: string;
  readonly created?: string;
  readonly modified?: string;
  /** Only after the fourth migration. */
  readonly instrument_type?: string;
}

export interface OriginalUser {
  readonly username: string;
  readonly password: string;
  readonly staff?: boolean;
  readonly active?: boolean;
  readonly apiToken?: string;
  readonly authToken?: string;
}

/** A statement that differs between the engines. */
const tablesOf = (shape: Shape, id: string, instant: string) => `
  CREATE TABLE schedule_downtime (id ${id}, "start" ${instant} NOT NULL, "end" ${instant} NOT NULL,
    site varchar(3) NOT NULL, ${shape < 3 ? "observatory" : "enclosure"} varchar(4) NOT NULL,
    telescope varchar(4) NOT NULL, reason varchar(3000) NOT NULL, created ${instant} NOT NULL,
    ${shape < 3 ? "updated" : "modified"} ${instant} NOT NULL
    ${shape < 4 ? "" : ", instrument_type varchar(255) NOT NULL"});
  CREATE TABLE auth_user (id ${id}, password varchar(128) NOT NULL, last_login ${instant}, is_superuser bool NOT NULL,
    username varchar(150) NOT NULL UNIQUE, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
    is_staff bool NOT NULL, is_active bool NOT NULL, date_joined ${instant} NOT NULL, first_name varchar(150) NOT NULL);
  CREATE TABLE authtoken_token ("key" varchar(40) NOT NULL PRIMARY KEY, created ${instant} NOT NULL, user_id integer NOT NULL UNIQUE);
  CREATE TABLE authprofile_authprofile (id ${id}, staff_view bool NOT NULL, api_token varchar(255) NOT NULL,
    user_id integer NOT NULL UNIQUE);`;

const quote = (value: string) => `'${value.replaceAll("'", "''")}'`;

function insertDowntime(shape: Shape, row: OriginalRow): string {
  const created = row.created ?? "2017-08-02 17:45:00.123456";
  const values = [row.start, row.end, "ogg", "clma", row.telescope ?? "2m0a", row.reason ?? "", created];
  const more = shape < 4 ? [] : [row.instrument_type ?? ""];
  return `INSERT INTO schedule_downtime (id, "start", "end", site, ${shape < 3 ? "observatory" : "enclosure"}, telescope,
    reason, created, ${shape < 3 ? "updated" : "modified"}${shape < 4 ? "" : ", instrument_type"})
    VALUES (${row.id}, ${[...values, row.modified ?? created, ...more].map(quote).join(", ")});`;
}

function insertUser(id: number, user: OriginalUser): string {
  const { username, password, staff = false, active = true, apiToken, authToken } = user;
  const at = "'2017-08-02 17:45:00'";
  return `
    INSERT INTO auth_user VALUES (${id}, ${quote(password)}, NULL, false, ${quote(username)}, '', '', ${staff}, ${active}, ${at}, '');
    ${apiToken === undefined ? "" : `INSERT INTO authprofile_authprofile VALUES (${id}, false, ${quote(apiToken)}, ${id});`}
    ${authToken === undefined ? "" : `INSERT INTO authtoken_token VALUES (${quote(authToken)}, ${at}, ${id});`}`;
}

/** Creates a database of OCS Downtime. @returns the value for `--from-django`, and functions to run statements and to delete it */
export async function createOriginal(
  engine: Engine,
  shape: Shape,
  rows: readonly OriginalRow[],
  users: readonly OriginalUser[] = [],
) {
  const inserts = [
    ...rows.map((row) => insertDowntime(shape, row)),
    ...users.map((user, index) => insertUser(index + 1, user)),
  ].join("\n");
  return engine === "sqlite" ? createSqlite(shape, inserts) : createPostgres(shape, inserts);
}

async function createSqlite(shape: Shape, inserts: string) {
  const folder = createFolder();
  const where = join(folder.path, "original.sqlite3");
  const run = async (statements: string) => {
    const database = new Sqlite(where, { create: true, readwrite: true });
    database.run(statements);
    database.close();
  };
  await run(`${tablesOf(shape, "integer NOT NULL PRIMARY KEY AUTOINCREMENT", "datetime")} BEGIN; ${inserts} COMMIT`);
  return { where, settings: { DB_NAME: where }, run, remove: async () => folder.remove() };
}

async function createPostgres(shape: Shape, inserts: string) {
  const { url, remove } = await createPostgresDatabase();
  const run = async (statements: string) => {
    const client = postgres(url, { max: 1, connection: { TimeZone: "UTC" } });
    await client.unsafe(statements);
    await client.end();
  };
  await run(`${tablesOf(shape, "bigserial PRIMARY KEY", "timestamp with time zone")} ${inserts}`);
  return { where: url, settings: { DATABASE_URL: url }, run, remove };
}
