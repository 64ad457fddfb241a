/** `/docs/`: the interactive API documentation. */

import type { Visitor } from "../auth/user.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type ApiDocsAssets, ApiDocsPage } from "./api-docs-page.tsx";
import { sendPage } from "./page-context.ts";

export function apiDocsRoutes(assets: ApiDocsAssets, visit: (caller: RequestContext) => Promise<Visitor>) {
  const show = async (caller: RequestContext) =>
    sendPage(ApiDocsPage({ assets, csrf: (await visit(caller)).csrf }), caller.request);
  return createRoutes("explorer").get("/docs/", serving(show));
}
