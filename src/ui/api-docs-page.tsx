/** @jsxImportSource @kitajs/html */
/** The page on which one tries the API. It has a frame of its own: the explorer's colours know no dark. */

/** Where the page finds its style sheet and its scripts. */
export interface ApiDocsAssets {
  readonly "icon.svg": string;
  readonly "explorer.js": string;
  readonly "swagger-ui-bundle.js": string;
  readonly "swagger-ui.css": string;
}

export interface ApiDocsProps {
  readonly assets: ApiDocsAssets;
  /** What a signed-in browser must send along to change anything. */
  readonly csrf?: string | undefined;
}

export const ApiDocsPage = ({ assets, csrf }: ApiDocsProps): JSX.Element => (
  <>
    {"<!doctype html>"}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API · Downtime</title>
        <link rel="icon" href={assets["icon.svg"]} type="image/svg+xml" />
        <link rel="stylesheet" href={assets["swagger-ui.css"]} />
        <script src={assets["swagger-ui-bundle.js"]} defer></script>
        <script src={assets["explorer.js"]} defer></script>
      </head>
      <body>
        <nav class="swagger-ui">
          <p class="wrapper">
            <a href="/">‹ Back to the schedule</a>
          </p>
        </nav>
        <main id="explorer" data-csrf={csrf}>
          <p>
            The explorer needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.
          </p>
        </main>
      </body>
    </html>
  </>
);
