/** Counts requests and their durations by route, method and status. */

import { createRouteFinder, type Route } from "./methods.ts";
import type { RequestLine } from "./request-log.ts";

/** The upper bounds of durations, in seconds. */
const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, "+Inf"] as const;
const knownMethods = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

export type RequestCounts = ReturnType<typeof createRequestCounts>;

/** @param routes are read at the first request */
export function createRequestCounts(routes: () => readonly Route[]) {
  const all = new Map<string, { readonly labels: object; readonly counts: number[]; seconds: number }>();
  let findRoute: ReturnType<typeof createRouteFinder> | undefined;

  return {
    /** Hot path. Clients may invent paths and methods, but the counts must not grow with them. */
    add({ method: sent, path, status, millis }: RequestLine): void {
      findRoute ??= createRouteFinder(routes());
      const route = findRoute(path) ?? "other";
      const method = knownMethods.test(sent) ? sent : "other";
      const key = `${route} ${method} ${status}`;
      const one = all.get(key) ?? { labels: { route, method, status }, counts: bounds.map(() => 0), seconds: 0 };
      all.set(key, one);
      const index = bounds.findIndex((bound) => bound === "+Inf" || millis <= 1000 * bound);
      one.counts[index] = (one.counts[index] ?? 0) + 1;
      one.seconds += millis / 1000;
    },

    /** The values of a histogram, whose buckets include those below. @param name the metric's */
    histogram: (name: string) =>
      [...all.values()].flatMap(({ labels, counts, seconds }) => {
        const upTo = (index: number) => counts.slice(0, index + 1).reduce((sum, count) => sum + count);
        return [
          ...bounds.map((le, at) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo(at) })),
          { metricName: `${name}_sum`, labels, value: seconds },
          { metricName: `${name}_count`, labels, value: upTo(bounds.length) },
        ];
      }),
  };
}
