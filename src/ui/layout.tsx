/** @jsxImportSource @kitajs/html */
/** The layout of every page: header, banner, content and footer. */

import type { Children } from "@kitajs/html";
import type { Visitor } from "../auth/user.ts";
import { plain } from "./attribute.ts";

/** The colour themes by name. `system` is the system's light or dark mode; `red`, without green and blue, keeps eyes adapted to the dark. */
const themeNames = { system: "System", light: "Light", dark: "Dark", red: "Red" } as const;
export type Theme = keyof typeof themeNames;
export const themes = Object.keys(themeNames) as readonly Theme[];

/** The local times shown beside UTC: none, those of each site, or those of the visitor's own time zone. */
const timesNames = { utc: "UTC", site: "Site", mine: "Mine" } as const;
export type Times = keyof typeof timesNames;
export const timesChoices = Object.keys(timesNames) as readonly Times[];

/** The URLs of the page's style sheet and scripts. */
export interface Assets {
  readonly "styles.css": string;
  readonly "icon.svg": string;
  readonly "icon.png": string;
  readonly "htmx.min.js": string;
  readonly "page.js": string;
  readonly "form.js": string;
  readonly "stream.js": string;
  readonly "live.js": string;
}

/** What every page needs besides its content. */
export interface PageContext {
  readonly visitor: Visitor;
  readonly theme: Theme;
  readonly times: Times;
  /** The visitor's time zone, if its times are shown in place of the sites'. */
  readonly zone?: string | undefined;
  /** The page's path and query, to come back to. */
  readonly path: string;
  readonly assets: Assets;
  readonly logoUrl?: string;
  /** A message at the top of every page. */
  readonly banner?: string;
  /** A warning above the content. */
  readonly notice?: string;
}

interface LayoutProps extends PageContext {
  /** The page's title, without the name of the service. */
  readonly title: string;
  /** Whether the page updates itself when something changes. */
  readonly live?: boolean;
  readonly children: Children;
}

const name = "Downtime";

/** The colours of the header, for the browser's own bars. */
const themeColors = { light: "#ffffff", dark: "#18202b", red: "#100000" };
const systemColors =
  '<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#18202b" media="(prefers-color-scheme: dark)">';

export function Layout(props: LayoutProps): JSX.Element {
  const { title, theme, assets, banner, live, children } = props;
  return (
    <>
      {"<!doctype html>"}
      <html lang="en" data-theme={theme} data-times={props.times}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="description" content="Which telescopes are unavailable, when, and why." />
          {theme === "system" ? systemColors : <meta name="theme-color" content={themeColors[theme]} />}
          {/* Responses with the statuses in `noSwap` are whole pages, not parts. Morphing keeps `open`, so that open
              sections stay open. */}
          <meta
            name="htmx-config"
            content='{"includeIndicatorCSS":false,"noSwap":[204,304,400,401,403,404,413,429,"5xx"],"morphIgnore":["data-htmx-powered","open"],"morphScanLimit":100}'
          />
          <title safe>{`${title} · ${name}`}</title>
          <link rel="icon" href={assets["icon.svg"]} type="image/svg+xml" />
          <link rel="apple-touch-icon" href={assets["icon.png"]} />
          <link rel="stylesheet" href={assets["styles.css"]} />
          <script src={assets["htmx.min.js"]} defer></script>
          <script src={assets["page.js"]} defer></script>
          {live ? (
            <>
              <script src={assets["stream.js"]} defer></script>
              <script src={assets["live.js"]} defer></script>
            </>
          ) : null}
        </head>
        <body data-live={live ? assets["stream.js"] : false}>
          <a class="skip" href="#main">
            Skip to content
          </a>
          <Header {...props} />
          {banner ? (
            <aside class="banner" aria-label="Notice" safe>
              {banner}
            </aside>
          ) : null}
          {live ? <p class="age" id="age" role="alert" hidden></p> : null}
          <p class="message error" id="trouble" role="alert" hidden></p>
          <main id="main" tabindex="-1">
            {props.notice ? <Notice text={props.notice} /> : null}
            {children}
          </main>
          <Footer />
          <Shortcuts mayCreate={props.visitor.mayCreate} />
        </body>
      </html>
    </>
  );
}

function Header({ visitor, theme, times, path, logoUrl, live }: LayoutProps): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href="/">
        {logoUrl ? <img src={plain(logoUrl)} alt="" height="28" /> : null}
        <span>{name}</span>
      </a>
      {live ? (
        <p class="live" id="live" hidden>
          <span class="lamp" aria-hidden="true"></span> <span id="live-text">Connecting…</span>
        </p>
      ) : null}
      <details class="menu">
        <summary class="button">Menu</summary>
        <div class="entries">
          <nav aria-label="Service">
            {sections
              .filter(({ isStaffOnly }) => !isStaffOnly || (visitor.user && visitor.mayCreate))
              .map(({ href, label }) => (
                <a href={href} aria-current={currentOf(href, path)} safe>
                  {label}
                </a>
              ))}
          </nav>
          <form class="times" method="post" action="/theme" aria-label="Local times">
            <input type="hidden" name="next" value={plain(path)} />
            {timesChoices.map((value) => (
              <button
                type="submit"
                class="quiet"
                name="times"
                value={value}
                aria-pressed={String(value === times)}
                hidden={value === "mine"}
              >
                {timesNames[value]}
              </button>
            ))}
          </form>
          <details class="choice">
            <summary>Theme</summary>
            <form method="post" action="/theme">
              <input type="hidden" name="next" value={plain(path)} />
              {themes.map((value) => (
                <button type="submit" class="quiet" name="theme" value={value} aria-pressed={String(value === theme)}>
                  {themeNames[value]}
                </button>
              ))}
            </form>
          </details>
          <UserMenu visitor={visitor} path={path} />
        </div>
      </details>
    </header>
  );
}

const sections = [
  { href: "/", label: "Schedule" },
  { href: "/admin/now", label: "Close now", isStaffOnly: true },
  { href: "/admin/downtimes", label: "Downtimes", isStaffOnly: true },
  { href: "/admin/series", label: "Series", isStaffOnly: true },
  { href: "/report", label: "Reports" },
  { href: "/activity", label: "Activity" },
  { href: "/docs/", label: "API docs" },
];

/** `page` for a link to the page itself, `true` for one to the section that the page is in. */
function currentOf(href: string, path: string): "page" | "true" | false {
  const [pathname = ""] = path.split("?");
  if (pathname === href) return "page";
  return href !== "/" && pathname.startsWith(href) && "true";
}

function UserMenu({ visitor: { user, csrf }, path }: Pick<LayoutProps, "visitor" | "path">): JSX.Element {
  if (!user) return <a href={`/admin/sign-in?next=${encodeURIComponent(path)}`}>Sign in</a>;
  return (
    <details class="choice">
      <summary aria-label={plain(`Account: ${user.name}`)} safe>
        {user.name}
      </summary>
      <form method="post" action="/admin/sign-out">
        <input type="hidden" name="csrf" value={csrf ?? ""} />
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </details>
  );
}

export function Notice({ text }: { text: string }): JSX.Element {
  return (
    <p class="message warning" role="alert" safe>
      {text}
    </p>
  );
}

function Footer(): JSX.Element {
  return (
    <footer>
      <p>
        All times are UTC (Z). Press <kbd>?</kbd> for shortcuts. <a href="/why">Check availability</a>
      </p>
    </footer>
  );
}

const shortcuts = [
  ["/", "Search reasons"],
  ["n", "New downtime"],
  ["j / k", "Next / previous row"],
  ["Enter", "Open downtime"],
  ["Esc", "Close menu"],
  ["?", "Show keyboard shortcuts"],
] as const;

function Shortcuts({ mayCreate }: Pick<Visitor, "mayCreate">): JSX.Element {
  return (
    <dialog id="keys" data-may-create={mayCreate} aria-labelledby="keys-title">
      <h2 id="keys-title">Keyboard shortcuts</h2>
      <dl>
        {shortcuts
          .filter(([key]) => key !== "n" || mayCreate)
          .map(([key, meaning]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </>
          ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
