/** @jsxImportSource @kitajs/html */
/** Instants and states, as people read them. */

import type { Downtime } from "../domain/downtime.ts";
import { inWords, secondsBetween } from "../domain/duration.ts";
import { type Instant, spellInstant } from "../domain/instant.ts";
import { type UntilNotice, untilNoticeWords } from "../domain/until-notice.ts";
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

/** Until when a downtime lasts: `until 2026-11-22 08:15Z`, or until further notice. */
export const spellEnd = ({ id, end }: Pick<Downtime, "id" | "end">, untilNotice: UntilNotice): string =>
  untilNotice.has(id) ? untilNoticeWords : `until ${spellInstant(end)}`;

type EndProps = Parameters<typeof Moment>[0] & { id: number; untilNotice: UntilNotice };

/** A downtime's end in UTC; none where it lasts until further notice. */
export function End({ id, untilNotice, ...moment }: EndProps): JSX.Element {
  return untilNotice.has(id) ? <span>{untilNoticeWords}</span> : <Moment {...moment} />;
}

/** How long a downtime lasts; empty where it lasts until further notice. */
export const spellLength = ({ id, start, end }: Pick<Downtime, "id" | "start" | "end">, untilNotice: UntilNotice) =>
  untilNotice.has(id) ? "" : inWords(secondsBetween(start, end));
