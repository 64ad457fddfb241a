/** `/openapi.json`: the OpenAPI document of all routes that describe themselves. */

import packageJson from "../package.json";
import readme from "../README.md" with { type: "text" };
import { pathsOf } from "./http/openapi.ts";
import { basePathOf, createRoutes } from "./http/request-context.ts";

const [, examples = ""] = /^### Examples\n(.*?)^### /ms.exec(readme) ?? [];

const about = {
  openapi: "3.1.1",
  info: {
    title: "Downtime",
    version: packageJson.version,
    description: `Track which telescopes are unavailable, when, and why.\n\n<details><summary>Examples in curl and Python</summary>\n${examples}\n</details>`,
    license: { name: "MIT", identifier: "MIT" },
  },
  tags: [
    { name: "Downtimes", description: "Periods in which a telescope, or one instrument type on it, is unavailable." },
    { name: "Changes", description: "For mirroring and event-driven clients." },
    { name: "Availability", description: "When telescopes are available, why not, and the time lost." },
    { name: "Series", description: "A series creates a downtime for each telescope and date." },
    {
      name: "Users",
      description: "Who may sign in, for staff. Users manage their own tokens and password on the page `/account`.",
    },
    { name: "Notifications", description: "Who is notified of what, for staff." },
    { name: "Operation", description: "For monitoring the service." },
  ],
};
const securitySchemes = {
  basic: { type: "http", scheme: "basic", description: "Username and password." },
  token: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "The word `Token`, a space, and the user's API token.",
  },
};

/** @param routes all routes of the application; they are read at the first request */
export function documentRoutes(routes: () => Parameters<typeof pathsOf>[0]) {
  let document: string | undefined;
  const read = () => {
    const { paths, schemas } = pathsOf(routes());
    return JSON.stringify({ ...about, paths, components: { schemas, securitySchemes } });
  };
  return createRoutes("document").get("/openapi.json", ({ request }) => {
    document ??= read();
    const servers = JSON.stringify([{ url: basePathOf(request) || "/", description: "This server" }]);
    return new Response(`${document.slice(0, -1)},"servers":${servers}}`, {
      headers: { "content-type": "application/json;charset=utf-8" },
    });
  });
}
