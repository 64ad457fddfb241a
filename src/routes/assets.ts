/** `/assets/`: styles and scripts, all from this machine. The table is closed: no path is built from a request. */

import { createRoutes } from "./caller.ts";

const fromPackage = (file: string) => Bun.file(Bun.resolveSync(file, import.meta.dir));

const assets = {
  "swagger-ui-bundle.js": () => fromPackage("swagger-ui-dist/swagger-ui-bundle.js"),
  "swagger-ui.css": () => fromPackage("swagger-ui-dist/swagger-ui.css"),
};

export function assetRoutes() {
  const routes = createRoutes("assets");
  for (const [name, file] of Object.entries(assets))
    routes.get(
      `/assets/${name}`,
      () => new Response(file(), { headers: { "cache-control": "public, max-age=3600" } }),
      {
        detail: { hide: true },
      },
    );
  return routes;
}
