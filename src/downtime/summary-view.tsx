/** @jsxImportSource @kitajs/html */
/** The summary below the form: telescope, times, duration, dark time, overlaps and warnings. */

import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import type { Downtime } from "./downtime.ts";
import type { FormErrors, summaryOf } from "./form-input.ts";
import { PlaceLink } from "./place-link-view.tsx";

export interface SummaryProps extends Awaited<ReturnType<typeof summaryOf>> {
  /** The current errors by field. The page's script removes messages of corrected fields. */
  readonly errors?: FormErrors;
}

export function Summary(props: SummaryProps): JSX.Element {
  const { where, start, end, invalidTimes: unread, now, notices, duplicate: same, isCopy, errors } = props;
  return (
    <section
      class="preview"
      id="summary"
      aria-label="Summary"
      aria-live="polite"
      data-errors={errors ? plain(JSON.stringify(errors)) : undefined}
    >
      <p class="what">
        <strong>{where.site ? <PlaceLink {...where} /> : "Select a telescope"}</strong>
        {start && end && start < end ? <Window {...props} start={start} end={end} /> : null}
      </p>
      {unread.length > 0 ? (
        <p class="muted">
          Not a valid date and time: <bdi safe>{unread.join(", ")}</bdi>
        </p>
      ) : null}
      {start && end && end <= start ? <p class="message warning">End must be after start.</p> : null}
      {end && end <= now ? <p class="message warning">This downtime is entirely in the past.</p> : null}
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
          An identical downtime already exists (<a href={`/downtimes/${same.id}`}>#{same.id}</a>).
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
      <span class="window both">
        <Time at={start} to={end} zone={zone} />
      </span>
      <span>
        <span safe>{inWords(seconds)}</span>
        {darkSeconds === undefined ? null : <span safe>{`, ${formatDark(darkSeconds, seconds)}`}</span>}
      </span>
    </>
  );
}

const formatDark = (dark: number, all: number) =>
  dark === 0 ? "no dark time" : dark === all ? "all dark time" : `${inWords(dark)} of dark time`;

function Overlaps({ overlaps, start, end, zone }: SummaryProps): JSX.Element | null {
  if (overlaps.length === 0 || !start || !end) return null;
  const maxListed = 5;
  return (
    <div class="message warning">
      <p>Overlaps with:</p>
      <ul>
        {overlaps.slice(0, maxListed).map((other) => (
          <li>
            <a href={`/downtimes/${other.id}`} class="moment">
              <Time at={other.start} to={other.end} zone={zone} />
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
        {overlaps.length > maxListed ? <li>and {overlaps.length - maxListed} more</li> : null}
      </ul>
    </div>
  );
}

const sharedSeconds = (other: Downtime, start: Instant, end: Instant) =>
  secondsBetween(other.start > start ? other.start : start, other.end < end ? other.end : end);
