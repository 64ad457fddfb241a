/** Reads the database of OCS Downtime, the Django application that this service replaces, in all of its schema versions. */

import { hashToken } from "../auth/secrets.ts";
import { type NewToken, portalToken } from "../auth/token-store.ts";
import { openSource } from "../database/open.ts";
import { type Batches, type Source, type Sql, sql } from "../database/sql.ts";
import { NotFound } from "../input/problem.ts";
import { parseStamp } from "../time/instant.ts";
import { type ImportedDowntime, type ImportedUser, toImportedDowntime } from "./imported-downtime.ts";

const table = "schedule_downtime";

export type Original = ReturnType<typeof readOriginal>;

/**
 * Opens an OCS Downtime database, read-only.
 * @param where path of the SQLite file, or a `postgres://…` URL
 * @throws NotFound if the file doesn't exist
 */
export async function openOriginal(where: string) {
  const source = await openSource(where);
  return { ...readOriginal(source), close: () => source.close() };
}

/** Creates the reader for an open database. */
export function readOriginal(source: Source) {
  return {
    description: source.description,

    /** Returns all downtimes by ID, in batches. @throws NotFound if this isn't an OCS Downtime database */
    async downtimes(): Promise<AsyncIterable<readonly ImportedDowntime[]>> {
      return toBatches(source.stream(await selectDowntimes(source)));
    },

    /** Returns the largest ID ever assigned, even if that downtime was deleted. */
    lastId: () => source.lastIdOf(table),

    users: () => readUsers(source),
  };
}

async function* toBatches(batches: Batches<Parameters<typeof toImportedDowntime>[0]>) {
  for await (const rows of batches) yield rows.map(toImportedDowntime);
}

/** Counts the OCS downtimes in the database; 0 if it isn't an OCS Downtime database. */
export async function countOriginal(source: Source): Promise<number> {
  if ((await source.columnsOf(table)).length === 0) return 0;
  const row = await source.first<{ count: number }>(sql`SELECT count(*) AS count FROM schedule_downtime`);
  return row?.count ?? 0;
}

/** Builds the query for the schema version: migration 3 of OCS Downtime renamed two columns, migration 4 added one. */
async function selectDowntimes(source: Source): Promise<Sql> {
  const columns = await source.columnsOf(table);
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

interface UserRow {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  readonly is_staff: number | boolean;
  readonly is_active: number | boolean;
}

async function readUsers(source: Source): Promise<ImportedUser[]> {
  if ((await source.columnsOf("auth_user")).length === 0) return [];
  const rows = await source.all<UserRow>(
    sql`SELECT id, username, password, is_staff, is_active FROM auth_user ORDER BY id`,
  );
  const { tokens, fromPortal } = await readTokens(source);
  return rows.map(({ id, username, password, is_staff, is_active }) => ({
    name: username,
    staff: Boolean(is_staff),
    active: Boolean(is_active),
    // Django's default algorithm; other hashes can't be verified here.
    passwordHash: password.startsWith("pbkdf2_sha256$") ? password : null,
    tokens: tokens.get(id) ?? [],
    isFromPortal: fromPortal.has(id),
  }));
}

interface TokenRow {
  readonly user_id: number;
  readonly token: string;
  readonly created: string | null;
}

/**
 * Returns each user's tokens, hashed, by user ID: the Django REST framework token and the Observation Portal token, since OCS
 * Downtime accepts both. Users with a portal token are portal users.
 */
async function readTokens(source: Source) {
  const tokens = new Map<number, NewToken[]>();
  const fromPortal = new Set<number>();
  const add = (name: string, rows: readonly TokenRow[]) => {
    for (const { user_id, token, created } of rows) {
      if (!token) continue;
      const stamp = created === null ? null : (parseStamp(created) ?? null);
      tokens.set(user_id, [...(tokens.get(user_id) ?? []), { name, hash: hashToken(token), created: stamp }]);
      if (name !== djangoToken) fromPortal.add(user_id);
    }
  };
  if ((await source.columnsOf("authtoken_token")).includes("key")) {
    const created = (await source.columnsOf("authtoken_token")).includes("created") ? asText(sql`created`) : sql`NULL`;
    add(djangoToken, await source.all(sql`SELECT user_id, "key" AS token, ${created} AS created FROM authtoken_token`));
  }
  for (const [table, name, profiles] of [
    ["authprofile_authprofile", portalToken, sql`authprofile_authprofile`],
    // The same table in another version.
    ["auth_profile_authprofile", `${portalToken}-2`, sql`auth_profile_authprofile`],
  ] as const)
    if ((await source.columnsOf(table)).includes("api_token"))
      add(name, await source.all(sql`SELECT user_id, api_token AS token, NULL AS created FROM ${profiles}`));
  return { tokens, fromPortal };
}

/** The name given to tokens of Django REST framework. */
const djangoToken = "api";
