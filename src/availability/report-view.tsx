/** @jsxImportSource @kitajs/html */
/** The figures of a report: a summary, bar charts, and a table with a row per telescope. */

import { spellReason } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/fields-view.tsx";
import type { Place } from "../facility/facility.ts";
import { shorten } from "../input/text.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { Time } from "../ui/instants.tsx";
import { href, withParameters } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import { type Total, totalOf } from "./report.ts";
import type { Report, ReportTelescope } from "./report-schema.ts";

/** Reasons with a column of their own; the others share one. */
const maxReasonColumns = 5;
const maxBars = 12;

/** Formats seconds as hours: `12.5`, or a dash for null. */
const spellHours = (seconds: number | null): string => (seconds === null ? "–" : (seconds / 3600).toFixed(1));
const spellNights = (nights: number | null): string => (nights === null ? "–" : nights.toFixed(1));

const spellShare = (of: Pick<ReportTelescope, "dark_seconds" | "dark_seconds_lost">): string =>
  of.dark_seconds ? `${(((of.dark_seconds_lost ?? 0) / of.dark_seconds) * 100).toFixed(1)} %` : "–";

/** Formats a sum: `1.5 of 30.0 telescope nights and 12.5 dark hours (4.1 %)`. */
export const spellLosses = (total: Total): string =>
  `${spellNights(total.nights_lost)} of ${spellNights(total.nights)} telescope nights and ${spellHours(total.dark_seconds_lost)} dark hours (${spellShare(total)})`;

export function Figures(props: { query: URLSearchParams; report: Report; zoneOf: ZoneOf }): JSX.Element {
  const { query, report, zoneOf } = props;
  const total = totalOf(report);
  const [site, ...others] = new Set(report.telescopes.map((telescope) => telescope.site));
  const zone = zoneOf(others.length === 0 ? site : undefined);
  const exportQuery = withParameters(query, { start: report.start, end: report.end, format: undefined });
  return (
    <>
      <p class="summary time">
        <span safe>{`${spellLosses(total)} lost from `}</span>
        <Time at={report.start} zone={zone} />
        {" to "}
        <Time at={report.end} zone={zone} />
        <span safe>{`; limit of dark: ${spellDarkLimits(report) || "unknown"}`}</span>
      </p>
      <div class="figures">
        <Bars title="by telescope" bars={report.telescopes.map((one) => ({ ...one, place: one }))} />
        <Bars title="planned and unplanned" bars={total.kinds.map((one) => ({ ...one, name: one.kind }))} />
        <Bars title="by reason" bars={total.reasons.map((one) => ({ ...one, name: spellReason(one.reason) }))} />
        <Bars
          title="by category"
          bars={total.categories.map((one) => ({ ...one, name: one.category || "No category" }))}
        />
      </div>
      <div class="toolbar">
        <h2>By telescope and reason</h2>
        <span class="links">
          <a href={href("/api/report/", exportQuery)}>JSON</a>
          <a href={href("/api/report/", withParameters(exportQuery, { format: "csv" }))}>Download CSV</a>
        </span>
      </div>
      <ReportTable report={report} total={total} />
    </>
  );
}

/** The limits of dark that a report used: `nautical (12°)`, or with the sites of each where they differ. */
function spellDarkLimits({ telescopes }: Report): string {
  const known = Map.groupBy(telescopes, ({ dark }) => dark ?? "");
  known.delete("");
  const sitesOf = (of: Report["telescopes"]) => ` at ${[...new Set(of.map(({ site }) => site))].join(", ")}`;
  return [...known].map(([dark, of]) => spellDarkLimit(dark) + (known.size > 1 ? sitesOf(of) : "")).join("; ");
}

interface Bar {
  readonly name?: string;
  /** The telescope to link to, instead of a name. */
  readonly place?: Partial<Place>;
  readonly dark_seconds_lost: number | null;
}

/** The largest losses; the table has all. */
function Bars({ title, bars }: { title: string; bars: readonly Bar[] }): JSX.Element {
  const shown = bars
    .map((bar) => ({ ...bar, lost: bar.dark_seconds_lost ?? 0 }))
    .filter(({ lost }) => lost > 0)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, maxBars);
  const longest = shown[0]?.lost ?? 1;
  return (
    <table class="bars">
      <caption safe>{`Dark hours lost ${title}${shown.length > 0 ? "" : ": none"}`}</caption>
      {shown.map(({ name = "", place, lost }) => (
        <tr>
          <th scope="row">{place ? <PlaceLink {...place} /> : <bdi safe>{shorten(name, 60)}</bdi>}</th>
          <td class="number" safe>
            {spellHours(lost)}
          </td>
          <td>
            <svg aria-hidden="true">
              <rect width={`${((lost / longest) * 100).toFixed(2)}%`} height="100%" />
            </svg>
          </td>
        </tr>
      ))}
    </table>
  );
}

type Losses = Omit<ReportTelescope["instrument_types"][number], "instrument_type">;

type ReportRow = { readonly heading: JSX.Element; readonly of: Losses | Total; readonly kind: "" | "apart" | "total" };

/** The columns before those of the reasons. An instrument type has no share of its own. */
const figures: readonly Column<ReportRow>[] = [
  { label: "Telescope", class: "code", cell: ({ heading }) => heading },
  { label: "Nights lost", class: "number", text: ({ of }) => spellNights(of.nights_lost) },
  { label: "Nights affected", class: "number", text: ({ of }) => String(of.nights_touched ?? "–") },
  { label: "Dark hours lost", class: "number", text: ({ of }) => spellHours(of.dark_seconds_lost) },
  { label: "% of dark time", class: "number", text: ({ of }) => ("dark_seconds" in of ? spellShare(of) : "") },
  { label: "Total hours lost", class: "number", text: ({ of }) => spellHours(of.seconds_lost) },
];

/** A column with the dark hours lost to some reasons; unknown of an instrument type. */
const lostTo = (label: string, isAmong: (reason: string) => boolean): Column<ReportRow> => ({
  label,
  class: "number",
  text: ({ of }) => {
    if (!("reasons" in of)) return "";
    if (of.dark_seconds_lost === null) return "–";
    const lost = of.reasons.filter(({ reason }) => isAmong(reason));
    const seconds = lost.reduce((sum, { dark_seconds_lost }) => sum + (dark_seconds_lost ?? 0), 0);
    return seconds > 0 ? spellHours(seconds) : "";
  },
});

function ReportTable({ report, total }: { report: Report; total: Total }): JSX.Element {
  const reasons = total.reasons.map(({ reason }) => reason);
  const shown = new Set(reasons.slice(0, maxReasonColumns));
  const columns = [
    ...figures,
    ...[...shown].map((one) => lostTo(shorten(spellReason(one), 24), (reason) => reason === one)),
    ...(reasons.length > shown.size ? [lostTo("Other reasons", (reason) => !shown.has(reason))] : []),
  ];
  const rows = report.telescopes.flatMap((telescope): ReportRow[] => [
    { heading: <TelescopeName {...telescope} />, of: telescope, kind: "" },
    ...telescope.instrument_types.map((type) => ({
      heading: <span safe>{`${type.instrument_type} instrument only`}</span>,
      of: type,
      kind: "apart" as const,
    })),
  ]);
  return (
    <section class="scroll" tabindex="0" aria-label="Losses by telescope and reason">
      <Table
        class="losses"
        columns={columns}
        rows={[...rows, { heading: "Total", of: total, kind: "total" }]}
        rowClass={({ kind }) => kind}
      />
    </section>
  );
}

function TelescopeName({ known, active, ...place }: ReportTelescope): JSX.Element {
  return (
    <>
      <PlaceLink {...place} />
      <small>{known === false ? " not in ConfigDB" : active === false ? " inactive" : ""}</small>
    </>
  );
}
