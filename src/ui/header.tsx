/** @jsxImportSource @kitajs/html */
/** The header of every page: navigation, and the menus of times, themes and the user. */

import { plain } from "./link.ts";
import { type PageContext, themeNames, themes, timesChoices, timesNames } from "./page-context.ts";

/** The name of the service. */
export const serviceName = "Downtime";

type HeaderProps = PageContext & { readonly live?: unknown };

export function Header({ visitor, theme, times, path, logoUrl, live }: HeaderProps): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href="/">
        {logoUrl ? <img src={plain(logoUrl)} alt="" height="28" /> : null}
        <span>{serviceName}</span>
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

function UserMenu({ visitor: { user, csrf }, path }: Pick<PageContext, "visitor" | "path">): JSX.Element {
  if (!user) return <a href={`/admin/sign-in?next=${encodeURIComponent(path)}`}>Sign in</a>;
  return (
    <details class="choice">
      <summary aria-label={plain(`Account: ${user.name}`)} safe>
        {user.name}
      </summary>
      <form method="post" action="/admin/sign-out">
        <a href="/account">My account</a>
        {user.staff ? <a href="/admin/granted-nights">Granted nights</a> : null}
        {user.staff ? <a href="/admin/users">Users</a> : null}
        {user.staff ? <a href="/admin/notifications">Notifications</a> : null}
        <input type="hidden" name="csrf" value={csrf ?? ""} />
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </details>
  );
}
