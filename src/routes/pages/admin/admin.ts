/** `/admin/`: the pages of those who change downtimes, and the addresses under which people know the old ones. */

import { createRoutes } from "../../caller.ts";
import { formRoutes } from "./form.tsx";
import { listRoutes } from "./list.tsx";
import { nowRoutes } from "./now.tsx";
import { seriesEndRoutes } from "./series-end.tsx";
import { seriesFormRoutes } from "./series-form.tsx";
import { seriesListRoutes } from "./series-list.tsx";
import type { AdminParts } from "./staff.ts";

const hidden = { detail: { hide: true } };

export const adminRoutes = (parts: AdminParts) =>
  createRoutes("admin")
    .use(formRoutes(parts))
    .use(listRoutes(parts))
    .use(nowRoutes(parts))
    .use(seriesListRoutes(parts))
    .use(seriesFormRoutes(parts))
    .use(seriesEndRoutes(parts))
    .get("/admin", () => movedTo("/admin/downtimes"), hidden)
    .get("/admin/", () => movedTo("/admin/downtimes"), hidden)
    .get("/admin/schedule/downtime/", () => movedTo("/admin/downtimes"), hidden)
    .get("/admin/schedule/downtime/add/", () => movedTo("/admin/downtimes/new"), hidden)
    .get(
      "/admin/schedule/downtime/:id/change/",
      ({ params }) => movedTo(`/admin/downtimes/${encodeURIComponent(params.id)}/change`),
      hidden,
    )
    .get(
      "/admin/schedule/downtime/:id/history/",
      ({ params }) => movedTo(`/downtimes/${encodeURIComponent(params.id)}`),
      hidden,
    );

const movedTo = (location: string) => new Response(null, { status: 302, headers: { location } });
