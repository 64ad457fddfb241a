/** Questions: the paths that the bench asks for, and the downtimes that they find. Both begin the same for the same seed. */

import { type CheckedDraft, checkDraft } from "../../src/downtime/downtime.ts";
import type { Facility } from "../../src/facility/facility.ts";
import { toInstant } from "../../src/time/instant.ts";

const hourMillis = 3_600_000;
const dayMillis = 24 * hourMillis;

/** However many rows there are, a day has so many: what a window finds is the same among ten thousand and a million. */
const rowsPerDay = 28;
/** Rows that last for decades, in every set. */
const longRows = 5;
/** The middle of every set. */
const middle = Date.UTC(2026, 10, 22);

/** The first and the last moment of a set of so many rows, in milliseconds since 1970. */
function spanOf(rows: number): readonly [number, number] {
  const half = ((rows / rowsPerDay) * dayMillis) / 2;
  return [middle - half, middle + half];
}

/** The downtimes of a set, a part at a time: some hours each, mostly with one of few reasons. */
export function* draftsOf(rows: number, facility: Facility, seed = 1): Iterable<CheckedDraft[]> {
  const random = createRandom(seed);
  const [from, to] = spanOf(rows);
  const places = [...facility.places()];
  let part: CheckedDraft[] = [];
  for (let row = 0; row < rows; row++) {
    const isLong = row < longRows;
    const start = isLong ? from - 3650 * dayMillis * random() : from + (to - from) * random();
    const end = isLong ? to + 3650 * dayMillis * random() : start + (0.5 + 9 * random()) * hourMillis;
    const reason = row % 100 === 0 ? observation(row) : `Reason ${Math.floor(200 * random())}`;
    const place = places[row % places.length];
    part.push(checkDraft({ ...place, reason, start: toInstant(start), end: toInstant(end) }, facility));
    if (part.length === 50_000 || row === rows - 1) {
      yield part;
      part = [];
    }
  }
}

const observation = (row: number) => `Observation ${row}`;

/** Where a program looks for its downtimes. */
export interface Ground {
  /** How many rows are stored. */
  readonly rows: number;
  readonly facility: Facility;
}

/** A kind of question: each call has another one. */
export type Ask = (random: () => number, ground: Ground) => string;

const path = (parameters: Record<string, string | number>) =>
  `/api/?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&")}`;

/** The scheduler's: what overlaps so many days. */
const window = (random: () => number, { rows }: Ground, days: number) => {
  const [from, to] = spanOf(rows);
  const start = from + (to - from - days * dayMillis) * random();
  return { ends_after: toInstant(start), starts_before: toInstant(start + days * dayMillis) };
};

const anyPlace = (random: () => number, { facility }: Ground) => {
  const places = [...facility.places()].filter(({ instrument_type }) => instrument_type === "");
  return places[Math.floor(random() * places.length)] ?? { site: "", enclosure: "", telescope: "" };
};

export const asks = {
  /** What a scheduler polls for: about 80 rows. */
  poll: (random, ground) => path(window(random, ground, 2.6)),
  /** About 200 rows. */
  overlap: (random, ground) => path(window(random, ground, 6.8)),
  /** About a hundred rows. */
  hundred: (random, ground) => path(window(random, ground, 3.4)),
  /** The same of one telescope. */
  place: (random, ground) => {
    const { site, telescope } = anyPlace(random, ground);
    return path({ ...window(random, ground, 30), site, telescope });
  },
  /** How the portal finds the downtime of one observation. */
  reason: (random, ground) => {
    const { site, enclosure, telescope } = anyPlace(random, ground);
    const row = 100 * Math.floor((random() * ground.rows) / 100);
    return path({ reason_exact: observation(row), site, enclosure, telescope });
  },
  /** The newest ones, a page further on each time. */
  newest: (random) => path({ order: "-start", limit: 100, offset: Math.floor(1000 * random()) }),
  /** The first page, with another window of the picture each time. */
  page: (random, ground) => `/?from=${window(random, ground, 7).ends_after}`,
  /** Ten thousand rows at once, in another order each time. */
  tenThousand: (random) =>
    path({ limit: 10_000, created_before: toInstant(Date.UTC(2100, 0) + 1000 * Math.floor(1e9 * random())) }),
} as const satisfies Record<string, Ask>;
export type AskName = keyof typeof asks;

/** A small generator of numbers from 0 to 1 that begins the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
