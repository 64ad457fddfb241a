/** The page context: what every page needs about its visitor. Also sends pages. */

import type { Visitor } from "../auth/user.ts";
import type { Configdb } from "../facility/configdb.ts";
import { findSite } from "../facility/places.ts";
import { readText } from "../http/body.ts";
import { safeNext, withBasePath } from "../http/path.ts";
import { basePathOf, createRoutes, type RequestContext } from "../http/request-context.ts";
import { sendText } from "../http/send.ts";
import { Malformed } from "../input/problem.ts";
import { isZone } from "../time/zone.ts";
import type { AssetUrls } from "./assets.ts";

/** The colour themes by name. `system` is the system's light or dark mode; `red`, without green and blue, keeps eyes adapted to the dark. */
export const themeNames = { system: "System", light: "Light", dark: "Dark", red: "Red" } as const;
export type Theme = keyof typeof themeNames;
export const themes = Object.keys(themeNames) as readonly Theme[];

/** The local times shown beside UTC: none, those of each site, or those of the visitor's own time zone. */
export const timesNames = { utc: "UTC", site: "Site", mine: "Mine" } as const;
export type Times = keyof typeof timesNames;
export const timesChoices = Object.keys(timesNames) as readonly Times[];

/** Returns the time zone of a site, or the visitor's own one; undefined if unknown, as without a site. */
export type ZoneOf = (site: string | undefined) => string | undefined;

/** What every page needs besides its content. */
export interface PageContext {
  readonly visitor: Visitor;
  readonly theme: Theme;
  readonly times: Times;
  /** The visitor's time zone, if its times are shown in place of the sites'. */
  readonly zone?: string | undefined;
  /** Returns the time zone of the local times to show for a site. */
  readonly zoneOf: ZoneOf;
  /** The page's path and query, to come back to. */
  readonly path: string;
  /** The service's address as browsers see it, without a slash at its end. */
  readonly origin: string;
  readonly assets: AssetUrls;
  readonly logoUrl?: string;
  readonly banner?: string;
  readonly notice?: string;
  readonly safeToast?: JSX.Element | undefined;
}

interface PageContextServices {
  readonly configdb: Configdb;
  readonly assets: AssetUrls;
  readonly logoUrl?: string | undefined;
  /** Returns the visitor; by default, one who isn't signed in. */
  readonly visit?: (request: Request) => Promise<Visitor>;
  /** Renders what the visitor did in a change set; 0: a form that changed nothing. @param path the page, to stay on */
  readonly renderDone?: (changeSet: number, visitor: Visitor, path: string) => Promise<JSX.Element | undefined>;
}

export type GetPageContext = (context: RequestContext) => Promise<PageContext>;

const exampleBanner = "You're viewing the example observatory. Set CONFIGDB_URL to use your own telescopes.";

export const createPageContext =
  ({ configdb, assets, logoUrl, renderDone, ...services }: PageContextServices): GetPageContext =>
  async (context) => {
    const url = new URL(context.request.url);
    const visitor = (await services.visit?.(context.request)) ?? { mayCreate: true };
    const saved = url.searchParams.get("saved");
    // Only if present: deleting a parameter encodes the whole query again.
    if (saved !== null) url.searchParams.delete("saved");
    const path = url.pathname + url.search;
    const choices = choicesOf(context.request);
    const facility = configdb.find();
    return {
      visitor,
      ...choices,
      zoneOf: (site = "") => choices.zone ?? findSite(facility, site)?.zone,
      path,
      origin: url.origin + basePathOf(context.request),
      safeToast: saved === null ? undefined : await renderDone?.(Number(saved), visitor, path),
      assets,
      ...(logoUrl && { logoUrl }),
      ...(configdb.state().isExample && { banner: exampleBanner }),
    };
  };

/** What the visitor chose, by cookies. `page.js` sets that of the visitor's own zone. */
function choicesOf(request: Request): Pick<PageContext, "theme" | "times" | "zone"> {
  const cookies = new Bun.CookieMap(request.headers.get("cookie") ?? "");
  const theme = themes.find((name) => name === cookies.get("theme")) ?? "system";
  const times = timesChoices.find((name) => name === cookies.get("times")) ?? "utc";
  const zone = cookies.get("zone");
  if (times !== "mine") return { theme, times };
  if (!zone || !isZone(zone)) return { theme, times: "site" };
  // In the spelling of the time zone database.
  return { theme, times, zone: new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone };
}

/** Sends a page, compressed if the client accepts gzip. */
export async function sendPage(
  markup: JSX.Element,
  request: Request,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return sendText(withBasePath(await markup, basePathOf(request)), request, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      vary: "accept-encoding, cookie, hx-request-type",
      ...headers,
    },
  });
}

export function themeRoutes() {
  const choose = async (request: Request) => {
    const form = new URLSearchParams(await readText(request));
    const theme = themes.find((name) => name === form.get("theme"));
    const times = timesChoices.find((name) => name === form.get("times"));
    if (!theme && !times)
      throw new Malformed(`theme must be one of ${themes.join(", ")}, or times one of ${timesChoices.join(", ")}`);
    return new Response(null, {
      status: 303,
      headers: {
        location: safeNext(form.get("next")),
        "set-cookie": `${times ? `times=${times}` : `theme=${theme}`}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly`,
      },
    });
  };
  return createRoutes("theme").post("/theme", ({ request }) => choose(request));
}
