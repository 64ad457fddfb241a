/** The database of the Django application that this service replaces: its rows, whichever of its versions wrote them. */

import { portalToken } from "../auth/token-store.ts";
import { openSource } from "../database/open.ts";
import { type Batches, type Source, type Sql, sql } from "../database/sql.ts";
import { NotFound } from "../input/problem.ts";
import { parseStamp } from "../time/instant.ts";
import {
  type ArrivingToken,
  type ImportedDowntime,
  type ImportedUser,
  toImportedDowntime,
} from "./imported-downtime.ts";

const table = "schedule_downtime";

export type Original = ReturnType<typeof readOriginal>;

/**
 * Opens it to be read, and nothing else.
 * @param where its SQLite file, or `postgres://…`
 * @throws NotFound when there is no such file
 */
export async function openOriginal(where: string) {
  const source = await openSource(where);
  return { ...readOriginal(source), close: () => source.close() };
}

/** Reads it where it stands. */
export function readOriginal(source: Source) {
  return {
    description: source.description,

    /** All downtimes by id, a batch at a time. @throws NotFound when this is no database of the original */
    async downtimes(): Promise<AsyncIterable<readonly ImportedDowntime[]>> {
      return arrivals(source.stream(await select(source)));
    },

    /** The greatest id that was ever given, to a downtime that may be gone. */
    lastId: () => source.lastIdOf(table),

    users: () => readUsers(source),
  };
}

async function* arrivals(batches: Batches<Parameters<typeof toImportedDowntime>[0]>) {
  for await (const rows of batches) yield rows.map(toImportedDowntime);
}

/** The number of downtimes of the original that stand in the database; 0 when it is not the original's. */
export async function countOriginal(source: Source): Promise<number> {
  if ((await source.columnsOf(table)).length === 0) return 0;
  const row = await source.first<{ count: number }>(sql`SELECT count(*) AS count FROM schedule_downtime`);
  return row?.count ?? 0;
}

/** Its third migration renamed two columns, its fourth added one. */
async function select(source: Source): Promise<Sql> {
  const columns = await source.columnsOf(table);
  if (columns.length === 0) throw new NotFound(`${source.description} holds no table ${table}.`);
  const enclosure = columns.includes("enclosure") ? sql`enclosure` : sql`observatory`;
  const modified = columns.includes("modified") ? sql`modified` : sql`updated`;
  const instrumentType = columns.includes("instrument_type") ? sql`instrument_type` : sql`''`;
  return sql`SELECT id, ${spelt(sql`"start"`)} AS "start", ${spelt(sql`"end"`)} AS "end", site, ${enclosure} AS enclosure,
    telescope, ${instrumentType} AS instrument_type, reason, ${spelt(sql`created`)} AS created,
    ${spelt(modified)} AS modified FROM schedule_downtime ORDER BY id`;
}

/** Instants as texts, whether the column knows of zones or not: both engines spell UTC alike then. */
const spelt = (name: Sql) => sql`CAST(${name} AS text)`;

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
    // Of the hashes that Django knows, this is the one that it makes unless told otherwise.
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
 * Each user's id → the tokens: Django REST framework's, and the one that the Observation Portal gave; the original accepts
 * both. Those who have one of the portal are its users.
 */
async function readTokens(source: Source) {
  const tokens = new Map<number, ArrivingToken[]>();
  const fromPortal = new Set<number>();
  const add = (name: string, rows: readonly TokenRow[]) => {
    for (const { user_id, token, created } of rows) {
      if (!token) continue;
      const known = tokens.get(user_id) ?? [];
      tokens.set(user_id, [
        ...known,
        { name, token, created: created === null ? null : (parseStamp(created) ?? null) },
      ]);
      if (name !== djangoToken) fromPortal.add(user_id);
    }
  };
  if ((await source.columnsOf("authtoken_token")).includes("key")) {
    const created = (await source.columnsOf("authtoken_token")).includes("created") ? spelt(sql`created`) : sql`NULL`;
    add(djangoToken, await source.all(sql`SELECT user_id, "key" AS token, ${created} AS created FROM authtoken_token`));
  }
  for (const [table, name, profiles] of [
    ["authprofile_authprofile", portalToken, sql`authprofile_authprofile`],
    // The name of the same table in another version.
    ["auth_profile_authprofile", `${portalToken}-2`, sql`auth_profile_authprofile`],
  ] as const)
    if ((await source.columnsOf(table)).includes("api_token"))
      add(name, await source.all(sql`SELECT user_id, api_token AS token, NULL AS created FROM ${profiles}`));
  return { tokens, fromPortal };
}

/** The name of a token that Django REST framework made. */
const djangoToken = "api";
