/** @jsxImportSource @kitajs/html */
/** The interactive API documentation. It doesn't use `Layout`, since Swagger UI has no dark mode. */

/** The URLs of the page's style sheet and scripts. */
export interface ApiDocsAssets {
  readonly "icon.svg": string;
  readonly "explorer.js": string;
  readonly "swagger-ui-bundle.js": string;
  readonly "swagger-ui.css": string;
}

interface ApiDocsProps {
  readonly assets: ApiDocsAssets;
  /** The CSRF token of a signed-in visitor. */
  readonly csrf?: string | undefined;
}

export const ApiDocsPage = ({ assets, csrf }: ApiDocsProps): JSX.Element => (
  <>
    {"<!doctype html>"}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API docs · Downtime</title>
        <link rel="icon" href={assets["icon.svg"]} type="image/svg+xml" />
        <link rel="stylesheet" href={assets["swagger-ui.css"]} />
        <script src={assets["swagger-ui-bundle.js"]} defer></script>
        <script src={assets["explorer.js"]} defer></script>
      </head>
      <body>
        <nav class="swagger-ui">
          <p class="wrapper">
            <a href="/">‹ Back to schedule</a>
          </p>
        </nav>
        <main id="explorer" data-csrf={csrf}>
          <p>
            The API docs need JavaScript. The OpenAPI document is at <a href="/openapi.json">/openapi.json</a>.
          </p>
        </main>
      </body>
    </html>
  </>
);
