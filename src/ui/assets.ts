/** `/assets/`: style sheets and scripts. Only the listed files are served; no path is built from a request. */

import { readFileSync } from "node:fs";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "file" };
import swaggerStyles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import swagger from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import explorer from "../../public/explorer.js" with { type: "file" };
import favicon from "../../public/favicon.ico" with { type: "file" };
import form from "../../public/form.js" with { type: "file" };
import touchIcon from "../../public/icon.png" with { type: "file" };
import icon from "../../public/icon.svg" with { type: "file" };
import live from "../../public/live.js" with { type: "file" };
import nights from "../../public/nights.js" with { type: "file" };
import page from "../../public/page.js" with { type: "file" };
import stream from "../../public/stream.js" with { type: "file" };
import styles from "../../public/styles.css" with { type: "file" };
import { createRoutes } from "../http/request-context.ts";
import { acceptsGzip } from "../http/send.ts";

/** The file that each name leads to; in the one-file build, within that. */
const files = {
  "styles.css": styles,
  "page.js": page,
  "form.js": form,
  "nights.js": nights,
  "stream.js": stream,
  "live.js": live,
  "icon.svg": icon,
  "icon.png": touchIcon,
  "favicon.ico": favicon,
  "htmx.min.js": htmx,
  "explorer.js": explorer,
  "swagger-ui-bundle.js": swagger,
  "swagger-ui.css": swaggerStyles,
};
/** The URLs of the files. */
export type AssetUrls = Readonly<Record<keyof typeof files, string>>;

const mediaTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
};

const assetOf = (name: string, path: string) => {
  const bytes = new Uint8Array(readFileSync(path));
  const hash = new Bun.CryptoHasher("sha256").update(bytes).digest("hex").slice(0, 12);
  const mediaType = mediaTypes[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return { bytes, hash, mediaType, gzipped: undefined as Uint8Array<ArrayBuffer> | undefined };
};
type Asset = ReturnType<typeof assetOf>;

let cache: ReadonlyMap<string, Asset> | undefined;

/** Creates the files' URLs and routes. A URL contains the file's hash, so browsers may cache it forever. */
export function createAssets() {
  cache ??= new Map(Object.entries(files).map(([name, path]) => [name, assetOf(name, path)]));
  const routes = createRoutes("assets");
  for (const [name, asset] of cache) {
    routes.get(`/assets/${name}`, ({ request }) => answer(asset, request));
    // Browsers and bookmark services ask for it without reading a page.
    if (name === "favicon.ico") routes.get("/favicon.ico", ({ request }) => answer(asset, request));
  }
  const urls = Object.fromEntries([...cache].map(([name, { hash }]) => [name, `/assets/${name}?v=${hash}`]));
  return { urls: urls as AssetUrls, routes };
}

/** Compressed on the first request that accepts gzip. */
function answer(asset: Asset, request: Request): Response {
  const etag = `"${asset.hash}"`;
  const isThisVersion = new URL(request.url).searchParams.get("v") === asset.hash;
  const headers = {
    etag,
    vary: "accept-encoding",
    "content-type": asset.mediaType,
    "cache-control": isThisVersion ? "public, max-age=31536000, immutable" : "no-cache",
  };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  if (!acceptsGzip(request)) return new Response(asset.bytes, { headers });
  asset.gzipped ??= Bun.gzipSync(asset.bytes);
  return new Response(asset.gzipped, { headers: { ...headers, "content-encoding": "gzip" } });
}
