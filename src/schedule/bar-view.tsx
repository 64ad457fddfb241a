/** @jsxImportSource @kitajs/html */
/** A bar of the timeline: a downtime, with a link to it. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: a bar is named by its link

import { describePlace } from "../downtime/downtime.ts";
import { spellLength } from "../downtime/state-view.tsx";
import { type UntilNotice, untilNoticeWords } from "../downtime/until-notice.ts";
import { shorten } from "../input/text.ts";
import { spellInstant } from "../time/instant.ts";
import type { Span } from "../time/window.ts";
import { type Across, percent } from "../ui/axis.tsx";
import { spellLocal } from "../ui/instants.tsx";
import type { TimelineBar } from "./timeline.ts";

/** In pixels, with the gap to the next lane. */
export const laneHeight = 13;

/** A bar's least width in per cent: half an hour of a month must still be seen, and hit. */
const thinnest = 0.3;
/** The width over which a bar holds its text. */
const leastLabelled = 4;

interface BarProps {
  readonly bar: TimelineBar;
  readonly top: number;
  readonly zone: string | undefined;
  readonly window: Span;
  readonly across: Across;
  readonly untilNotice?: UntilNotice;
}

export function BarLink({ bar, top, zone, window, across, untilNotice = new Map() }: BarProps): JSX.Element {
  const { downtime, state, lane } = bar;
  const left = downtime.start > window.from ? across(downtime.start) : 0;
  const right = downtime.end < window.to ? across(downtime.end) : 100;
  const part = downtime.instrument_type ? " part" : "";
  const place = {
    x: percent(left),
    y: top + 2 + lane * laneHeight,
    width: percent(Math.max(right - left, thinnest)),
    height: laneHeight - 1,
  };
  return (
    <a href={`/downtimes/${downtime.id}`} class={`bar ${state}${part}`} id={`b${downtime.id}`}>
      <title safe>{describe(bar, zone, untilNotice)}</title>
      <rect {...place} />
      {part ? <rect class="hatched" {...place} /> : null}
      {right - left > leastLabelled ? (
        <svg {...place}>
          <text x="4" y="10" safe>
            {shorten(downtime.reason || downtime.instrument_type, 60)}
          </text>
        </svg>
      ) : null}
    </a>
  );
}

/** What a bar says on hover and on focus. */
function describe({ downtime, state }: TimelineBar, zone: string | undefined, untilNotice: UntilNotice): string {
  const { start, end, reason } = downtime;
  const local = zone ? `, ${spellLocal(start, zone)}` : "";
  const length = spellLength(downtime, untilNotice);
  const window = length
    ? `${spellInstant(start)} to ${spellInstant(end)}${local}, ${length}`
    : `${spellInstant(start)}${local} ${untilNoticeWords}`;
  return `${describePlace(downtime)}, ${state}: ${shorten(reason, 200) || "no reason given"}, ${window}`;
}
