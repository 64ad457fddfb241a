/** @jsxImportSource @kitajs/html */
/** The preview of one downtime: telescope, times, duration, dark time, overlaps and warnings. */

import { inWords, secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import { PlaceLink } from "./fields-view.tsx";
import type { summaryOf } from "./form-input.ts";

export type SummaryProps = Awaited<ReturnType<typeof summaryOf>> & { readonly now: Instant };

export function Summary(props: SummaryProps): JSX.Element {
  const { draft, zone, darkSeconds, now, notices, duplicate } = props;
  const { start, end } = draft;
  const seconds = secondsBetween(start, end);
  const dark = darkSeconds === undefined ? "" : `, ${formatDark(darkSeconds, seconds)}`;
  return (
    <>
      <p class="what">
        <strong>
          <PlaceLink {...draft} />
        </strong>
        <span class="both">
          <Time at={start} to={end} zone={zone} />
        </span>
        <span safe>{inWords(seconds) + dark}</span>
      </p>
      {[...notices, ...(end <= now ? ["This downtime is entirely in the past."] : [])].map((notice) => (
        <Line class="message warning" text={notice} />
      ))}
      {duplicate ? (
        <p class="message warning">
          An identical downtime already exists (<a href={`/downtimes/${duplicate.id}`}>#{duplicate.id}</a>). Edit this
          one, then save.
        </p>
      ) : (
        <Overlaps {...props} />
      )}
    </>
  );
}

const formatDark = (dark: number, all: number) =>
  dark === 0 ? "no dark time" : dark === all ? "all dark time" : `${inWords(dark)} of dark time`;

function Overlaps({ overlaps, zone }: SummaryProps): JSX.Element | null {
  if (overlaps.length === 0) return null;
  const maxListed = 5;
  return (
    <div class="message warning">
      <p>Overlaps with:</p>
      <ul>
        {overlaps.slice(0, maxListed).map((other) => (
          <li>
            <a href={`/downtimes/${other.id}`} class="time">
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
          </li>
        ))}
        {overlaps.length > maxListed ? <li>and {overlaps.length - maxListed} more</li> : null}
      </ul>
    </div>
  );
}
