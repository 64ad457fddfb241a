/** Weights: how much work a request may cause. They alone decide which thread answers it. */

import { LRUCache } from "lru-cache";
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

/** Always heavy: writing many downtimes, sums over years, files, and pages with long histories. */
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

/** @param newestVersion returns the number of the newest version of a downtime, an upper bound of the number of rows */
export function createWeights(newestVersion: () => Promise<number>) {
  // Schedulers repeat a few requests, and parsing their queries takes longer than sending cached lists. Room for a thousand.
  const known = new LRUCache<string, Weight | "growing">({
    maxSize: 200_000,
    sizeCalculation: (_, { length }) => length,
    memoMethod: weightOf,
  });
  const byRows = async (weight: "vital" | "heavy"): Promise<Weight> => {
    // If the database can't be read, the route says so.
    const versions = await newestVersion().catch(() => 0);
    return versions <= fewRows ? "medium" : weight;
  };

  return ({ method, url }: Request): Weight | Promise<Weight> => {
    const weight = known.memo(`${method} ${url}`);
    if (weight === "growing") return byRows("heavy");
    return weight === "vital" ? byRows("vital") : weight;
  };
}

/** @returns the weight of a request, by its method and URL; `vital` and `growing` (heavy) apply only with many rows */
function weightOf(request: string): Weight | "growing" {
  const [method, url = ""] = request.split(" ");
  const line = `${method} ${pathOf(url)}`;
  if (/^(GET|HEAD) \/api\/$/.test(line)) return weightOfList(new URL(url).searchParams);
  if (heavy.some((pattern) => pattern.test(line))) return "heavy";
  return growing.some((pattern) => pattern.test(line)) ? "growing" : "light";
}

function weightOfList(parameters: URLSearchParams): Weight | "growing" {
  const last = (name: string) => parameters.getAll(name).at(-1)?.trim() ?? "";
  const has = (...names: readonly string[]) => names.every((name) => last(name) !== "");
  if (Number(last("limit")) > longListRows || Number(last("offset")) > longListRows) return "heavy";
  const hasPlace = has("site", "enclosure", "telescope");
  // Observers' scripts find the blocks of a telescope this way.
  if (has("reason")) return hasPlace && has("starts_after") ? "vital" : "growing";
  // The portal finds a real-time session this way, to cancel it.
  if (has("reason_exact") && hasPlace) return "light";
  const from = parseFilterInstant(last("starts_after")) ?? parseFilterInstant(last("ends_after"));
  const to = parseFilterInstant(last("starts_before"));
  if (from && to && toMillis(to) - toMillis(from) <= windowMillis) return "light";
  // Without filters, an index has every order. The portal requests the first 10,000 rows.
  if (![...parameters.keys()].every((name) => unfiltered.has(name))) return "growing";
  return Math.max(Number(last("limit")), Number(last("offset"))) <= shortListRows ? "medium" : "vital";
}

const unfiltered = new Set(["limit", "offset", "order", "ordering", "format"]);
