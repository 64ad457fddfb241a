/** @jsxImportSource @kitajs/html */
/** The layout of every page: header, banner, content and footer. */

import type { Children } from "@kitajs/html";
import type { Visitor } from "../auth/user.ts";
import { plain } from "./attribute.ts";

/** The colour themes: the system's light or dark mode, or red only, which keeps eyes adapted to the dark. */
export const themes = ["system", "red"] as const;
export type Theme = (typeof themes)[number];

/** The URLs of the page's style sheet and scripts. */
export interface Assets {
  readonly "styles.css": string;
  readonly "icon.svg": string;
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

export function Layout(props: LayoutProps): JSX.Element {
  const { title, theme, assets, banner, live, children } = props;
  return (
    <>
      {"<!doctype html>"}
      <html lang="en" data-theme={theme}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content={theme === "red" ? "dark" : "light dark"} />
          {/* Responses with the statuses in `noSwap` are whole pages, not parts. Morphing keeps `open`, so that open
              sections stay open. */}
          <meta
            name="htmx-config"
            content='{"includeIndicatorCSS":false,"noSwap":[204,304,400,401,403,404,413,429,"5xx"],"morphIgnore":["data-htmx-powered","open"],"morphScanLimit":100}'
          />
          <title safe>{`${title} · ${name}`}</title>
          <link rel="icon" href={assets["icon.svg"]} type="image/svg+xml" />
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
            <p class="banner" role="note" safe>
              {banner}
            </p>
          ) : null}
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

function Header({ visitor, theme, path, logoUrl, live }: LayoutProps): JSX.Element {
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
      <nav aria-label="Service">
        <a href="/why">Availability</a>
        <a href="/report">Reports</a>
        <a href="/docs/">API docs</a>
        <form method="post" action="/theme">
          <input type="hidden" name="next" value={plain(path)} />
          <button type="submit" class="quiet" name="theme" value={theme === "red" ? "system" : "red"}>
            {theme === "red" ? "Exit red mode" : "Red night mode"}
          </button>
        </form>
        <UserMenu visitor={visitor} path={path} />
      </nav>
    </header>
  );
}

function UserMenu({ visitor: { user, csrf, mayCreate }, path }: Pick<LayoutProps, "visitor" | "path">): JSX.Element {
  if (!user) return <a href={`/admin/sign-in?next=${encodeURIComponent(path)}`}>Sign in</a>;
  return (
    <>
      {mayCreate ? (
        <>
          <a href="/admin/downtimes/new">New downtime</a>
          <a href="/admin/downtimes">Downtimes</a>
          <a href="/admin/now">Close now</a>
        </>
      ) : null}
      <form method="post" action="/admin/sign-out">
        <input type="hidden" name="csrf" value={csrf ?? ""} />
        <span class="who" safe>
          {user.name}
        </span>
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </>
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
        All times are UTC (Z). Press <kbd>?</kbd> for shortcuts.
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
