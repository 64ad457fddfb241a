/** `/admin/`: the staff pages. */

import { undoRoutes } from "../activity/activity-page.tsx";
import type { Undo } from "../activity/undo-store.ts";
import { createRoutes } from "../http/request-context.ts";
import { seriesFormRoutes } from "../series/edit-page.tsx";
import { seriesEndRoutes } from "../series/end-page.tsx";
import { seriesListRoutes } from "../series/list-page.tsx";
import { seriesMoveRoutes } from "../series/move-page.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { closeNowRoutes, extendRoutes } from "./close-now-page.tsx";
import { listRoutes } from "./staff-list-page.tsx";

export const adminRoutes = (services: SeriesStaffServices & { readonly undo: Undo }) =>
  createRoutes("admin")
    .use(listRoutes(services))
    .use(undoRoutes(services))
    .use(closeNowRoutes(services))
    .use(extendRoutes(services))
    .use(seriesListRoutes(services))
    .use(seriesFormRoutes(services))
    .use(seriesEndRoutes(services))
    .use(seriesMoveRoutes(services));
