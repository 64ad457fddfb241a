/** @jsxImportSource @kitajs/html */
/** Instants and states, as people read them. */

import type { Downtime, State } from "../domain/downtime.ts";
import { fromNow } from "../domain/duration.ts";
import { type Instant, spellInstant } from "../domain/instant.ts";
import { localTime } from "../domain/zone.ts";

/** `19:15 at the site, UTC+11:00`; the date too where it isn't the one in UTC. */
export function spellLocal(at: Instant, zone: string): string {
  const { date, time, offset } = localTime(at, zone);
  return `${date === at.slice(0, 10) ? "" : `${date} `}${time} at the site, UTC${offset}`;
}

/** An instant in UTC, with the site's time on hover and on focus. */
export function Moment({ at, zone }: { at: Instant; zone?: string | undefined }): JSX.Element {
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

/** How a downtime stands in words: `now, ends in 20 min`. */
export function standing(state: State, { start, end }: Pick<Downtime, "start" | "end">, now: Instant): string {
  if (state === "now") return `ends ${fromNow(end, now)}`;
  return state === "upcoming" ? `starts ${fromNow(start, now)}` : `ended ${fromNow(end, now)}`;
}

/** A state by a word, a shape and a colour. */
export function StateMark({ state }: { state: State }): JSX.Element {
  return <span class={`state ${state}`}>{state}</span>;
}
