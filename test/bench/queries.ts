/** The queries and the downtimes of the benchmark. Both are the same for the same seed. */

import { type CheckedDraft, checkDraft } from "../../src/downtime/downtime.ts";
import type { Facility } from "../../src/facility/facility.ts";
import { toInstant } from "../../src/time/instant.ts";

const hourMillis = 3_600_000;
const dayMillis = 24 * hourMillis;

/** Constant, so that a window has the same number of rows in a small and a large database. */
const rowsPerDay = 28;
/** Rows that last for decades. */
const longRows = 5;
/** The middle of the period, in milliseconds since 1970. */
const middle = Date.UTC(2026, 10, 22);

/** Returns the start and end of the period that a number of rows fills, in milliseconds since 1970. */
function spanOf(rows: number): readonly [number, number] {
  const half = ((rows / rowsPerDay) * dayMillis) / 2;
  return [middle - half, middle + half];
}

/** Yields the downtimes in batches: some hours each, mostly with one of 200 reasons. */
export function* draftsOf(rows: number, facility: Facility, seed = 1): Iterable<CheckedDraft[]> {
  const random = createRandom(seed);
  const [from, to] = spanOf(rows);
  const places = [...facility.places()];
  let batch: CheckedDraft[] = [];
  for (let row = 0; row < rows; row++) {
    const isLong = row < longRows;
    const start = isLong ? from - 3650 * dayMillis * random() : from + (to - from) * random();
    const end = isLong ? to + 3650 * dayMillis * random() : start + (0.5 + 9 * random()) * hourMillis;
    const reason = row % 100 === 0 ? observation(row) : `Reason ${Math.floor(200 * random())}`;
    const place = places[row % places.length];
    batch.push(checkDraft({ ...place, reason, start: toInstant(start), end: toInstant(end) }, facility));
    if (batch.length === 50_000 || row === rows - 1) {
      yield batch;
      batch = [];
    }
  }
}

const observation = (row: number) => `Observation ${row}`;

/** The database that the queries are for. */
export interface QueriedDatabase {
  /** Number of rows. */
  readonly rows: number;
  readonly facility: Facility;
}

/** Returns the path of a query, with different parameters on each call. */
export type Query = (random: () => number, database: QueriedDatabase) => string;

const path = (parameters: Record<string, string | number>) =>
  `/api/?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&")}`;

/** A scheduler's query: downtimes that overlap a window of some days. */
const window = (random: () => number, { rows }: QueriedDatabase, days: number) => {
  const [from, to] = spanOf(rows);
  const start = from + (to - from - days * dayMillis) * random();
  return { ends_after: toInstant(start), starts_before: toInstant(start + days * dayMillis) };
};

const anyPlace = (random: () => number, { facility }: QueriedDatabase) => {
  const places = [...facility.places()].filter(({ instrument_type }) => instrument_type === "");
  return places[Math.floor(random() * places.length)] ?? { site: "", enclosure: "", telescope: "" };
};

export const queries = {
  /** A scheduler's usual query: about 80 rows. */
  poll: (random, database) => path(window(random, database, 2.6)),
  /** About 200 rows. */
  overlap: (random, database) => path(window(random, database, 6.8)),
  /** About 100 rows. */
  hundred: (random, database) => path(window(random, database, 3.4)),
  /** The downtimes of one telescope. */
  place: (random, database) => {
    const { site, telescope } = anyPlace(random, database);
    return path({ ...window(random, database, 30), site, telescope });
  },
  /** How the Observation Portal finds the downtime of an observation. */
  reason: (random, database) => {
    const { site, enclosure, telescope } = anyPlace(random, database);
    const row = 100 * Math.floor((random() * database.rows) / 100);
    return path({ reason_exact: observation(row), site, enclosure, telescope });
  },
  /** The newest downtimes, at different offsets. */
  newest: (random) => path({ order: "-start", limit: 100, offset: Math.floor(1000 * random()) }),
  /** The schedule page, with different timeline windows. */
  page: (random, database) => `/?from=${window(random, database, 7).ends_after}`,
  /** 10,000 rows, never the same query twice. */
  tenThousand: (random) =>
    path({ limit: 10_000, created_before: toInstant(Date.UTC(2100, 0) + 1000 * Math.floor(1e9 * random())) }),
} as const satisfies Record<string, Query>;
export type QueryName = keyof typeof queries;

/** Creates a seeded random number generator (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
