/** `/admin/`: the pages of those who change downtimes. */

import { formRoutes } from "../downtime/edit-form.tsx";
import { createRoutes } from "../http/request-context.ts";
import { seriesFormRoutes } from "../series/edit-form.tsx";
import { seriesEndRoutes } from "../series/end-page.tsx";
import { seriesListRoutes } from "../series/list-page.tsx";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { nowRoutes } from "./close-now-page.tsx";
import { listRoutes } from "./staff-list-page.tsx";

export const adminRoutes = (parts: SeriesStaffServices) =>
  createRoutes("admin")
    .use(formRoutes(parts))
    .use(listRoutes(parts))
    .use(nowRoutes(parts))
    .use(seriesListRoutes(parts))
    .use(seriesFormRoutes(parts))
    .use(seriesEndRoutes(parts));
