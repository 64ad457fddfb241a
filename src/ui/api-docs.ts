/** `/docs/`: the interactive API documentation. */

import type { Visitor } from "../auth/user.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type ApiDocsAssets, ApiDocsPage } from "./api-docs-page.tsx";
import { sendPage } from "./page-context.ts";

export function apiDocsRoutes(assets: ApiDocsAssets, visit: (context: RequestContext) => Promise<Visitor>) {
  const show = async (context: RequestContext) =>
    sendPage(ApiDocsPage({ assets, csrf: (await visit(context)).csrf }), context.request);
  return createRoutes("explorer").get("/docs/", serving(show));
}
