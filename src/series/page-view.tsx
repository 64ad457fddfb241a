/** @jsxImportSource @kitajs/html */
/** One series: its plan in words, its downtimes, what was touched by hand, and every version that it had. */

import { fieldNames } from "../downtime/field-names.ts";
import { spellInstant } from "../time/instant.ts";
import { spellBreak } from "./breaks.ts";
import { describeRule, describeScopes } from "./describe.ts";
import { doings, type ShownSeriesVersion, spellCounts } from "./history-text.ts";
import { SeriesHistory } from "./history-view.tsx";
import { DeletedByHand, type RowCounts, SeriesRows, type SeriesRowsProps } from "./occurrences-view.tsx";
import { type Part, type Plan, partsOf } from "./plan.ts";

interface SeriesProps extends SeriesRowsProps {
  /** The first one first; there is at least one. */
  readonly versions: readonly [ShownSeriesVersion, ...ShownSeriesVersion[]];
  /** Whether whoever looks may change it. */
  readonly may: boolean;
  /** The names of the occurrences that somebody deleted. */
  readonly deletedByHand: readonly string[];
  /** The version that was just written; 0: none. */
  readonly done: number;
}

export function SeriesView(props: SeriesProps): JSX.Element {
  const { id, versions, may, counts, deletedByHand, done } = props;
  const latest = versions.at(-1) ?? versions[0];
  const isGone = latest.action === "delete";
  const written = versions.find(({ version }) => version === done);
  return (
    <>
      <h1 safe>{describeRule(latest.plan)}</h1>
      {written ? (
        <p class={written.warning ? "message warning" : "message"} role="status" safe>
          {`${doings[written.action]}: ${written.warning ?? `${spellCounts(written)}.`}`}
        </p>
      ) : null}
      {isGone ? (
        <p class="message warning" safe>
          {`Deleted by ${latest.by}, ${spellInstant(latest.at)}. This is how it was.`}
        </p>
      ) : null}
      <PlanView plan={latest.plan} counts={counts} by={versions[0].by} />
      {may ? <SeriesActs id={id} isGone={isGone} /> : null}
      {isGone ? null : <SeriesRows {...props} />}
      {deletedByHand.length > 0 && !isGone ? <DeletedByHand names={deletedByHand} /> : null}
      <SeriesHistory versions={versions} />
      <p>
        {may ? (
          <>
            <a href="/admin/series">All series</a>
            {isGone ? null : " · "}
          </>
        ) : null}
        {isGone ? null : (
          <>
            <a href={`/api/series/${id}/`}>as JSON</a>
            {" · "}
            <a href={`/calendar.ics?series=${id}`}>subscribe</a>
          </>
        )}
      </p>
    </>
  );
}

function PlanView({ plan, counts, by }: { plan: Plan; counts: RowCounts; by: string }): JSX.Element {
  const parts = partsOf(plan);
  return (
    <dl class="plan-words">
      {parts.map((part, index) => (
        <>
          {parts.length > 1 ? (
            <>
              <dt>{part.from === null ? "At first" : <span safe>{`From ${part.from} on`}</span>}</dt>
              <dd safe>{describeRule(part)}</dd>
            </>
          ) : null}
          <PartView part={part} before={parts[index - 1]} />
        </>
      ))}
      {plan.ended === null ? null : (
        <>
          <dt>Ended</dt>
          <dd safe>{`nothing from ${plan.ended} on`}</dd>
        </>
      )}
      <dt>Downtimes</dt>
      <dd safe>{spellRows(counts)}</dd>
      <dt>Made by</dt>
      <dd safe>{by}</dd>
    </dl>
  );
}

/** `212, 106 of them over, 1 changed by hand` */
const spellRows = ({ all, open, byHand }: RowCounts): string =>
  [`${all}`, all > open && `${all - open} of them over`, byHand > 0 && `${byHand} changed by hand`]
    .filter(Boolean)
    .join(", ");

/** Where, why and without which days; of a later part only what differs. */
function PartView({ part, before }: { part: Part; before: Part | undefined }): JSX.Element {
  const differs = (of: (part: Part) => unknown) => !before || JSON.stringify(of(part)) !== JSON.stringify(of(before));
  return (
    <>
      {differs(({ scopes }) => scopes) ? (
        <>
          <dt>Where</dt>
          <dd class="code" safe>
            {describeScopes(part.scopes)}
          </dd>
        </>
      ) : null}
      {differs(({ reason }) => reason) ? (
        <>
          <dt>Reason</dt>
          <dd class="reason long" dir="auto" safe>
            {part.reason || "none given"}
          </dd>
        </>
      ) : null}
      {differs(({ category }) => category) && (part.category || before) ? (
        <>
          <dt>{fieldNames.category}</dt>
          <dd safe>{part.category ?? "none"}</dd>
        </>
      ) : null}
      {part.breaks.length > 0 && differs(({ breaks }) => breaks) ? (
        <>
          <dt>Without</dt>
          <dd>
            <ul class="breaks">
              {part.breaks.map((one) => (
                <li dir="auto" safe>
                  {spellBreak(one)}
                </li>
              ))}
            </ul>
          </dd>
        </>
      ) : null}
    </>
  );
}

function SeriesActs({ id, isGone }: { id: number; isGone: boolean }): JSX.Element {
  return (
    <p class="actions">
      {isGone ? null : (
        <>
          <a class="button" href={`/admin/series/${id}/change`}>
            Change all
          </a>
          <a class="button" href={`/admin/series/${id}/end`}>
            End from a date
          </a>
          <a class="button" href={`/admin/series/${id}/end?from=now`}>
            End now
          </a>
          <a class="button" href={`/admin/series/new?like=${id}`}>
            Plan another like it
          </a>
          <a class="button danger" href={`/admin/series/${id}/delete`}>
            Delete
          </a>
        </>
      )}
    </p>
  );
}
