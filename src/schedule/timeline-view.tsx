/** @jsxImportSource @kitajs/html */
/** The timeline: a row per telescope, with downtimes as bars over the site's day and night. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the heading labels the chart, and each link contains its title

import { PlaceLink, stateNames } from "../downtime/fields-view.tsx";
import { moved, toMillis } from "../time/instant.ts";
import { type Window, type WindowKind, windowKinds } from "../time/interval.ts";
import { Axis, acrossOf, linesOf, percent, stretched, strokesOf } from "../ui/axis.tsx";
import { Chips } from "../ui/chips.tsx";
import { href, withParameters } from "../ui/link.ts";
import { BarLink, laneHeight } from "./bar-view.tsx";
import type { Schedule } from "./schedule.ts";
import type { TimelineGroup } from "./timeline.ts";

interface TimelineProps extends Pick<Schedule, "now" | "untilNotice">, NonNullable<Schedule["timeline"]> {
  /** The query of the schedule; undefined on other pages, which show one window only. */
  readonly query?: URLSearchParams;
  readonly window: Window;
}

// Vertical sizes are pixels; horizontal ones are percentages, so that the text isn't stretched.
const axisHeight = 20;
const rowPadding = 4;
const groupGap = 5;

/** Formats the window's dates, such as `25 Nov – 1 Dec 2026 (UTC)`; a day's window also has times. */
function spellRange({ kind, from, to }: Window): string {
  const timeStyle = kind === "night" ? "short" : undefined;
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle, timeZone: "UTC" });
  // The last day is named; times are those of the window.
  return `${format.formatRange(toMillis(from), toMillis(to) - (timeStyle ? 0 : 1))} (UTC)`;
}

function positioned(groups: readonly TimelineGroup[]) {
  let y = axisHeight;
  const placed = groups.map((group) => {
    const top = y;
    const rows = group.rows.map((row) => {
      const at = y;
      y += row.lanes * laneHeight + rowPadding;
      return { ...row, top: at };
    });
    const height = y - top;
    y += groupGap;
    return { ...group, top, height, rows };
  });
  return { placed, height: y };
}

export function Timeline({ query, window, groups, now, hiddenCount, untilNotice }: TimelineProps): JSX.Element {
  const { placed, height } = positioned(groups);
  const across = acrossOf(window);
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <div class="toolbar">
        <h2 id="timeline-title" safe>
          {spellRange(window)}
        </h2>
        {query ? <WindowLinks query={query} window={window} /> : null}
        <a class="skip" href="#table">
          Skip timeline
        </a>
      </div>
      <div class="picture">
        <svg class="labels" width="112" height={height} aria-label="Telescopes">
          {placed.map((group) => (
            <Labels {...group} />
          ))}
        </svg>
        <section class="scroll" tabindex="0" aria-label="Timeline">
          <svg class="chart" aria-labelledby="timeline-title" width="100%" height={height}>
            <defs>
              <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="hatch" width="2" height="6" />
              </pattern>
            </defs>
            {placed.map(({ shades, top, height }) => (
              <>
                <rect class="day" y={top} width="100%" height={height} />
                {/* One path per depth. */}
                <svg y={top} width="100%" height={height} {...stretched}>
                  {shades.map((spans) => (
                    <path class="dark" d={strokesOf(spans.map(({ start, end }) => [across(start), across(end)]))} />
                  ))}
                </svg>
              </>
            ))}
            <Axis lines={linesOf(window)} across={across} axisHeight={axisHeight} height={height} />
            {placed.flatMap(({ zone, rows }) =>
              rows.flatMap(({ top, bars }) =>
                bars.map((bar) => <BarLink {...{ bar, top, zone, window, across, untilNotice }} />),
              ),
            )}
            {window.from <= now && now < window.to ? (
              <g class="nowline">
                <line x1={percent(across(now))} x2={percent(across(now))} y1={axisHeight - 4} y2={height} />
              </g>
            ) : null}
          </svg>
        </section>
      </div>
      <Legend />
      <p id="bar-text" class="muted" aria-hidden="true">
        &nbsp;
      </p>
      {hiddenCount > 0 ? (
        <p safe>{`${hiddenCount.toLocaleString("en")} more not shown. Narrow the filters to see them.`}</p>
      ) : null}
    </section>
  );
}

/** The legend. Hidden from screen readers, because the table has the same information as text. */
function Legend(): JSX.Element {
  const names = { ...stateNames, part: "Single instrument" };
  return (
    <p class="legend muted" aria-hidden="true">
      {Object.entries(names).map(([kind, name]) => (
        <span>
          <svg width="18" height="12">
            <g class={`bar ${kind}`}>
              <rect x="1" y="1" width="16" height="10" />
              {kind === "part" ? <rect class="hatched" x="1" y="1" width="16" height="10" /> : null}
            </g>
          </svg>{" "}
          <span safe>{name}</span>
        </span>
      ))}
      <span>
        <svg width="36" height="12">
          <rect class="day" width="100%" height="100%" />
          {[0, 1, 2, 3].map((depth) => (
            <rect class="dark" x={7 * (depth + 1)} width="100%" height="100%" />
          ))}
        </svg>{" "}
        Day, twilight, night
      </span>
    </p>
  );
}

const windowNames: Readonly<Record<WindowKind, string>> = { night: "Day", week: "Week", month: "Month" };

function WindowLinks({ query, window }: Required<Pick<TimelineProps, "query" | "window">>): JSX.Element {
  const { kind, from, to } = window;
  const step = toMillis(to) - toMillis(from);
  const at = (changes: Record<string, string | undefined>) => href("/", withParameters(query, changes));
  const by = (millis: number) => at({ window: kind, from: moved(from, millis) });
  const chips = [
    { id: "window-earlier", name: "‹ Previous", href: by(-step) },
    ...windowKinds.map((name) => {
      return { id: `window-${name}`, name: windowNames[name], href: at({ window: name }), isCurrent: name === kind };
    }),
    { id: "window-later", name: "Next ›", href: by(step) },
    query.has("from") ? { id: "window-now", name: "Today", href: at({ from: undefined }) } : undefined,
  ];
  return <Chips label="Timeline range" chips={chips} />;
}

const Labels = ({ site, rows, top }: ReturnType<typeof positioned>["placed"][number]): JSX.Element => (
  <>
    <PlaceLink site={site}>
      <text class="site" x="0" y={top + 12} safe>
        {site}
      </text>
    </PlaceLink>
    {rows.map(({ enclosure, telescope, top }) => (
      <PlaceLink site={site} enclosure={enclosure} telescope={telescope}>
        <text x="34" y={top + 12} safe>
          {`${enclosure} ${telescope}`}
        </text>
      </PlaceLink>
    ))}
  </>
);
