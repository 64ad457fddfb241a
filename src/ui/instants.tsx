/** @jsxImportSource @kitajs/html */
/** Shows instants in UTC and in a site's local time. */

import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";

/** Formats local time, `19:15 local (UTC+11:00)`, with the date if it differs from the one in UTC. */
export function spellLocal(at: Instant, zone: string): string {
  const { date, time, offset } = localTime(at, zone);
  return `${date === at.slice(0, 10) ? "" : `${date} `}${time} local (UTC${offset.replace("-", "−")})`;
}

/** An instant in UTC, with the site's local time on hover and focus. */
export function Time({ at, zone }: { at: Instant; zone?: string | undefined }): JSX.Element {
  return (
    <>
      <time datetime={at} safe>
        {spellInstant(at)}
      </time>
      {zone ? (
        <span class="local" safe>
          {spellLocal(at, zone)}
        </span>
      ) : null}
    </>
  );
}

/** Formats a date with its weekday, in UTC: `Sun 2026-11-22`. */
export const dayOf = (at: Instant) => `${weekday.format(new Date(at))} ${at.slice(0, 10)}`;

const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
