/** Weights: how much work a request may cause, whatever is stored. The one place that says which thread answers it. */

import { dayMillis, type Instant, parseFilterInstant, toMillis } from "../time/instant.ts";
import { longListRows } from "./json-stream.ts";
import { pathOf } from "./path.ts";

/**
 * - `light`: some milliseconds at most; answered at once.
 * - `medium`: some ten milliseconds at most; answered in turn with others of the kind.
 * - `heavy`: grows with what is stored, or with what is asked; a worker answers it, and it may be refused.
 * - `vital`: as heavy, but a client that can't do without sends it; it comes first, and is never refused.
 */
export type Weight = "light" | "medium" | "heavy" | "vital";

/** Among so few rows even a look at each of them is bounded. */
const fewRows = 20_000;
/** How long a window may be for its rows to be few, in days: schedulers ask for two weeks at most. */
const windowDays = 62;

/** A part of a list that an index gives within some ten milliseconds. */
const shortListRows = 1000;

/** Work that is long in itself: plans, sums over two years, files. */
const heavy: readonly RegExp[] = [
  /^(?!GET |HEAD |OPTIONS )\S+ \/api\/series\//,
  /^\S+ \/admin\/series\//,
  /^POST \/admin\/downtimes\/(delete|restore)$/,
  /^(GET|HEAD) \/api\/(availability|report)\/$/,
  /^(GET|HEAD) \/(report|downtimes\.csv)$/,
];

/** Work that grows with the number of stored rows. */
const growing: readonly RegExp[] = [
  /^(GET|HEAD) \/(calendar\.ics|why|vosi\/availability|series\/\d+)?$/,
  /^(GET|HEAD) \/api\/(why|series)\/$/,
  /^GET \/admin\/(downtimes|series)$/,
];

const list = /^(GET|HEAD) \/api\/$/;

/** @param newestId the greatest id that was given to a downtime: there are no more rows than that */
export function createWeights(newestId: () => Promise<number>) {
  const byRows = async (otherwise: Weight = "heavy"): Promise<Weight> =>
    (await newestId()) <= fewRows ? "medium" : otherwise;

  return (request: Request): Weight | Promise<Weight> => {
    const line = `${request.method} ${pathOf(request.url)}`;
    if (heavy.some((pattern) => pattern.test(line))) return "heavy";
    if (growing.some((pattern) => pattern.test(line))) return byRows();
    if (!list.test(line)) return "light";
    const weight = weightOfList(new URL(request.url).searchParams);
    return weight === undefined || weight === "vital" ? byRows(weight) : weight;
  };
}

/** @returns how much it is among many rows; undefined: heavy, if there are many */
function weightOfList(parameters: URLSearchParams): Weight | undefined {
  const last = (name: string) => parameters.getAll(name).at(-1)?.trim() ?? "";
  const has = (...names: readonly string[]) => names.every((name) => last(name) !== "");
  if (Number(last("limit")) > longListRows || Number(last("offset")) > longListRows) return "heavy";
  const hasPlace = has("site", "enclosure", "telescope");
  // How scripts look for the blocks of one telescope.
  if (has("reason")) return hasPlace && has("starts_after") ? "vital" : undefined;
  // The observation of one telescope, by which the portal cancels it.
  if (has("reason_exact") && hasPlace) return "light";
  const from = parseFilterInstant(last("starts_after")) ?? parseFilterInstant(last("ends_after"));
  const to = parseFilterInstant(last("starts_before"));
  if (from && to && isShort(from, to)) return "light";
  // An index gives all of them in every order; the portal asks for the first 10,000.
  if (![...parameters.keys()].every((name) => unfiltered.has(name))) return undefined;
  return Math.max(Number(last("limit")), Number(last("offset"))) <= shortListRows ? "medium" : "vital";
}

const unfiltered = new Set(["limit", "offset", "order", "ordering", "format"]);

const isShort = (from: Instant, to: Instant) => toMillis(to) - toMillis(from) <= windowDays * dayMillis;
