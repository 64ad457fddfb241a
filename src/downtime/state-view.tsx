/** @jsxImportSource @kitajs/html */
/** The state, the window and the end of a downtime, as people read them. */

import { fromNow, inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { dayOf, Time } from "../ui/instants.tsx";
import type { Downtime, State } from "./downtime.ts";
import { isQuestionable, type UntilNotice, untilNoticeWords } from "./until-notice.ts";

/** How a downtime stands in words: `now, ends in 20 min`. */
export function standing(
  state: State,
  { id, start, end }: Pick<Downtime, "id" | "start" | "end">,
  now: Instant,
  untilNotice: UntilNotice,
): string {
  if (state === "now" && untilNotice.has(id))
    return isQuestionable({ id }, untilNotice, now) ? `${untilNoticeWords} · still closed?` : untilNoticeWords;
  if (state === "now") return `ends ${fromNow(end, now)}`;
  return state === "upcoming" ? `starts ${fromNow(start, now)}` : `ended ${fromNow(end, now)}`;
}

/** A state by a word, a shape and a colour. */
export function StateMark({ state }: { state: State }): JSX.Element {
  return <span class={`state ${state}`}>{state}</span>;
}

/** `Sun 2026-11-22 08:15–08:45Z`; the second date too where it is another one. */
export function spellWindow(start: Instant, end: Instant): string {
  const until =
    start.slice(0, 10) === end.slice(0, 10)
      ? spellInstant(end).slice(11)
      : `${dayOf(end)} ${spellInstant(end).slice(11)}`;
  return `${dayOf(start)} ${spellInstant(start).slice(11, -1)}–${until}`;
}

/** Until when a downtime lasts: `until 2026-11-22 08:15Z`, or until further notice. */
export const spellEnd = ({ id, end }: Pick<Downtime, "id" | "end">, untilNotice: UntilNotice): string =>
  untilNotice.has(id) ? untilNoticeWords : `until ${spellInstant(end)}`;

type EndProps = Parameters<typeof Time>[0] & { id: number; untilNotice: UntilNotice };

/** A downtime's end in UTC; none where it lasts until further notice. */
export function End({ id, untilNotice, ...moment }: EndProps): JSX.Element {
  return untilNotice.has(id) ? <span>{untilNoticeWords}</span> : <Time {...moment} />;
}

/** How long a downtime lasts; empty where it lasts until further notice. */
export const spellLength = ({ id, start, end }: Pick<Downtime, "id" | "start" | "end">, untilNotice: UntilNotice) =>
  untilNotice.has(id) ? "" : inWords(secondsBetween(start, end));
