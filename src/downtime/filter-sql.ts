/** The SQL condition of each filter. */

import { column, join, list, perEngine, rows, type Sql, sql } from "../database/sql.ts";
import type { PlaceField } from "../facility/facility.ts";
import { foldCase } from "../input/text.ts";
import { type Instant, stampOf, toInstant, toMillis } from "../time/instant.ts";
import { maxReasonLength } from "./downtime.ts";
import { type Filter, type FilterField, filterFields } from "./filter.ts";

type Conditions = { readonly [Field in FilterField]-?: (value: NonNullable<Filter[Field]>, filter: Filter) => Sql };

/** `|| ''` stops the planner from choosing the place index, which matches too many rows next to a time filter. */
const among =
  (field: PlaceField): Conditions[PlaceField] =>
  (codes, { ends_after }) =>
    sql`${ends_after ? sql`(${column(field)} || '')` : column(field)} IN (${list(codes)})`;

const conditions: Conditions = {
  starts_after: (at) => sql`"start" >= ${at}`,
  starts_before: (at) => sql`"start" <= ${at}`,
  ends_after: (at) => sql`"end" >= ${at}`,
  ends_before: (at) => sql`"end" <= ${at}`,
  created_after: (at) => sql`created >= ${stampOf(at)}`,
  created_before: (at) => sql`created <= ${stampOf(at)}`,
  modified_after: (at) => sql`modified >= ${stampOf(at)}`,
  modified_before: (at) => sql`modified <= ${stampOf(at)}`,
  site: among("site"),
  enclosure: among("enclosure"),
  telescope: among("telescope"),
  instrument_type: among("instrument_type"),
  category: (names) => sql`category IN (${list(names)})`,
  reason: contains,
  // The first condition uses the index.
  reason_exact: (text) => sql`substr(reason, 1, 100) = ${[...text].slice(0, 100).join("")} AND reason = ${text}`,
  series: (id) => sql`series = ${id}`,
};

function contains(words: string): Sql {
  // SQLite refuses LIKE patterns of more than 50,000 bytes; no reason is that long.
  if ([...words].length > maxReasonLength) return sql`1 = 0`;
  const pattern = foldCase(words).replace(/[\\%_]/g, (sign) => `\\${sign}`);
  return sql`reason_folded LIKE ${`%${pattern}%`} ESCAPE '\\'`;
}

/**
 * Returns the FROM and WHERE clauses for the downtimes that match the filter; more conditions may follow. `ends_after`
 * uses the index of overlaps, which reads few rows regardless of how many are stored and how long some of them last.
 */
export const matching = (filter: Filter): Sql =>
  perEngine({
    sqlite: () => searched(filter),
    postgres: () => {
      const { ends_after: from, starts_before: to } = filter;
      if (!from) return sql`downtime WHERE ${meaningOf(filter)}`;
      const span = to ? list([from, to].sort()) : sql`${from}, NULL`;
      return sql`downtime WHERE ${indexedSpan} && tstzrange(${span}, '[]') AND ${meaningOf(filter)}`;
    },
  });

/** Like `matching`, for counts only. */
export const counted = (filter: Filter): Sql =>
  !filter.ends_after && holds(indexFor(filter), filter) ? sql`downtime WHERE ${meaningOf(filter)}` : matching(filter);

/** One lookup by an index takes as long as scanning 25 rows. */
const mostLookUps = 10_000;

/** SQLite can't estimate how many rows an index matches, and would use it for nearly all rows. So this counts first. */
function searched(filter: Filter): Sql {
  const meaning = meaningOf(filter);
  if (fieldsOf(filter).length === 0) return sql`downtime WHERE ${meaning}`;
  const index = indexFor(filter);
  if (index.length === 0) return sql`downtime NOT INDEXED WHERE ${meaning}`;
  const known: Filter = Object.fromEntries(index.map((field) => [field, filter[field]]));
  const { ends_after: from } = known;
  // SQLite has no range index, so each class of durations is searched separately.
  const found = from
    ? sql`(VALUES ${rows(reachOf(from))}) AS reach CROSS JOIN downtime
        WHERE ${indexedClass} = reach.column1 AND "start" >= reach.column2 AND ${meaningOf(known)}`
    : sql`downtime WHERE ${meaningOf(known)}`;
  // The index of windows covers the whole row.
  if (from && holds(index, filter)) return found;
  // Either the matching rows by ID, or a full scan.
  return sql`(
      WITH found AS MATERIALIZED (SELECT id FROM ${found} LIMIT ${mostLookUps + 1}),
        size AS MATERIALIZED (SELECT count(*) AS rows FROM found)
      SELECT id AS low, id AS high FROM found WHERE (SELECT rows FROM size) <= ${mostLookUps}
      UNION ALL SELECT 0, ${Number.MAX_SAFE_INTEGER} FROM size WHERE rows > ${mostLookUps}
    ) AS reach CROSS JOIN downtime NOT INDEXED WHERE id BETWEEN reach.low AND reach.high AND ${meaning}`;
}

/** SQLite's indexes, the most useful first: `answers` are the filters that one covers; it helps only with one of `needs`. */
const indexes: readonly { readonly needs: readonly FilterField[]; readonly answers: readonly FilterField[] }[] = [
  { needs: ["ends_after"], answers: filterFields.filter((field) => field !== "reason") },
  { needs: ["series"], answers: ["series"] },
  { needs: ["reason_exact"], answers: ["reason_exact", "site", "enclosure", "telescope"] },
  { needs: ["site"], answers: ["site", "telescope", "starts_after", "starts_before"] },
  { needs: ["starts_after", "starts_before"], answers: ["starts_after", "starts_before"] },
  { needs: ["created_after", "created_before"], answers: ["created_after", "created_before"] },
];

/** Returns what the most selective index covers; nothing if none helps. */
const indexFor = (filter: Filter): readonly FilterField[] =>
  indexes.find(({ needs }) => needs.some((field) => filter[field] !== undefined))?.answers ?? [];

const holds = (index: readonly FilterField[], filter: Filter): boolean =>
  fieldsOf(filter).every((field) => index.includes(field));

/** The filters with a value. */
export const fieldsOf = (filter: Filter): readonly FilterField[] =>
  filterFields.filter((field) => filter[field] !== undefined);

/**
 * A row's duration class, exactly as in SQLite's index: the smallest n for which 4^n seconds are at least the duration,
 * from 4 (up to 256 s) to 14 (everything longer than 4^13 s, about two years).
 */
const indexedClass = sql`min(14, ceil(round(log(4, max(256, unixepoch("end") - unixepoch("start"))), 9)))`;
const [least, most] = [4, 14];

/** A downtime that ends after a time starts at most its duration before it: the earliest start for each class. */
function reachOf(from: Instant): readonly (readonly [length: number, since: Instant])[] {
  const earliest = toMillis("0001-01-01T00:00:00Z" as Instant);
  return Array.from({ length: most - least + 1 }, (_, index) => {
    const length = least + index;
    const since = length === most ? earliest : toMillis(from) - 4 ** length * 1000;
    return [length, toInstant(Math.max(earliest, since))];
  });
}

/** A row's range, exactly as in PostgreSQL's index. Migrated downtimes may end before they start. */
const indexedSpan = sql`tstzrange(least("start", "end"), greatest("start", "end"), '[]')`;

/** Returns the filter as a condition on a table with the same columns. */
export function meaningOf(filter: Filter): Sql {
  // The table's type ties each filter to its value's type, which TypeScript can't follow through a loop.
  const conditionOf = conditions as Record<FilterField, (value: unknown, filter: Filter) => Sql>;
  const pieces = fieldsOf(filter).map((field) => conditionOf[field](filter[field], filter));
  return pieces.length > 0 ? join(pieces, " AND ") : sql`1 = 1`;
}
