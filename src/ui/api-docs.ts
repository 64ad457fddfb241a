/** `/docs/`: the API's document, to read and to try. */

import type { Visitor } from "../auth/user.ts";
import { type Caller, createRoutes, serving } from "../http/request-context.ts";
import { type ExplorerAssets, ExplorerPage } from "./api-docs-page.tsx";
import { sendPage } from "./page-context.ts";

export function explorerRoutes(assets: ExplorerAssets, visit: (caller: Caller) => Promise<Visitor>) {
  const show = async (caller: Caller) =>
    sendPage(ExplorerPage({ assets, csrf: (await visit(caller)).csrf }), caller.request);
  return createRoutes("explorer").get("/docs/", serving(show), { detail: { hide: true } });
}
