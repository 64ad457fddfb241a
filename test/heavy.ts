/** Heavy requests of each kind, for tests and the benchmark. */

import { dayMillis, toInstant } from "../src/time/instant.ts";

/** A request. */
export interface Heavy {
  readonly path: string;
  readonly init?: RequestInit;
  /** Reads only this much of an endless response. */
  readonly mostBytes?: number;
}

/** The service, and the data that the requests refer to. */
export interface Ground {
  readonly url: string;
  /** The middle of the stored downtimes, in milliseconds since 1970. */
  readonly middle: number;
  /** A location for series. */
  readonly place: { readonly site: string; readonly enclosure: string; readonly telescope: string };
  /** The headers of a user who may write. */
  readonly writer: Readonly<Record<string, string>>;
  /** The headers of staff who are signed in. */
  readonly staff: Readonly<Record<string, string>>;
}

/** Prepares a request. `index` makes requests of a kind different, so that no response is cached. */
export type HeavyKind = (ground: Ground, index: number) => Heavy | Promise<Heavy>;

const instant = (millis: number) => encodeURIComponent(toInstant(millis));

/** Every three hours for nearly two years: close to the maximum number of downtimes of a series. */
const plan = ({ place, middle }: Ground, minutes: number) => ({
  reason: "Heavy",
  scopes: [place],
  rule: {
    kind: "calendar",
    zone: "UTC",
    start: toInstant(middle).slice(0, 19),
    minutes,
    rrule: "FREQ=HOURLY;INTERVAL=3;COUNT=4800",
  },
});

const posting = (body: unknown, { writer }: Ground): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...writer },
  body: JSON.stringify(body),
});

async function idsAt(address: string): Promise<readonly number[]> {
  const response = await fetch(address);
  const { results = [] }: { results?: { id: number }[] } = await response.json();
  return results.map(({ id }) => id);
}

/** The path of a stored series. */
async function seriesAt({ url }: Ground, index: number): Promise<string> {
  const ids = await idsAt(`${url}/api/series/?limit=100`);
  return `/api/series/${ids[index % ids.length] ?? 1}/`;
}

/** As many downtimes as staff may delete at once. */
const bulkRows = 1000;

const bulkIds = ({ url }: Ground, index: number) => idsAt(`${url}/api/?limit=${bulkRows}&offset=${index * bulkRows}`);

const deletion = ({ staff }: Ground, ids: readonly number[]): Heavy => ({
  path: "/admin/downtimes/delete",
  init: { method: "POST", headers: staff, body: new URLSearchParams(ids.map((id) => ["seen", `${id}.1`])) },
});

/** Name → kind. Those that edit or end a series need stored ones. */
export const heavyKinds: Readonly<Record<string, HeavyKind>> = {
  "a list of everything by its last change": (_, index) => ({
    path: `/api/?ends_after=2000-01-01&starts_before=2100-01-01&order=-modified&limit=${1_000_000 + index}`,
  }),
  "a page far down a list": (_, index) => ({ path: `/api/?order=-modified&offset=${150_000 + index}` }),
  "ten thousand rows": (_, index) => ({ path: `/api/?limit=${10_000 - index}` }),
  "a report of ten years": ({ middle }, index) => ({
    path: `/api/report/?start=${instant(middle - (1825 + index) * dayMillis)}&end=${instant(middle + (1825 - index) * dayMillis)}`,
  }),
  "a report of two years": ({ middle }, index) => ({
    path: `/api/report/?start=${instant(middle - (365 + index) * dayMillis)}&end=${instant(middle + (365 - index) * dayMillis)}`,
  }),
  "availability of two years": ({ middle }, index) => ({
    path: `/api/availability/?start=${instant(middle - (365 + index) * dayMillis)}&end=${instant(middle + (365 - index) * dayMillis)}`,
  }),
  "the report's page": ({ middle }, index) => ({
    path: `/report?start=${instant(middle - (365 + index) * dayMillis)}&end=${instant(middle + (365 - index) * dayMillis)}`,
  }),
  "a list by what its reason contains": (_, index) => ({ path: `/api/?reason=zz${index}&order=start` }),
  "a calendar by what its reason contains": (_, index) => ({
    path: `/calendar.ics?starts_after=1900-01-01&reason=zz${index}`,
  }),
  "the page of everything by what its reason contains": (_, index) => ({ path: `/?when=all&reason=zz${index}` }),
  "the first page": ({ middle }, index) => ({ path: `/?from=${instant(middle + index * dayMillis)}` }),
  "a file of everything": () => ({ path: "/downtimes.csv" }),
  "the head of a file of everything": () => ({ path: "/downtimes.csv", init: { method: "HEAD" } }),
  "all changes as a stream": () => ({ path: "/api/changes/stream", mostBytes: 5_000_000 }),
  "the preview of a series of long downtimes": (ground) => ({
    path: "/api/series/?dry_run=true",
    init: posting(plan(ground, 30 * 24 * 60), ground),
  }),
  "a series that is stored": (ground, index) => ({
    path: "/api/series/",
    init: posting(plan({ ...ground, middle: ground.middle + index * 60_000 }, 30 + index), ground),
  }),
  "a series that is edited": async (ground, index) => ({
    path: await seriesAt(ground, index),
    init: { ...posting({ rule: plan(ground, 90 + index).rule }, ground), method: "PATCH" },
  }),
  "a series that is ended": async (ground, index) => ({
    path: `${await seriesAt(ground, index)}?from=now`,
    init: { method: "DELETE", headers: ground.writer },
  }),
  "a thousand downtimes deleted at once": async (ground, index) => deletion(ground, await bulkIds(ground, index)),
  "a thousand downtimes restored at once": async (ground, index) => {
    const ids = await bulkIds(ground, 50 + index);
    await sendHeavy(ground.url, deletion(ground, ids));
    const body = new URLSearchParams(ids.map((id) => ["id", String(id)]));
    return { path: "/admin/downtimes/restore", init: { method: "POST", headers: ground.staff, body } };
  },
};

/** Sends a request and reads its response, or a part of it. @returns the status */
export async function sendHeavy(
  url: string,
  { path, init, mostBytes = Number.POSITIVE_INFINITY }: Heavy,
): Promise<number> {
  const giveUp = new AbortController();
  const response = await fetch(url + path, { redirect: "manual", signal: giveUp.signal, ...init });
  let bytes = 0;
  for (const reader = response.body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes < mostBytes) continue;
    giveUp.abort();
    break;
  }
  return response.status;
}
