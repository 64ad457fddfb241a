/** `/docs/`: the interactive API documentation. */

import type { Configdb } from "../facility/configdb.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { type ApiDocsAssets, ApiDocsPage } from "./api-docs-page.tsx";
import { type GetPageContext, sendPage } from "./page-context.ts";

export function apiDocsRoutes(scripts: ApiDocsAssets, configdb: Configdb, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const places = configdb.find()?.places() ?? [];
    const place = places.find(({ instrument_type }) => instrument_type !== "") ?? places[0] ?? {};
    const markup = ApiDocsPage({ ...(await getPageContext(context)), scripts, codes: Object.values(place) });
    return sendPage(markup, context.request);
  };
  return createRoutes("explorer").get("/docs/", serving(show));
}
