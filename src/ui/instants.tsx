/** @jsxImportSource @kitajs/html */
/** Instants and states, as people read them. */

import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";

/** `19:15 at the site, UTC+11:00`; the date too where it isn't the one in UTC. */
export function spellLocal(at: Instant, zone: string): string {
  const { date, time, offset } = localTime(at, zone);
  return `${date === at.slice(0, 10) ? "" : `${date} `}${time} at the site, UTC${offset}`;
}

/** An instant in UTC, with the site's time on hover and on focus. */
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

export const dayOf = (at: Instant) => `${weekday.format(new Date(at))} ${at.slice(0, 10)}`;

export const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
