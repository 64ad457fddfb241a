/** @jsxImportSource @kitajs/html */
/** A bar of the timeline: a downtime, linked to its page; or a cluster of them, linked to their list. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the link contains the title

import { type Downtime, describePlace, spellReason } from "../downtime/downtime.ts";
import { categoryShapes, spellDuration, stateNames } from "../downtime/fields-view.tsx";
import { type UntilNotice, untilNoticeText } from "../downtime/state.ts";
import { shorten } from "../input/text.ts";
import { spellInstant } from "../time/instant.ts";
import type { Span } from "../time/interval.ts";
import { type Across, percent, stretched, strokesOf } from "../ui/axis.tsx";
import { spellLocal, spellWindow } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import type { TimelineBar } from "./timeline.ts";

/** The height of a bar in pixels; that of its rectangles is in `styles.css`. */
const barHeight = 12;
export const laneHeight = barHeight + 1;

/** Minimum width in percent, so that half an hour in a month can be seen and clicked. */
const minWidth = 0.3;
/** Minimum width in percent of a bar with text. */
const minLabelledWidth = 4;
/** Categories of a cluster to name, so that the page stays light. Its label has the shapes of all. */
const maxNamed = 2;

interface BarProps {
  readonly bar: TimelineBar;
  readonly top: number;
  readonly zone: string | undefined;
  readonly window: Span;
  readonly across: Across;
  readonly untilNotice: UntilNotice;
}

export function BarLink(props: BarProps): JSX.Element {
  const { bar, top, window, across } = props;
  const { downtimes, state, end, lane } = bar;
  const [{ id, start, instrument_type }, ...others] = downtimes;
  const [left, right] = edgesOf({ start, end }, window, across);
  const rect = { x: percent(left), y: top + 2 + lane * laneHeight, width: percent(right - left) };
  const isLabelled = right - left > minLabelledWidth;
  if (others.length > 0)
    return (
      <a href={listOf(downtimes)} class={`bar many ${state}`} id={`b${id}`}>
        <title safe>{describe(props)}</title>
        <rect {...rect} />
        <Lines {...props} y={rect.y} />
        {isLabelled ? (
          <text x={rect.x} y={rect.y + 10} safe>{`${shapesOf(downtimes)} ${downtimes.length}`}</text>
        ) : null}
      </a>
    );
  return (
    <a href={`/downtimes/${id}`} class={`bar ${state}${instrument_type && " part"}`} id={`b${id}`}>
      <title safe>{describe(props)}</title>
      <rect {...rect} />
      {instrument_type ? <rect class="hatched" {...rect} /> : null}
      {isLabelled ? (
        <svg height={barHeight} {...rect}>
          <Label downtime={downtimes[0]} />
        </svg>
      ) : null}
    </a>
  );
}

function edgesOf({ start, end }: Pick<Downtime, "start" | "end">, { from, to }: Span, across: Across) {
  const left = start > from ? across(start) : 0;
  return [left, Math.max(end < to ? across(end) : 100, left + minWidth)] as const;
}

/** A line for each downtime of a cluster: a thin one for a single instrument. */
function Lines({ bar: { downtimes }, window, across, y }: BarProps & { readonly y: number }): JSX.Element {
  const [whole, part] = [true, false].map((isWhole) =>
    downtimes.filter((one) => (one.instrument_type === "") === isWhole),
  );
  const lines = (of: readonly Downtime[] = []) => strokesOf(of.map((one) => edgesOf(one, window, across)));
  return (
    <svg y={y} height={barHeight} {...stretched}>
      {whole?.length ? <path d={lines(whole)} /> : null}
      {part?.length ? <path class="part" d={lines(part)} /> : null}
    </svg>
  );
}

function Label({ downtime: { category, reason, instrument_type } }: { readonly downtime: Downtime }): JSX.Element {
  return (
    <>
      {category ? (
        <text class={`category ${category}`} x="3" y="10" safe>
          {categoryShapes[category]}
        </text>
      ) : null}
      <text x={category ? "16" : "4"} y="10" safe>
        {shorten(reason || instrument_type, 60)}
      </text>
    </>
  );
}

const categoriesOf = (downtimes: readonly Downtime[]) => [
  ...new Set(downtimes.flatMap(({ category }) => category ?? [])),
];
const shapesOf = (downtimes: readonly Downtime[]) =>
  categoriesOf(downtimes)
    .map((category) => categoryShapes[category])
    .join("");

/** The text shown on hover and focus. */
function describe({ bar, zone, untilNotice }: BarProps): string {
  const { downtimes, state } = bar;
  const [{ id, start, end, reason, category, instrument_type, ...place }, ...others] = downtimes;
  const about = (what: string, type: string) =>
    `${describePlace({ ...place, instrument_type: type })}, ${stateNames[state].toLowerCase()}: ${what}`;
  const categories = categoriesOf(downtimes);
  const named = [...(categories.length > maxNamed ? [] : categories), `${downtimes.length} downtimes`].join(", ");
  if (others.length > 0) return `${about(named, "")}, ${spellWindow(start, bar.end)}`;
  const parts = [
    about(`${category ? `${category}, ` : ""}${shorten(spellReason(reason), 200)}`, instrument_type),
    `${spellInstant(start)} ${untilNotice.has(id) ? untilNoticeText : `to ${spellInstant(end)}`}`,
    zone && spellLocal(start, zone),
    spellDuration({ id, start, end }, untilNotice),
  ];
  return parts.filter(Boolean).join(", ");
}

/** The address of the list of a cluster's downtimes. */
function listOf(downtimes: TimelineBar["downtimes"]): string {
  const [{ site, enclosure, telescope, start }] = downtimes;
  const places = new URLSearchParams({ site, enclosure, telescope });
  return plain(`/?${places}&starts_after=${start}&starts_before=${downtimes.at(-1)?.start ?? start}`);
}
