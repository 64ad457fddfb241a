/** Reads the database of OCS Downtime, the Django application that this service replaces, in all of its schema versions. */

import { hashToken } from "../auth/secrets.ts";
import { type NewToken, portalToken } from "../auth/token-store.ts";
import { openSource } from "../database/open.ts";
import { type Batches, column, columnsOf, lastIdOf, type Source, type Sql, sql } from "../database/sql.ts";
import { NotFound } from "../input/problem.ts";
import { parseStamp } from "../time/instant.ts";
import { type ImportedData, type ImportedUser, type SourceRow, toImportedDowntime } from "./imported-downtime.ts";

const table = "schedule_downtime";

/**
 * Opens an OCS Downtime database, read-only.
 * @param address path of the SQLite file, or a `postgres://…` URL
 * @throws NotFound if the file doesn't exist
 */
export const openOriginal = async (address: string) => readOriginal(await openSource(address));

export const readOriginal = (source: Source) => ({
  description: source.description,
  close: source.close,

  /** Reads the users, and the downtimes by ID. @throws NotFound if this isn't an OCS Downtime database */
  async read(): Promise<ImportedData> {
    const query = await selectDowntimes(source);
    const [lastId, users] = [await lastIdOf(source, table), await readUsers(source)];
    return { downtimes: toBatches(source.stream(query)), lastId, users };
  },
});

async function* toBatches(batches: Batches<SourceRow>) {
  for await (const rows of batches) yield rows.map(toImportedDowntime);
}

/** Counts the OCS downtimes in the database; 0 if it isn't an OCS Downtime database. */
export async function countOriginal(source: Source): Promise<number> {
  if ((await columnsOf(source, table)).length === 0) return 0;
  const row = await source.first<{ count: number }>(sql`SELECT count(*) AS count FROM schedule_downtime`);
  return row?.count ?? 0;
}

/** Builds the query for the schema version: migration 3 of OCS Downtime renamed two columns, migration 4 added one. */
async function selectDowntimes(source: Source): Promise<Sql> {
  const columns = await columnsOf(source, table);
  if (columns.length === 0)
    throw new NotFound(`${source.description} isn't an OCS Downtime database: table ${table} not found.`);
  const enclosure = columns.includes("enclosure") ? sql`enclosure` : sql`observatory`;
  const modified = columns.includes("modified") ? sql`modified` : sql`updated`;
  const instrumentType = columns.includes("instrument_type") ? sql`instrument_type` : sql`''`;
  return sql`SELECT id, ${asText(sql`"start"`)} AS "start", ${asText(sql`"end"`)} AS "end", site, ${enclosure} AS enclosure,
    telescope, ${instrumentType} AS instrument_type, reason, ${asText(sql`created`)} AS created,
    ${asText(modified)} AS modified FROM schedule_downtime ORDER BY id`;
}

/** Casts a time to text, so that both engines return UTC in the same format, with or without time zones. */
const asText = (name: Sql) => sql`CAST(${name} AS text)`;

type UserRow = Readonly<{ id: number; username: string; password: string; is_staff: unknown; is_active: unknown }>;

async function readUsers(source: Source): Promise<ImportedUser[]> {
  if ((await columnsOf(source, "auth_user")).length === 0) return [];
  const rows = await source.all<UserRow>(
    sql`SELECT id, username, password, is_staff, is_active FROM auth_user ORDER BY id`,
  );
  const tokens = await readTokens(source);
  return rows.map(({ id, username, password, is_staff, is_active }) => ({
    name: username,
    staff: Boolean(is_staff),
    active: Boolean(is_active),
    // Django's default algorithm; other hashes can't be verified here.
    passwordHash: password.startsWith("pbkdf2_sha256$") ? password : null,
    tokens: tokens.get(id) ?? [],
    isFromPortal: tokens.get(id)?.some(({ isFromPortal }) => isFromPortal) ?? false,
  }));
}

/** The tables of tokens: of Django REST framework, and of the Observation Portal in both versions. */
const tokenTables = [
  { name: "api", table: "authtoken_token", token: "key", isFromPortal: false },
  { name: portalToken, table: "authprofile_authprofile", token: "api_token", isFromPortal: true },
  { name: `${portalToken}-2`, table: "auth_profile_authprofile", token: "api_token", isFromPortal: true },
] as const;

/** Returns each user's tokens, hashed, by user ID, since OCS Downtime accepts all. Users with a portal token are portal users. */
async function readTokens(source: Source) {
  const all: (NewToken & { readonly user: number; readonly isFromPortal: boolean })[] = [];
  for (const { name, table, token, isFromPortal } of tokenTables) {
    const columns = await columnsOf(source, table);
    if (!columns.includes(token)) continue;
    const created = columns.includes("created") && !isFromPortal ? asText(sql`created`) : sql`NULL`;
    const rows = await source.all<{ user_id: number; token: string; created: string | null }>(
      sql`SELECT user_id, ${column(token)} AS token, ${created} AS created FROM ${column(table)} WHERE ${column(token)} <> ''`,
    );
    for (const { user_id: user, token, created } of rows)
      all.push({ user, isFromPortal, name, hash: hashToken(token), created: parseStamp(created ?? "") ?? null });
  }
  return Map.groupBy(all, ({ user }) => user);
}
