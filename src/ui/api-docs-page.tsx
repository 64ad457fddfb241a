/** @jsxImportSource @kitajs/html */
/** The interactive API documentation, drawn by Swagger UI in the page's colours. */

import type { Configdb } from "../facility/configdb.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Layout } from "./layout.tsx";
import { plain } from "./link.ts";
import { type GetPageContext, type PageContext, sendPage } from "./page-context.ts";

/** The URLs of the page's own style sheet and scripts. */
export interface ApiDocsAssets {
  readonly "explorer.js": string;
  readonly "swagger-ui-bundle.js": string;
  readonly "swagger-ui.css": string;
}

interface ApiDocsProps extends PageContext {
  readonly scripts: ApiDocsAssets;
  /** Site, enclosure, telescope and instrument type, for the examples. */
  readonly codes: readonly string[];
}

const ApiDocsPage = ({ scripts, codes, ...frame }: ApiDocsProps): JSX.Element => (
  <Layout {...frame} title="API docs">
    <link rel="stylesheet" href={scripts["swagger-ui.css"]} />
    <div id="explorer" data-csrf={frame.visitor.csrf} data-codes={plain(JSON.stringify(codes))}>
      <p>
        The API docs need JavaScript. The OpenAPI document is at <a href="/openapi.json">/openapi.json</a>.
      </p>
    </div>
    <script src={scripts["swagger-ui-bundle.js"]} defer></script>
    <script src={scripts["explorer.js"]} defer></script>
  </Layout>
);

export function apiDocsRoutes(scripts: ApiDocsAssets, configdb: Configdb, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const places = configdb.find()?.places() ?? [];
    const place = places.find(({ instrument_type }) => instrument_type !== "") ?? places[0] ?? {};
    const markup = ApiDocsPage({ ...(await getPageContext(context)), scripts, codes: Object.values(place) });
    return sendPage(markup, context.request);
  };
  return createRoutes("explorer").get("/docs/", serving(show));
}
