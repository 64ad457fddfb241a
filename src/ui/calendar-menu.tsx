/** @jsxImportSource @kitajs/html */
/** The ways to subscribe to a calendar feed. */

import { href, plain } from "./link.ts";

/**
 * A menu with the feed's address to copy (`page.js`), and links that open it in calendar apps.
 * @param origin the service's address without a slash at its end, as browsers see it
 */
export function CalendarMenu({ query, origin }: { query: URLSearchParams; origin: string }): JSX.Element {
  const address = `${origin}/calendar.ics${query.size > 0 ? `?${query}` : ""}`;
  const webcal = address.replace(/^https?:/, "webcal:");
  const apps = [
    ["Google Calendar", `https://calendar.google.com/calendar/r?${new URLSearchParams({ cid: webcal })}`],
    ["Outlook", `https://outlook.office.com/calendar/0/addfromweb?${new URLSearchParams({ url: address })}`],
    ["Apple Calendar", webcal],
  ] as const;
  return (
    <details class="choice calendar-menu">
      <summary>Subscribe</summary>
      <div>
        <label for="calendar-link">Calendar link</label>
        <div class="actions">
          <input id="calendar-link" value={plain(address)} readonly />
          <button type="button" id="copy-link" hidden>
            Copy link
          </button>
        </div>
        <ul>
          {apps.map(([name, to]) => (
            <li>
              <a href={plain(to)} rel="noreferrer">
                {name}
              </a>
            </li>
          ))}
          <li>
            <a href={href("/calendar.ics", query)} type="text/calendar" download="downtimes.ics">
              Download once
            </a>
          </li>
        </ul>
        <p class="hint">A subscribed calendar updates itself. A downloaded file doesn't.</p>
      </div>
    </details>
  );
}
