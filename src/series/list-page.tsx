/** @jsxImportSource @kitajs/html */
/** `/admin/series`: all series, newest first. */

import { offsetOf, page, type Visit } from "../account/staff-page.ts";
import { bySoonest, narrowed } from "../downtime/filter.ts";
import { createRoutes } from "../http/request-context.ts";
import { sendPage } from "../ui/page-context.ts";
import { readKinds } from "./json.ts";
import { SeriesListPage } from "./list-view.tsx";
import type { SeriesStaffServices } from "./one-series.ts";

const pageSize = 25;

export function seriesListRoutes(parts: SeriesStaffServices) {
  const { series, downtimes } = parts;

  const show = async (visit: Visit) => {
    const { caller, frame, now, query } = visit;
    const offset = offsetOf(query);
    const { count, results } = await series.list({ limit: pageSize, offset, kinds: readKinds(query) });
    const nextOf = async (id: number) => {
      const filter = { ...narrowed({}, { from: now }), series: id };
      return (await downtimes.list({ filter, order: bySoonest, limit: 1, offset: 0 })).results[0];
    };
    const shown = await Promise.all(results.map(async (one) => ({ ...one, next: await nextOf(one.id) })));
    const props = { now, query, series: shown, count, offset, pageSize };
    const markup = <SeriesListPage {...frame} {...props} />;
    return sendPage(markup, caller.request);
  };

  return createRoutes("series-list").get("/admin/series", page(parts, show));
}
