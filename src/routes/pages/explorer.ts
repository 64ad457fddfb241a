/** `/docs/`: the API's document, to read and to try. */

import { type ExplorerAssets, ExplorerPage } from "../../views/explorer.tsx";
import { createRoutes } from "../caller.ts";
import { sendPage } from "./frame.ts";

export const explorerRoutes = (assets: ExplorerAssets) =>
  createRoutes("explorer").get("/docs/", (c) => sendPage(ExplorerPage({ assets }), c.request), {
    detail: { hide: true },
  });
