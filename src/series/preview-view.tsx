/** @jsxImportSource @kitajs/html */
/** The preview of a series: its downtimes, warnings, and what happens to those that are stored. */

import { CollapsibleList } from "../downtime/place-link-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import { secondsBetween } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import type { SeriesErrors } from "./form-input.ts";
import { labelOf } from "./inputs-view.tsx";
import type { PlannedDowntime } from "./occurrences.ts";
import type { Plan } from "./plan.ts";
import { Occurrences } from "./preview-list-view.tsx";
import type { PreparedWrite } from "./reconcile.ts";
import type { SkippedNight } from "./rule-kind.ts";
import { type Planned, SeriesTimeline, warningTexts } from "./timeline-view.tsx";
import { countWarnings } from "./warnings.ts";

/** What a series would do to the downtimes. */
export interface PlanOutcome extends PreparedWrite {
  readonly marked: readonly Planned[];
  /** What happens to the series' name. */
  readonly renaming?: string | undefined;
}

export interface PlanPreviewProps {
  /** Undefined while the input has errors. */
  readonly outcome?: PlanOutcome | undefined;
  readonly errors: SeriesErrors;
  /** The stored series that is edited. */
  readonly edited: Pick<Plan, "ended"> | undefined;
  /** Whether all occurrences are listed. */
  readonly all: boolean;
  readonly now: Instant;
  readonly zoneOf: ZoneOf;
}

export function PlanPreview({ outcome, errors, edited, all, now, zoneOf }: PlanPreviewProps): JSX.Element {
  return (
    <section
      class="preview"
      id="preview"
      aria-label="Preview"
      data-errors={plain(JSON.stringify(outcome ? {} : errors))}
    >
      <div aria-live="polite">
        <p class="headline">
          <strong>{outcome ? headlineOf(outcome) : "Preview"}</strong>
        </p>
        {outcome ? (
          <>
            <Line class="muted" text={edited?.ended && `Ended: no occurrences from ${edited.ended}.`} />
            {edited ? <Results {...outcome} /> : null}
            <Warnings {...outcome} />
          </>
        ) : (
          <ul class="muted">
            {errorLines(errors).map((text) => (
              <li safe>{text}</li>
            ))}
          </ul>
        )}
      </div>
      {outcome ? (
        <>
          <SeriesTimeline marked={outcome.marked} />
          {listsIn(outcome).map(([title, drafts]) => (
            <CollapsibleList title={title} drafts={drafts} zoneOf={zoneOf} />
          ))}
          <Occurrences marked={outcome.marked} all={all} zoneOf={zoneOf} resultOf={edited && resultIn(outcome, now)} />
        </>
      ) : null}
    </section>
  );
}

/** The errors; of several, each after the label of its input. */
const errorLines = (errors: SeriesErrors): readonly string[] =>
  Object.entries(errors)
    .slice(0, 4)
    .map(([name, text], _, { length }) => (length > 1 ? labelOf(name) : "") + text);

const listsIn = ({ remove, byHand, deletedByHand }: PlanOutcome) =>
  [
    ["Deleted", remove.map(({ downtime }) => downtime)],
    ["Edited individually (kept)", byHand.map(({ downtime }) => downtime)],
    ["Deleted individually (skipped)", deletedByHand.map(({ draft }) => draft)],
  ] as const;

const hours = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `212 downtimes on 4 telescopes, 106 h, 3 nights skipped` */
function headlineOf({ planned, absences }: PlanOutcome): string {
  const telescopes = new Set(planned.map(({ draft }) => telescopeName(draft))).size;
  const seconds = planned.reduce((sum, { draft }) => sum + secondsBetween(draft.start, draft.end), 0);
  return [
    `${counted(planned.length, "downtime")} on ${counted(telescopes, "telescope")}`,
    `${hours.format(seconds / 3600)} h`,
    ...(absences.length > 0 ? [`${counted(absences.length, "night")} skipped`] : []),
  ].join(", ");
}

type Count = readonly [count: number, text: string, isIssue?: boolean];

function Counts({ counts, ...of }: { counts: readonly Count[]; class: string }): JSX.Element {
  return (
    <ul {...of}>
      {counts
        .filter(([count]) => count > 0)
        .map(([count, text, isIssue]) => (
          <li class={isIssue ? "odd" : undefined}>
            <strong safe>{count.toLocaleString("en")}</strong> <span safe>{text}</span>
          </li>
        ))}
    </ul>
  );
}

const kept = "edited individually (kept)";
const skipped = "deleted individually (skipped)";
const started = "already started (unchanged)";

/** What happens to the stored downtimes of the series. */
function Results(outcome: PlanOutcome): JSX.Element {
  const { create, change, remove, unchanged, begun, byHand, deletedByHand, warning, renaming } = outcome;
  const active = change.filter(({ isActive }) => isActive).length;
  const counts: readonly Count[] = [
    [create.length, "added"],
    [change.length, "edited"],
    [remove.length, "deleted"],
    [unchanged, "unchanged"],
    [begun, started],
    [byHand.length, kept],
    [deletedByHand.length, skipped],
  ];
  return (
    <>
      <Counts class="fates" counts={counts} />
      <Line text={active > 0 && `Includes ${counted(active, "active downtime")}.`} />
      <Line text={renaming && `${renaming}${warning ? " No downtime is edited." : ""}`} />
      <Line class="message warning" text={renaming ? "" : warning} />
    </>
  );
}

/** Returns a function: what happens to an occurrence. */
function resultIn({ create, change, byHand, deletedByHand, duplicates }: PlanOutcome, now: Instant) {
  const results = new Map<string, string>();
  const say = (result: string, of: readonly { readonly occurrence: string }[]) => {
    for (const { occurrence } of of) results.set(occurrence, result);
  };
  say(kept, byHand);
  say("added", create);
  say(
    "edited",
    change.map(({ to }) => to),
  );
  say(skipped, deletedByHand);
  say("skipped", duplicates);
  return ({ occurrence, draft }: PlannedDowntime): string =>
    results.get(occurrence) ?? (draft.start <= now ? started : "unchanged");
}

function Warnings({ marked, absences }: PlanOutcome): JSX.Element | null {
  const counts = Object.entries(warningTexts).map(([warning, { note, count = note, isNote }]): Count => {
    return [countWarnings(marked, (mark) => mark === warning), count, !isNote];
  });
  const nights = describeNights(absences);
  if (nights.length === 0 && counts.every(([number]) => number === 0)) return <p class="muted">No conflicts.</p>;
  return (
    <>
      <Counts class="oddities" counts={counts} />
      {nights.map((text) => (
        <Line class="muted" text={text} />
      ))}
    </>
  );
}

/** The skipped nights by site and reason: `3 nights skipped at nor, 2027-06-20 to 2027-06-22. No sunset: …` */
function describeNights(absences: readonly SkippedNight[]): string[] {
  return [...Map.groupBy(absences, ({ site, why }) => `${site} ${why}`).values()].map((alike) => {
    const dates = alike.map(({ date }) => date).sort();
    const [first, last] = [dates[0] ?? "", dates.at(-1) ?? ""];
    const { site = "", why = "" } = alike[0] ?? {};
    return `${counted(alike.length, "night")} skipped at ${site}, ${first}${first === last ? "" : ` to ${last}`}. ${why}`;
  });
}
