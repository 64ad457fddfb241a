/** Weights: how much work a request may cause. They alone decide which thread answers it. */

import { dayMillis, parseFilterInstant, toMillis } from "../time/instant.ts";
import { longListRows } from "./json.ts";
import { pathOf } from "./path.ts";

/**
 * - `light`: a few milliseconds; answered at once.
 * - `medium`: tens of milliseconds; answered in turn with others of the kind.
 * - `heavy`: grows with the data or the request; answered by a worker, and may be rejected.
 * - `vital`: as heavy, but from a client that depends on it; goes first and is never rejected.
 */
export type Weight = "light" | "medium" | "heavy" | "vital";

/** Up to this many rows, even scanning all of them takes only tens of milliseconds. */
const fewRows = 20_000;
/** The longest window that counts as light; schedulers request at most two weeks. */
const windowMillis = 62 * dayMillis;
/** A page that an index returns within tens of milliseconds. */
const shortListRows = 1000;

/** Always heavy: series, sums over two years, files. */
const heavy: readonly RegExp[] = [
  /^(?!GET |HEAD |OPTIONS )\S+ \/api\/series\//,
  /^\S+ \/admin\/series\//,
  /^POST \/admin\/downtimes\/(delete|restore)$/,
  /^POST \/(admin|api)\/changesets\//,
  /^(GET|HEAD) \/api\/(availability|report)\/$/,
  /^(GET|HEAD) \/(report|downtimes\.csv|activity|sites\/.+|telescopes\/.+)$/,
];

/** Heavy only with many stored rows. */
const growing: readonly RegExp[] = [
  /^(GET|HEAD) \/(calendar\.ics|why|vosi\/availability|series\/\d+)?$/,
  /^(GET|HEAD) \/api\/(why|series)\/$/,
  /^GET \/admin\/(downtimes|series)$/,
];

const list = /^(GET|HEAD) \/api\/$/;

/** @param newestVersion returns the number of the newest version of a downtime, an upper bound of the number of rows */
export function createWeights(newestVersion: () => Promise<number>) {
  const byRows = async (otherwise: Weight = "heavy"): Promise<Weight> => {
    // If the database can't be read, the route says so.
    const versions = await newestVersion().catch(() => 0);
    return versions <= fewRows ? "medium" : otherwise;
  };

  return (request: Request): Weight | Promise<Weight> => {
    const line = `${request.method} ${pathOf(request.url)}`;
    if (list.test(line)) {
      const weight = weightOfList(new URL(request.url).searchParams);
      return weight === undefined || weight === "vital" ? byRows(weight) : weight;
    }
    if (heavy.some((pattern) => pattern.test(line))) return "heavy";
    return growing.some((pattern) => pattern.test(line)) ? byRows() : "light";
  };
}

/** @returns the weight of a list; `vital` and undefined (heavy) apply only with many rows */
function weightOfList(parameters: URLSearchParams): Weight | undefined {
  const last = (name: string) => parameters.getAll(name).at(-1)?.trim() ?? "";
  const has = (...names: readonly string[]) => names.every((name) => last(name) !== "");
  if (Number(last("limit")) > longListRows || Number(last("offset")) > longListRows) return "heavy";
  const hasPlace = has("site", "enclosure", "telescope");
  // Observers' scripts find the blocks of a telescope this way.
  if (has("reason")) return hasPlace && has("starts_after") ? "vital" : undefined;
  // The portal finds a real-time session this way, to cancel it.
  if (has("reason_exact") && hasPlace) return "light";
  const from = parseFilterInstant(last("starts_after")) ?? parseFilterInstant(last("ends_after"));
  const to = parseFilterInstant(last("starts_before"));
  if (from && to && toMillis(to) - toMillis(from) <= windowMillis) return "light";
  // Without filters, an index has every order. The portal requests the first 10,000 rows.
  if (![...parameters.keys()].every((name) => unfiltered.has(name))) return undefined;
  return Math.max(Number(last("limit")), Number(last("offset"))) <= shortListRows ? "medium" : "vital";
}

const unfiltered = new Set(["limit", "offset", "order", "ordering", "format"]);
