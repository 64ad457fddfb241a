/** @jsxImportSource @kitajs/html */
/** The summary of an entry before it is saved: how long, when at the site, how much of it is dark, what else is down then. */

import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";
import { plain } from "../ui/attribute.ts";
import type { Downtime } from "./downtime.ts";
import type { FormErrors } from "./form-input.ts";
import { spellWindow } from "./state-view.tsx";

export interface SummaryProps {
  /** The place in one line; empty as long as none is chosen. */
  readonly where: string;
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  /** What was typed for an instant and is none. */
  readonly unread: readonly string[];
  readonly now: Instant;
  /** The site's IANA zone, where ConfigDB tells it. */
  readonly zone?: string | undefined;
  /** Seconds of night in the window; undefined where nobody can say. */
  readonly darkSeconds?: number | undefined;
  /** What else is down on the same telescope at that time. */
  readonly overlaps: readonly Downtime[];
  /** The very same downtime, which is stored already. */
  readonly same?: Downtime | undefined;
  /** The form is a copy of that one, which isn't edited yet: no mistake so far. */
  readonly isCopy?: boolean;
  /** What ConfigDB says of the place. */
  readonly notices: readonly string[];
  /** What is wrong with the form's fields now, for its script: a text that is no longer true goes away. */
  readonly errors?: FormErrors;
}

export function Summary(props: SummaryProps): JSX.Element {
  const { where, start, end, unread, now, notices, same, isCopy, errors } = props;
  return (
    <section
      class="preview"
      id="summary"
      aria-label="Summary"
      aria-live="polite"
      data-errors={errors ? plain(JSON.stringify(errors)) : undefined}
    >
      <p class="what">
        <strong safe>{where || "No telescope chosen yet"}</strong>
        {start && end && start < end ? <Window {...props} start={start} end={end} /> : null}
      </p>
      {unread.length > 0 ? (
        <p class="muted">
          Not an instant yet: <bdi safe>{unread.join(", ")}</bdi>
        </p>
      ) : null}
      {start && end && end <= start ? <p class="message warning">It would end before it starts.</p> : null}
      {end && end <= now ? <p class="message warning">This is over already.</p> : null}
      {notices.map((notice) => (
        <p class="message warning" safe>
          {notice}
        </p>
      ))}
      {same && isCopy ? (
        <p class="muted">
          A copy of <a href={`/downtimes/${same.id}`}>downtime {same.id}</a>. Edit it, then save.
        </p>
      ) : same ? (
        <p class="message error">
          The very same downtime is stored already: <a href={`/downtimes/${same.id}`}>number {same.id}</a>.
        </p>
      ) : (
        <Overlaps {...props} />
      )}
    </section>
  );
}

function Window({ start, end, zone, darkSeconds }: SummaryProps & { start: Instant; end: Instant }): JSX.Element {
  const seconds = secondsBetween(start, end);
  return (
    <>
      <span class="window" safe>
        {spellWindow(start, end)}
      </span>
      {zone ? <span safe>{`${spellLocalWindow(start, end, zone)} at the site`}</span> : null}
      <span>
        <span safe>{inWords(seconds)}</span>
        {darkSeconds === undefined ? null : <span safe>{`, ${spellDark(darkSeconds, seconds)}`}</span>}
      </span>
    </>
  );
}

const spellDark = (dark: number, all: number) =>
  dark === 0 ? "none of it dark" : dark === all ? "all of it dark" : `${inWords(dark)} of it dark`;

function spellLocalWindow(start: Instant, end: Instant, zone: string): string {
  const [from, to] = [localTime(start, zone), localTime(end, zone)];
  const offset = from.offset === to.offset ? "" : ` (UTC${from.offset})`;
  const date = from.date === start.slice(0, 10) && from.date === to.date ? "" : `${from.date} `;
  return `${date}${from.time}${offset}–${from.date === to.date ? "" : `${to.date} `}${to.time} (UTC${to.offset})`;
}

function Overlaps({ overlaps, start, end }: SummaryProps): JSX.Element | null {
  if (overlaps.length === 0 || !start || !end) return null;
  const most = 5;
  return (
    <div class="message warning">
      <p>Already down at that time:</p>
      <ul>
        {overlaps.slice(0, most).map((other) => (
          <li>
            <a href={`/downtimes/${other.id}`}>
              <span safe>{spellWindow(other.start, other.end)}</span>
            </a>
            {other.instrument_type ? <span safe>{`, ${other.instrument_type}`}</span> : null}
            {other.reason ? (
              <>
                {" for "}
                <bdi class="reason" safe>
                  {other.reason}
                </bdi>
              </>
            ) : null}
            <span safe>{` (overlap ${inWords(sharedSeconds(other, start, end))})`}</span>
          </li>
        ))}
        {overlaps.length > most ? <li>and {overlaps.length - most} more</li> : null}
      </ul>
    </div>
  );
}

const sharedSeconds = (other: Downtime, start: Instant, end: Instant) =>
  secondsBetween(other.start > start ? other.start : start, other.end < end ? other.end : end);
