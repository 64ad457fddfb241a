/** @jsxImportSource @kitajs/html */
/** A report: what was lost in a span, as a sentence, as bars and as a table. */

import type { FieldErrors } from "../input/problem.ts";
import { shorten } from "../input/text.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { href, withParameters } from "../ui/link.ts";
import { lastDays } from "./query-params.ts";
import { type Report, totalOf } from "./report.ts";
import { Bars } from "./report-bars-view.tsx";
import { ReportTable, spellHours, spellNights, spellShare } from "./report-table-view.tsx";

export interface ReportProps {
  readonly query: URLSearchParams;
  readonly codes: Readonly<Record<"site" | "telescope", readonly string[]>>;
  readonly errors: FieldErrors;
  readonly report: Report;
  readonly now: Instant;
}

const spans = [30, 90, 365] as const;

export function ReportView({ query, codes, errors, report, now }: ReportProps): JSX.Element {
  return (
    <div class="report">
      <div class="toolbar">
        <h1>What downtimes cost</h1>
        <nav class="chips" aria-label="Span">
          {spans.map((days) => {
            const { start, end } = lastDays(now, days);
            const span = { start: start.slice(0, 10), end: end.slice(0, 10) };
            return (
              <a
                href={href("/report", withParameters(query, span))}
                aria-current={report.start === start && report.end === end ? "true" : false}
              >
                Last {days} days
              </a>
            );
          })}
        </nav>
      </div>
      <Form query={query} codes={codes} errors={errors} report={report} />
      {/* Figures of another span than somebody meant to ask for would be taken for the answer. */}
      {Object.keys(errors).length > 0 ? null : <Figures query={query} report={report} />}
      <Definitions />
    </div>
  );
}

function Figures({ query, report }: Pick<ReportProps, "query" | "report">): JSX.Element {
  const total = totalOf(report);
  const asked = withParameters(query, { start: report.start, end: report.end, format: undefined });
  return (
    <>
      <p class="summary" safe>
        {`${spellNights(total.nights_lost)} of ${spellNights(total.nights)} telescope nights lost, ${spellHours(total.dark_seconds_lost)} dark hours (${spellShare(total)}), from ${spellInstant(report.start)} to ${spellInstant(report.end)}`}
      </p>
      <div class="figures">
        <Bars
          title="Dark hours lost by telescope"
          bars={report.telescopes.map((telescope) => ({
            name: `${telescope.site} · ${telescope.enclosure} · ${telescope.telescope}`,
            value: telescope.dark_seconds_lost ?? 0,
          }))}
        />
        <Bars
          title="Dark hours lost by reason"
          bars={total.reasons.map(({ reason, dark_seconds_lost }) => ({
            name: shorten(reason || "no reason given", 60),
            value: dark_seconds_lost ?? 0,
          }))}
        />
      </div>
      <div class="toolbar">
        <h2>By telescope, and its dark hours by reason</h2>
        <span class="links">
          <a href={href("/api/report/", asked)}>as JSON</a>
          <a href={href("/api/report/", withParameters(asked, { format: "csv" }))}>as CSV</a>
        </span>
      </div>
      <ReportTable report={report} total={total} />
    </>
  );
}

/** Filters that an address may have and the form has no field for. */
const kept = ["enclosure", "instrument_type", "reason_exact"] as const;

function Form({ query, codes, errors, report }: Omit<ReportProps, "now">): JSX.Element {
  const text = (name: string, label: string, otherwise = "") => (
    <TextField name={name} label={label} value={query.get(name) ?? otherwise} error={errors[name]?.join(" ")} />
  );
  const select = (name: "site" | "telescope", label: string) => (
    <SelectField
      name={name}
      label={label}
      value={query.get(name) ?? ""}
      options={codes[name]}
      empty="any"
      error={errors[name]?.join(" ")}
    />
  );
  return (
    <search>
      <form class="search" action="/report">
        {kept.flatMap((name) =>
          query.getAll(name).map((value) => <input type="hidden" name={name} value={plain(value)} />),
        )}
        {text("start", "From (Z)", report.start.slice(0, 10))}
        {text("end", "To (Z)", report.end.slice(0, 10))}
        {select("site", "Site")}
        {select("telescope", "Telescope")}
        {text("reason", "Reason contains")}
        <button type="submit" class="primary">
          Show
        </button>
      </form>
    </search>
  );
}

function Definitions(): JSX.Element {
  return (
    <details>
      <summary>How it is counted</summary>
      <p>
        Dark: the sun is 18° down or more at the site. A night lasts from one mean noon at the site to the next, and is
        lost by the part of its dark time that is: half of one night and all of another are 1.5 nights lost, and two
        nights touched. A telescope night is one telescope for one night: ten telescopes have ten a day.
      </p>
      <p>
        Downtimes that overlap count once. By reason, each moment counts for the downtime that started first. What is
        planned counts as well as what is over. Downtimes for one instrument type alone aren't the telescope's loss;
        they stand apart. Where ConfigDB doesn't say where a site is, nobody knows when it is dark there: a dash.
      </p>
    </details>
  );
}
