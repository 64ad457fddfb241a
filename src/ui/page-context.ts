/** The page context: what every page needs about its visitor. Also sends pages. */

import type { Visitor } from "../auth/user.ts";
import type { Configdb } from "../facility/configdb.ts";
import type { RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { type Assets, type PageContext, type Theme, themes } from "./layout.tsx";

export interface PageContextServices {
  readonly configdb: Configdb;
  readonly assets: Assets;
  /** The URL or path of the logo in the header. */
  readonly logoUrl?: string | undefined;
  /** Returns the visitor; by default, one who isn't signed in. */
  readonly visit?: (context: RequestContext) => Promise<Visitor>;
}

export type GetPageContext = (context: RequestContext) => Promise<PageContext>;

const exampleBanner = "You're viewing the example observatory. Set CONFIGDB_URL to use your own telescopes.";

export const createPageContext =
  ({ configdb, assets, logoUrl, visit = async () => ({ mayCreate: true }) }: PageContextServices): GetPageContext =>
  async (context) => {
    const { pathname, search } = new URL(context.request.url);
    return {
      visitor: await visit(context),
      theme: themeOf(context.request),
      path: pathname + search,
      assets,
      ...(logoUrl && { logoUrl }),
      ...(configdb.state().isExample && { banner: exampleBanner }),
    };
  };

const cookie = "theme";

function themeOf(request: Request): Theme {
  const value = /(?:^|;\s*)theme=([a-z]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
  return themes.find((theme) => theme === value) ?? "system";
}

/** The value of `Set-Cookie` that stores the theme for a year. */
export const themeCookie = (theme: Theme): string =>
  `${cookie}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly`;

/** Sends a page, compressed if the client accepts gzip. */
export async function sendPage(
  markup: JSX.Element,
  request: Request,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return sendText(await markup, request, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      vary: "accept-encoding, cookie, hx-request-type",
      ...headers,
    },
  });
}
