/** @jsxImportSource @kitajs/html */
/** The preview of the form: errors, one downtime, or the downtimes of a series and what happens to those that are stored. */

import type { Draft } from "../downtime/downtime.ts";
import { CollapsibleList } from "../downtime/fields-view.tsx";
import { Summary, type SummaryProps } from "../downtime/summary-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import { secondsBetween } from "../time/duration.ts";
import { Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import type { SeriesErrors } from "./form-input.ts";
import { labelOf } from "./inputs-view.tsx";
import { isIssue, Occurrences, type Planned, SeriesTimeline } from "./preview-list-view.tsx";
import type { PreparedWrite } from "./reconcile.ts";
import type { SkippedNight } from "./rule-kind.ts";
import { countWarnings, warningTexts } from "./warnings.ts";

interface PlanOutcome extends PreparedWrite {
  readonly occurrences: readonly Planned[];
}

export interface PreviewProps {
  readonly errors: SeriesErrors;
  /** Of one downtime. */
  readonly summary?: SummaryProps | undefined;
  /** Of a series. */
  readonly outcome?: PlanOutcome | undefined;
  readonly isEdit: boolean;
  readonly all: boolean;
  readonly zoneOf: ZoneOf;
}

export function Preview(props: PreviewProps): JSX.Element {
  const { errors, summary, outcome, isEdit, all, zoneOf } = props;
  return (
    <section class="preview" id="preview" aria-label="Preview" data-errors={plain(JSON.stringify(errors))}>
      <div aria-live="polite">
        {summary ? (
          <Summary {...summary} />
        ) : (
          <p class="headline">
            <strong>{outcome ? headlineOf(outcome) : "Preview"}</strong>
          </p>
        )}
        <ErrorList errors={errors} />
        {outcome ? (
          <>
            {isEdit ? <Results {...outcome} /> : null}
            <Warnings {...outcome} />
          </>
        ) : null}
      </div>
      {outcome ? (
        <>
          <SeriesTimeline occurrences={outcome.occurrences} />
          <CollapsibleList title="Deleted" drafts={outcome.remove.map(({ downtime }) => downtime)} zoneOf={zoneOf} />
          <CollapsibleList
            title="Edited individually"
            drafts={outcome.byHand.map(({ downtime }) => downtime)}
            zoneOf={zoneOf}
          />
          <Occurrences occurrences={outcome.occurrences} all={all} zoneOf={zoneOf} />
        </>
      ) : null}
    </section>
  );
}

/** The first errors; of several, each after the label of its input. */
function ErrorList({ errors }: Pick<PreviewProps, "errors">): JSX.Element | null {
  const shown = Object.entries(errors).slice(0, 4);
  if (shown.length === 0) return null;
  return (
    <ul class="muted">
      {shown.map(([name, text]) => (
        <li safe>{shown.length > 1 && labelOf(name) ? `${labelOf(name)}: ${text}` : text}</li>
      ))}
    </ul>
  );
}

const hours = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `212 downtimes on 4 telescopes, 106 h, 2 downtimes and 3 nights skipped` */
function headlineOf({ planned, absences, duplicates, deletedByHand }: PlanOutcome): string {
  const left = new Set<{ readonly draft: Draft }>(planned).difference(new Set([...duplicates, ...deletedByHand]));
  const drafts = [...left].map(({ draft }) => draft);
  const telescopes = new Set(drafts.map(telescopeName)).size;
  const seconds = drafts.reduce((sum, { start, end }) => sum + secondsBetween(start, end), 0);
  const gone = { downtime: planned.length - drafts.length, night: absences.length };
  const skipped = Object.entries(gone).flatMap(([noun, count]) => (count > 0 ? counted(count, noun) : []));
  const rest = skipped.length > 0 ? `, ${skipped.join(" and ")} skipped` : "";
  return `${counted(drafts.length, "downtime")} on ${counted(telescopes, "telescope")}, ${hours.format(seconds / 3600)} h${rest}`;
}

type Count = readonly [count: number, text: string, isIssue?: boolean];

function Counts({ counts, ...of }: { counts: readonly Count[]; class: string }): JSX.Element {
  return (
    <ul {...of}>
      {counts
        .filter(([count]) => count > 0)
        .map(([count, text, isIssue]) => (
          <li class={isIssue ? "issue" : undefined}>
            <strong safe>{count.toLocaleString("en")}</strong> <span safe>{text}</span>
          </li>
        ))}
    </ul>
  );
}

function Results(outcome: PlanOutcome): JSX.Element {
  const { create, change, remove, unchanged, begun, byHand, deletedByHand } = outcome;
  const active = change.filter(({ isActive }) => isActive).length;
  const counts: readonly Count[] = [
    [create.length, "added"],
    [change.length, "edited"],
    [remove.length, "deleted"],
    [unchanged, "unchanged"],
    [begun, "already started (unchanged)"],
    [byHand.length, "edited individually (kept)"],
    [deletedByHand.length, "deleted individually (skipped)"],
  ];
  return (
    <>
      <Counts class="edit-counts" counts={counts} />
      <Line text={active > 0 && `Includes ${counted(active, "active downtime")}.`} />
    </>
  );
}

function Warnings({ occurrences, absences }: PlanOutcome): JSX.Element {
  const counts = Object.entries(warningTexts).map(
    ([warning, text]): Count => [countWarnings(occurrences, (one) => one === warning), `× ${text}`, isIssue(warning)],
  );
  if (absences.length === 0 && occurrences.every(({ warnings }) => warnings.length === 0))
    return <p class="muted">No conflicts.</p>;
  return (
    <>
      <Counts class="warning-counts" counts={counts} />
      {describeNights(absences).map((text) => (
        <Line class="muted" text={text} />
      ))}
    </>
  );
}

/** The skipped nights by site and reason: `3 nights skipped at nor, 2027-06-20 to 2027-06-22. No sunset: …` */
const describeNights = (absences: readonly SkippedNight[]): string[] =>
  [...Map.groupBy(absences, ({ site, why }) => `at ${site}, ${why}`).values()].map((alike) => {
    const dates = alike.map(({ date }) => date).sort();
    const { site = "", why = "" } = alike[0] ?? {};
    return `${counted(alike.length, "night")} skipped at ${site}, ${[...new Set([dates[0], dates.at(-1)])].join(" to ")}. ${why}`;
  });
