/** @jsxImportSource @kitajs/html */
/** Shows instants in UTC and in a site's local time. */

import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";

/** Formats local time, `19:15 local (UTC+11:00)`, with the date if it differs from the one in UTC. */
export function spellLocal(at: Instant, zone: string): string {
  const { date, time, offset } = localTime(at, zone);
  return `${date === at.slice(0, 10) ? "" : `${date} `}${time} local (UTC${offset.replace("-", "−")})`;
}

/** Formats start and end: `Sun 2026-11-22 08:15–08:45Z`. The second date is omitted if it is the same. */
export function spellWindow(start: Instant, end: Instant): string {
  const until =
    start.slice(0, 10) === end.slice(0, 10)
      ? spellInstant(end).slice(11)
      : `${dayOf(end)} ${spellInstant(end).slice(11)}`;
  return `${dayOf(start)} ${spellInstant(start).slice(11, -1)}–${until}`;
}

/** Formats them in local time, with the dates that differ from the one in UTC. */
function spellLocalWindow(start: Instant, end: Instant, zone: string): string {
  const [from, to] = [localTime(start, zone), localTime(end, zone)];
  const offset = from.offset === to.offset ? "" : ` (UTC${from.offset.replace("-", "−")})`;
  const date = from.date === start.slice(0, 10) && from.date === to.date ? "" : `${from.date} `;
  return `${date}${from.time}${offset}–${from.date === to.date ? "" : `${to.date} `}${to.time} local (UTC${to.offset.replace("-", "−")})`;
}

/** Formats start and end in local time with their dates, `Tue 2026-12-01 09:00–15:00 (UTC−10:00)`; empty without a zone. */
export function spellLocalDates(start: Instant, end: Instant, zone: string | undefined): string {
  if (!zone) return "";
  const [from, to] = [localTime(start, zone), localTime(end, zone)];
  const until = from.date === to.date ? "" : `${dayOf(to.date)} `;
  return `${dayOf(from.date)} ${from.time}–${until}${to.time} (UTC${to.offset.replace("-", "−")})`;
}

interface TimeProps {
  readonly at: Instant;
  readonly to?: Instant;
  /** The time in UTC, if it is written in a shorter way. */
  readonly text?: string;
  readonly zone?: string | undefined;
}

/** An instant or a time range in UTC, with the local time on hover and focus, or below if the visitor selected it. */
export function Time({ at, to, text, zone }: TimeProps): JSX.Element {
  return (
    <>
      {/* `2026-11-22 08:15Z` needs no attribute. */}
      <time datetime={text || to ? at : undefined} safe>
        {text ?? (to ? spellWindow(at, to) : spellInstant(at))}
      </time>
      {zone ? (
        <span class="local" safe>
          {to ? spellLocalWindow(at, to, zone) : spellLocal(at, zone)}
        </span>
      ) : null}
    </>
  );
}

/** Formats a date, or that of an instant, with its weekday, in UTC: `Sun 2026-11-22`. */
export const dayOf = (at: string) => `${weekday.format(new Date(at))} ${at.slice(0, 10)}`;

const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
