/** @jsxImportSource @kitajs/html */
/** Planned occurrences with their warnings: their list, and their timeline with a row for each telescope. */

// biome-ignore-all lint/a11y/noSvgWithoutTitle: the picture has a label as a whole, and the table below it has its content

import type { Downtime } from "../downtime/downtime.ts";
import { DowntimeLink, PlaceLink } from "../downtime/fields-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { shorten } from "../input/text.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { dayAndMonth } from "../time/zone.ts";
import { Axis, acrossOf } from "../ui/axis.tsx";
import { Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import { spanOf, type WithWarnings, warningTexts } from "./warnings.ts";

export type Planned = WithWarnings<Downtime>;

/** Whether a warning needs review; others are notes. */
export const isIssue = (warning: string): boolean => warning !== "light" && warning !== "clock_changed";
const needsReview = ({ warnings }: Planned) => warnings.some(isIssue);

const mostListed = 100;
const mostNamed = 3;

interface OccurrencesProps {
  readonly occurrences: readonly Planned[];
  readonly all: boolean;
  readonly zoneOf: ZoneOf;
}

/** Issues first, unless all are shown. */
export function Occurrences({ occurrences, all, zoneOf }: OccurrencesProps): JSX.Element {
  const rank = ({ warnings }: Planned) => (warnings.some(isIssue) ? 0 : warnings.length > 0 ? 1 : 2);
  const shown = all ? occurrences : occurrences.toSorted((a, b) => rank(a) - rank(b)).slice(0, mostListed);
  const total = occurrences.length.toLocaleString("en");
  const columns: Column<Planned>[] = [
    {
      label: "Time (UTC)",
      class: "time both",
      cell: ({ planned: { draft } }) => <Time at={draft.start} to={draft.end} zone={zoneOf(draft.site)} />,
    },
    { label: "Telescope", class: "code", cell: ({ planned }) => <PlaceLink {...planned.draft} /> },
    { label: "Notes", class: "look", cell: Notes },
  ];
  return (
    <>
      <div class="toolbar">
        <h2>Occurrences</h2>
        <label class="check">
          <input type="checkbox" name="all" value="yes" id="all" checked={all} />{" "}
          <span safe>{`Show all ${total} in date order`}</span>
        </label>
      </div>
      <section class="scroll list" tabindex="0" aria-label="List of occurrences">
        <Table class="rows occurrences" columns={columns} rows={shown} />
      </section>
      <Line class="muted" text={shown.length < occurrences.length && `${shown.length} of ${total}. Issues first.`} />
    </>
  );
}

const Notes = ({ warnings, ...others }: Planned): JSX.Element => (
  <>
    {warnings.map((warning) => (
      <span>
        <span>{warningTexts[warning]}</span>
        {warning === "overlap" ? <Overlaps {...others} /> : null}
      </span>
    ))}
  </>
);

const Overlaps = ({ overlaps, overlapCount }: Pick<Planned, "overlaps" | "overlapCount">): JSX.Element => (
  <>
    {overlaps.slice(0, mostNamed).map(({ id, reason }, index) => (
      <>
        {index === 0 ? ": " : ", "}
        <DowntimeLink id={id} text={shorten(reason, 40) || `#${id}`} />
      </>
    ))}
    {overlapCount > mostNamed ? ` and ${overlapCount - mostNamed} more` : null}
  </>
);

// Pixels down the page; across it, everything is a percentage.
const axisHeight = 18;
const rowHeight = 16;
/** In ten-thousandths of the width: half an hour in a year must still be visible. */
const minWidth = 22;
const mostDates = 5;

/** Spans whole days. Occurrences that need review are taller. @param occurrences by start */
export function SeriesTimeline({ occurrences }: { occurrences: readonly Planned[] }): JSX.Element | null {
  const exact = spanOf(occurrences.map(({ planned }) => planned.draft));
  if (!exact) return null;
  const [first, last] = [Math.floor(toMillis(exact.from) / dayMillis), Math.ceil(toMillis(exact.to) / dayMillis)];
  const across = acrossOf({ from: toInstant(first * dayMillis), to: toInstant(last * dayMillis) });
  const step = Math.ceil((last - first) / mostDates);
  const lines = Array.from({ length: Math.floor((last - first) / step) }, (_, index) => {
    const at = toInstant((first + index * step) * dayMillis);
    return { at, label: dayAndMonth(at) };
  });
  const rows = [...Map.groupBy(occurrences, ({ planned }) => telescopeName(planned.draft))].sort();
  const height = axisHeight + rows.length * rowHeight;
  const label = rows.map(([name, of]) => `${name}: ${of.length}`).join(", ");
  const xOf = (at: Instant) => Math.round(across(at) * 100);
  const pathOf = (of: readonly Planned[], top: number, bottom: number) =>
    of
      .map(({ planned: { draft } }) => {
        const [left, right] = [xOf(draft.start), xOf(draft.end)];
        return `M${left} ${top}H${Math.max(right, left + minWidth)}V${bottom}H${left}z`;
      })
      .join("");
  return (
    <figure class="plan-picture">
      <div class="picture">
        <svg class="labels timeline" width="112" height={height} aria-hidden="true">
          {rows.map(([name], index) => (
            <text x="0" y={axisHeight + index * rowHeight + 12} safe>
              {name}
            </text>
          ))}
        </svg>
        <svg class="timeline ticks" width="100%" height={height} role="img" aria-label={plain(`Downtimes of ${label}`)}>
          <rect class="day" y={axisHeight} width="100%" height={height - axisHeight} />
          <Axis lines={lines} across={across} axisHeight={axisHeight} height={height} />
          {rows.map(([, of], index) => (
            <svg
              y={axisHeight + index * rowHeight}
              width="100%"
              height={rowHeight}
              viewBox="0 0 10000 10"
              preserveAspectRatio="none"
            >
              <path
                class="tick"
                d={pathOf(
                  of.filter((one) => !needsReview(one)),
                  3,
                  9,
                )}
              />
              <path class="tick issue" d={pathOf(of.filter(needsReview), 0, 10)} />
            </svg>
          ))}
        </svg>
      </div>
      {occurrences.some(needsReview) ? <figcaption class="muted">Taller marks need review.</figcaption> : null}
    </figure>
  );
}
