/** @jsxImportSource @kitajs/html */
/** `/docs/`: the interactive API documentation, drawn by Swagger UI in the page's colours. */

import type { Configdb } from "../facility/configdb.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Layout } from "./layout.tsx";
import { plain } from "./link.ts";
import { type GetPageContext, sendPage } from "./page-context.ts";

export function apiDocsRoutes(configdb: Configdb, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const pageContext = await getPageContext(context);
    const places = configdb.find()?.places() ?? [];
    // Site, enclosure, telescope and instrument type, for the examples.
    const codes = Object.values(places.find((place) => place.instrument_type !== "") ?? places[0] ?? {});
    return sendPage(
      <Layout {...pageContext} title="API docs">
        <link rel="stylesheet" href={pageContext.assets["swagger-ui.css"]} />
        <div id="explorer" data-csrf={pageContext.visitor.csrf} data-codes={plain(JSON.stringify(codes))}>
          <p>
            The API docs need JavaScript. The OpenAPI document is at <a href="/openapi.json">/openapi.json</a>.
          </p>
        </div>
        <script src={pageContext.assets["swagger-ui-bundle.js"]} defer></script>
        <script src={pageContext.assets["explorer.js"]} defer></script>
      </Layout>,
      context.request,
    );
  };
  return createRoutes("explorer").get("/docs/", serving(show));
}
