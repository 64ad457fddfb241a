/** @jsxImportSource @kitajs/html */
/** The interactive API documentation, drawn by Swagger UI in the page's colours. */

import { plain } from "./attribute.ts";
import { Layout } from "./layout.tsx";
import type { PageContext } from "./page-context.ts";

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

export const ApiDocsPage = ({ scripts, codes, ...frame }: ApiDocsProps): JSX.Element => (
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
