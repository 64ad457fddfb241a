/** @jsxImportSource @kitajs/html */
/** A bar of the timeline: a downtime, linked to its page. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the link contains the title

import { describePlace } from "../downtime/downtime.ts";
import { categoryShapes, spellLength, stateNames } from "../downtime/fields-view.tsx";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import { shorten } from "../input/text.ts";
import { spellInstant } from "../time/instant.ts";
import type { Span } from "../time/interval.ts";
import { type Across, percent } from "../ui/axis.tsx";
import { spellLocal } from "../ui/instants.tsx";
import type { TimelineBar } from "./timeline.ts";

/** Pixels per lane, including the gap to the next one. */
export const laneHeight = 13;

/** Minimum width in percent, so that half an hour in a month can be seen and clicked. */
const minWidth = 0.3;
/** Minimum width in percent of a bar with text. */
const minLabelledWidth = 4;

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
  const { category } = downtime;
  const left = downtime.start > window.from ? across(downtime.start) : 0;
  const right = downtime.end < window.to ? across(downtime.end) : 100;
  const part = downtime.instrument_type ? " part" : "";
  const rect = {
    x: percent(left),
    y: top + 2 + lane * laneHeight,
    width: percent(Math.max(right - left, minWidth)),
    height: laneHeight - 1,
  };
  return (
    <a href={`/downtimes/${downtime.id}`} class={`bar ${state}${part}`} id={`b${downtime.id}`}>
      <title safe>{describe(bar, zone, untilNotice)}</title>
      <rect {...rect} />
      {part ? <rect class="hatched" {...rect} /> : null}
      {right - left > minLabelledWidth ? (
        <svg {...rect}>
          {category ? (
            <text class={`category ${category}`} x="3" y="10" safe>
              {categoryShapes[category]}
            </text>
          ) : null}
          <text x={category ? "16" : "4"} y="10" safe>
            {shorten(downtime.reason || downtime.instrument_type, 60)}
          </text>
        </svg>
      ) : null}
    </a>
  );
}

/** The text shown on hover and focus. */
function describe({ downtime, state }: TimelineBar, zone: string | undefined, untilNotice: UntilNotice): string {
  const { start, end, reason, category } = downtime;
  const local = zone ? `, ${spellLocal(start, zone)}` : "";
  const length = spellLength(downtime, untilNotice);
  const window = length
    ? `${spellInstant(start)} to ${spellInstant(end)}${local}, ${length}`
    : `${spellInstant(start)}${local} ${untilNoticeText}`;
  return `${describePlace(downtime)}, ${stateNames[state].toLowerCase()}: ${category ? `${category}, ` : ""}${shorten(reason, 200) || "No reason"}, ${window}`;
}
