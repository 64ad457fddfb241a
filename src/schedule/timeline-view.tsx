/** @jsxImportSource @kitajs/html */
/** The timeline: telescopes down the side, time across, downtimes as bars over the sites' nights. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the picture is named by its heading, and each bar by its link

import type { UntilNotice } from "../downtime/until-notice.ts";
import { type Instant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { type Span, type Window, type WindowKind, windowKinds } from "../time/window.ts";
import { type Across, Axis, acrossOf, percent } from "../ui/axis.tsx";
import { href, withParameters } from "../ui/link.ts";
import { BarLink, laneHeight } from "./bar-view.tsx";
import type { TimelineGroup, TimelineRow } from "./timeline.ts";

interface TimelineProps {
  readonly query: URLSearchParams;
  readonly window: Window;
  readonly groups: readonly TimelineGroup[];
  readonly now: Instant;
  /** Downtimes of the window that there was no room for. */
  readonly left: number;
  readonly untilNotice: UntilNotice;
}

// All in pixels down the page; across it everything is a percentage, so that the letters keep their size.
const axisHeight = 20;
const rowPadding = 4;
const groupGap = 5;

const heightOf = ({ lanes }: TimelineRow) => lanes * laneHeight + rowPadding;

interface Placed {
  readonly group: TimelineGroup;
  readonly top: number;
  readonly height: number;
  readonly rows: readonly { readonly row: TimelineRow; readonly top: number }[];
}

function place(groups: readonly TimelineGroup[]): { readonly placed: readonly Placed[]; readonly height: number } {
  let y = axisHeight;
  const placed = groups.map((group) => {
    const top = y;
    const rows = group.rows.map((row) => {
      const at = y;
      y += heightOf(row);
      return { row, top: at };
    });
    const height = y - top;
    y += groupGap;
    return { group, top, height, rows };
  });
  return { placed, height: y };
}

export function Timeline({ query, window, groups, now, left, untilNotice }: TimelineProps): JSX.Element {
  const { placed, height } = place(groups);
  const across = acrossOf(window);
  return (
    <section class="timeline" aria-labelledby="timeline-title">
      <div class="toolbar">
        <h2 id="timeline-title" safe>
          {`${spellInstant(window.from)} to ${spellInstant(window.to)}`}
        </h2>
        <Windows query={query} window={window} />
        <a class="skip" href="#table">
          Skip the picture
        </a>
      </div>
      <div class="picture">
        <svg class="labels" width="112" height={height} role="img" aria-label="Telescopes">
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
            {placed.map(({ group, top, height }) => (
              <>
                <rect class="day" y={top} width="100%" height={height} />
                <Shades shades={group.shades} top={top} height={height} across={across} />
              </>
            ))}
            <Axis window={window} across={across} axisHeight={axisHeight} height={height} />
            {placed.map(({ group, rows }) =>
              rows.map(({ row, top }) =>
                row.bars.map((bar) => (
                  <BarLink
                    bar={bar}
                    top={top}
                    zone={group.zone}
                    window={window}
                    across={across}
                    untilNotice={untilNotice}
                  />
                )),
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
      {left > 0 ? <p>{left} more downtimes are in this window; filter to see them.</p> : null}
    </section>
  );
}

/** What the colours mean; to the eye alone, since the table says it in words. */
function Legend(): JSX.Element {
  const kinds = ["past", "now", "upcoming", "one instrument type"] as const;
  return (
    <p class="legend muted" aria-hidden="true">
      {kinds.map((kind) => (
        <span>
          <svg width="18" height="12">
            <g class={`bar ${kind}`}>
              <rect x="1" y="1" width="16" height="10" />
              {kind === "one instrument type" ? <rect class="hatched" x="1" y="1" width="16" height="10" /> : null}
            </g>
          </svg>{" "}
          {kind}
        </span>
      ))}
      <span>
        <svg width="36" height="12">
          <rect class="day" width="100%" height="100%" />
          {[0, 1, 2, 3].map((depth) => (
            <path class="dark" d={`M${7 * (depth + 1)} 0H36v12H${7 * (depth + 1)}z`} />
          ))}
        </svg>{" "}
        day, twilight, night
      </span>
    </p>
  );
}

const names: Readonly<Record<WindowKind, string>> = { night: "24 hours", week: "Week", month: "Month" };

function Windows({ query, window: { kind, from, to } }: Pick<TimelineProps, "query" | "window">): JSX.Element {
  const step = toMillis(to) - toMillis(from);
  const moved = (millis: number) => toInstant(toMillis(from) + millis);
  const at = (changes: Record<string, string | undefined>) => href("/", withParameters(query, changes));
  return (
    <nav class="chips" aria-label="Window of the timeline" hx-boost:inherited="true">
      <a id="window-earlier" href={at({ window: kind, from: moved(-step) })}>
        ‹ Earlier
      </a>
      {windowKinds.map((name) => (
        <a
          id={`window-${name}`}
          href={at({ window: name, from: query.get("from") ?? undefined })}
          aria-current={name === kind ? "true" : false}
          safe
        >
          {names[name]}
        </a>
      ))}
      <a id="window-later" href={at({ window: kind, from: moved(step) })}>
        Later ›
      </a>
      {query.has("from") ? (
        <a id="window-now" href={at({ from: undefined })}>
          Back to now
        </a>
      ) : null}
    </nav>
  );
}

function Labels({ group, rows }: Placed): JSX.Element {
  return (
    <>
      {rows.map(({ row, top }, index) => (
        <>
          {index === 0 ? (
            <text class="site" x="0" y={top + 12} safe>
              {group.site}
            </text>
          ) : null}
          <text x="34" y={top + 12} safe>
            {`${row.enclosure} ${row.telescope}`}
          </text>
        </>
      ))}
    </>
  );
}

/** A path for each depth, over a width of its own that the browser stretches to the chart's. */
function Shades(props: { shades: TimelineGroup["shades"]; top: number; height: number; across: Across }): JSX.Element {
  const { shades, top, height, across } = props;
  const at = (instant: Instant) => Math.round(across(instant) * 100);
  const pathOf = (spans: readonly Span[]) => spans.map(({ from, to }) => `M${at(from)} 0H${at(to)}v1H${at(from)}z`);
  return (
    <svg y={top} width="100%" height={height} viewBox="0 0 10000 1" preserveAspectRatio="none">
      {shades.map((spans) => (
        <path class="dark" d={pathOf(spans).join("")} />
      ))}
    </svg>
  );
}
