/** @jsxImportSource @kitajs/html */
/** The preview of a series: how many downtimes it makes, what is odd about them, and what becomes of those that it has. */

import { CollapsibleList } from "../downtime/collapsible-list-view.tsx";
import type { Draft } from "../downtime/downtime.ts";
import { counted } from "../input/text.ts";
import { secondsBetween } from "../time/duration.ts";
import { type Instant, toInstant, toMillis } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import type { SeriesErrors } from "./form-input.ts";
import type { Plan } from "./plan.ts";
import type { PlannedDowntime } from "./planned.ts";
import { spanOf } from "./preview.ts";
import { type FateOf, kindOf, Occurrences } from "./preview-list-view.tsx";
import type { Reconciliation } from "./reconcile.ts";
import type { SkippedNight } from "./rule-time.ts";
import { SeriesPicture } from "./timeline-view.tsx";
import { countWarnings, type Warning, type WithWarnings } from "./warnings.ts";

/** What a plan makes of the downtimes. */
export interface PlanOutcome extends Reconciliation {
  readonly planned: readonly PlannedDowntime[];
  readonly absences: readonly SkippedNight[];
  readonly duplicates: readonly PlannedDowntime[];
  readonly marked: readonly WithWarnings[];
  readonly warning: string | undefined;
}

export interface PlanPreviewProps {
  /** Undefined where what was typed is no plan yet. */
  readonly outcome?: PlanOutcome | undefined;
  /** Why it is none. */
  readonly errors: SeriesErrors;
  /** The stored series that is edited. */
  readonly edited: Pick<Plan, "ended"> | undefined;
  /** Whether all occurrences are listed. */
  readonly all: boolean;
  readonly now: Instant;
}

export function PlanPreview({ outcome, errors, edited, all, now }: PlanPreviewProps): JSX.Element {
  return (
    <section
      class="preview"
      id="preview"
      aria-label="Preview"
      data-errors={plain(JSON.stringify(outcome ? {} : errors))}
    >
      {outcome ? (
        <>
          <div aria-live="polite">
            <p class="headline">
              <strong safe>{headline(outcome)}</strong>
            </p>
            {edited?.ended ? <p class="muted" safe>{`Ended: no occurrences from ${edited.ended}.`}</p> : null}
            {edited ? <Fates {...outcome} /> : null}
            <Oddities {...outcome} />
          </div>
          <Drawn {...outcome} />
          <Gone {...outcome} />
          <Occurrences marked={outcome.marked} all={all} fates={edited ? fatesOf(outcome, now) : undefined} />
        </>
      ) : (
        <div aria-live="polite">
          <p class="headline">
            <strong>Preview</strong>
          </p>
          <ul class="muted">
            {[...new Set(Object.values(errors))].slice(0, 4).map((text) => (
              <li safe>{text}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

const telescopeOf = ({ site, enclosure, telescope }: Draft) => `${site} ${enclosure} ${telescope}`;
const hours = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `212 downtimes on 4 telescopes, 106 h, 3 nights left out` */
function headline({ planned, absences }: PlanOutcome): string {
  const telescopes = new Set(planned.map(({ draft }) => telescopeOf(draft))).size;
  const seconds = planned.reduce((sum, { draft }) => sum + secondsBetween(draft.start, draft.end), 0);
  return [
    `${counted(planned.length, "downtime")} on ${counted(telescopes, "telescope")}`,
    `${hours.format(seconds / 3600)} h`,
    ...(absences.length > 0 ? [`${counted(absences.length, "night")} left out`] : []),
  ].join(", ");
}

/** What becomes of the downtimes that the series has. */
function Fates(outcome: PlanOutcome): JSX.Element {
  const { create, change, remove, unchanged, begun, byHand, deletedByHand, warning } = outcome;
  const active = change.filter(({ isActive }) => isActive).length;
  const told = [
    [create.length, "created"],
    [change.length, "changed"],
    [remove.length, "removed"],
    [unchanged, "unchanged"],
    [begun, "active or past: left as is"],
    [byHand.length, "changed by hand: left as is"],
    [deletedByHand.length, "deleted by hand: left out"],
  ] as const;
  return (
    <>
      <ul class="fates">
        {told
          .filter(([count]) => count > 0)
          .map(([count, what]) => (
            <li>
              <strong>{count}</strong> {what}
            </li>
          ))}
      </ul>
      {active > 0 ? (
        <p safe>{`${active.toLocaleString("en")} ${active === 1 ? "is" : "are"} active and will change too.`}</p>
      ) : null}
      {warning ? (
        <p class="message warning" safe>
          {warning}
        </p>
      ) : null}
    </>
  );
}

function Oddities({ marked, duplicates, absences }: PlanOutcome): JSX.Element | null {
  const count = (...marks: Warning[]) => countWarnings(marked, (mark) => marks.includes(mark));
  const told = [
    [duplicates.length, "stored already, and left out"],
    [count("overlap"), "overlapping other downtimes"],
    [count("own_overlap"), "overlapping each other"],
    [count("inactive"), "on something inactive"],
    [count("clock_skipped"), "moved on, since the clock leaps over that time"],
    [count("clock_doubled"), "at a time that the clock shows twice: the first counts"],
    [
      count("clock_gap"),
      "ending early on the clock, which goes back: a gap. An end time instead of a duration avoids it",
    ],
    [
      count("clock_overlap"),
      "ending late on the clock, which goes forward: an overlap. An end time instead of a duration avoids it",
    ],
  ] as const;
  const notes = [
    [count("light"), "partly in light"],
    [count("clock_changed"), "the first after a clock change"],
  ] as const;
  const items = [...told.map((one) => [...one, true] as const), ...notes.map((one) => [...one, false] as const)];
  const shown = items.filter(([number]) => number > 0);
  const nights = summedUp(absences);
  if (shown.length === 0 && nights.length === 0) return <p class="muted">Nothing odd about them.</p>;
  return (
    <ul class="oddities">
      {shown.map(([number, what, isOdd]) => (
        <li class={isOdd ? "odd" : undefined}>
          <strong>{number}</strong> <span>{what}</span>
        </li>
      ))}
      {nights.map((text) => (
        <li safe>{text}</li>
      ))}
    </ul>
  );
}

/** The nights that don't happen, by site and reason: `Without 3 nights at nor, 2027-06-20 to 2027-06-22: …` */
function summedUp(absences: readonly SkippedNight[]): string[] {
  return [...Map.groupBy(absences, ({ site, why }) => `${site} ${why}`).values()].map((alike) => {
    const dates = alike.map(({ date }) => date).sort();
    const [first, last] = [dates[0] ?? "", dates.at(-1) ?? ""];
    const { site = "", why = "" } = alike[0] ?? {};
    return `Without ${counted(alike.length, "night")} at ${site}, ${first}${first === last ? "" : ` to ${last}`}. ${why}`;
  });
}

const dayMillis = 86_400_000;

/** The picture spans whole days. */
function Drawn({ planned, absences, marked }: PlanOutcome): JSX.Element | null {
  const span = spanOf({ rows: planned, absences });
  if (!span) return null;
  const day = (at: Instant, round: (days: number) => number) => toInstant(round(toMillis(at) / dayMillis) * dayMillis);
  const whole = { from: day(span.from, Math.floor), to: day(span.to, Math.ceil) };
  return <SeriesPicture span={whole} ticks={marked.map((one) => ({ draft: one.planned.draft, kind: kindOf(one) }))} />;
}

/** What a change removes, and what it leaves alone since somebody touched it. */
function Gone({ remove, byHand, deletedByHand }: PlanOutcome): JSX.Element {
  const removed = remove.map(({ downtime }) => downtime);
  const changed = byHand.map(({ downtime }) => downtime);
  return (
    <>
      <CollapsibleList title="Removed" drafts={removed} />
      <CollapsibleList title="Changed by hand" drafts={changed} />
      <CollapsibleList title="Deleted by hand" drafts={deletedByHand.map(({ draft }) => draft)} />
    </>
  );
}

function fatesOf({ create, change, byHand, deletedByHand, duplicates }: PlanOutcome, now: Instant): FateOf {
  const fates = new Map<string, string>([
    ...byHand.map(({ occurrence }) => [occurrence, "changed by hand"] as const),
    ...create.map(({ occurrence }) => [occurrence, "new"] as const),
    ...change.map(({ to }) => [to.occurrence, "changes"] as const),
    ...deletedByHand.map(({ occurrence }) => [occurrence, "deleted by hand"] as const),
    ...duplicates.map(({ occurrence }) => [occurrence, "left out"] as const),
  ]);
  return ({ occurrence, draft }) => fates.get(occurrence) ?? (draft.start <= now ? "active or past, stays" : "stays");
}
