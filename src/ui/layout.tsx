/** @jsxImportSource @kitajs/html */
/** The layout of every page: header, banner, content and footer. */

import type { Children } from "@kitajs/html";
import type { Visitor } from "../auth/user.ts";
import { Header, serviceName } from "./header.tsx";
import type { PageContext } from "./page-context.ts";
import { Token } from "./token.tsx";

interface LayoutProps extends PageContext {
  readonly title: string;
  /** Set if the page updates itself when something changes: an ordinary page, or one on a wall, without menus. */
  readonly live?: "page" | "kiosk";
  readonly children: Children;
}

/** The colours of the header, for the browser's own bars. */
const themeColors = { light: "#ffffff", dark: "#18202b", red: "#100000" };
const systemColors =
  '<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)"><meta name="theme-color" content="#18202b" media="(prefers-color-scheme: dark)">';

/** Returns the title that browsers show. */
export const titleOf = (title: string): string => `${title} · ${serviceName}`;

export function Layout(props: LayoutProps): JSX.Element {
  const { title, theme, assets, banner, live, children, visitor, path, safeToast } = props;
  return (
    <>
      {"<!doctype html>"}
      <html lang="en" data-base="/" data-theme={theme} data-times={props.times}>
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
          <title safe>{titleOf(title)}</title>
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
        <body class={live} data-live={live ? assets["stream.js"] : false}>
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
            {safeToast}
            {props.notice ? <Notice text={props.notice} /> : null}
            {children}
          </main>
          <Footer />
          <Shortcuts mayCreate={visitor.mayCreate} />
          {/* Buttons anywhere on the page submit this form. */}
          <form id="row" method="post">
            {visitor.csrf ? <Token csrf={visitor.csrf} next={path} /> : null}
          </form>
        </body>
      </html>
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
        All times are UTC (Z). Press <kbd>?</kbd> for shortcuts. <a href="/why">Check availability</a>
      </p>
    </footer>
  );
}

const shortcuts = [
  ["/", "Search reasons"],
  ["n", "New downtime"],
  ["c", "Close now"],
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
          .filter(([key]) => mayCreate || !["n", "c"].includes(key))
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
