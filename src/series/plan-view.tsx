/** @jsxImportSource @kitajs/html */
/** What a series plans, in words, part by part. */

import { fieldNames } from "../downtime/fields-view.tsx";
import { PlaceLinks } from "../downtime/place-link-view.tsx";
import type { Instant } from "../time/instant.ts";
import { describeRule } from "./describe.ts";
import { isOpen } from "./occurrences-view.tsx";
import { type Part, type Plan, partsOf } from "./plan.ts";
import type { StoredOccurrence } from "./reconcile.ts";
import { spellBreak } from "./series.ts";

interface PlanProps {
  readonly plan: Plan;
  /** All downtimes of the series. */
  readonly rows: readonly StoredOccurrence[];
  readonly now: Instant;
  readonly by: string;
}

export function PlanView({ plan, rows, now, by }: PlanProps): JSX.Element {
  const parts = partsOf(plan);
  return (
    <dl class="plan-words">
      {(plan.name || plan.rule.kind === "once") && parts.length === 1 ? (
        <Term name="When" text={describeRule(plan)} />
      ) : null}
      {parts.map((part, index) => (
        <>
          {parts.length > 1 ? (
            <Term name={part.from === null ? "At first" : `From ${part.from}`} text={describeRule(part)} />
          ) : null}
          <PartView part={part} before={parts[index - 1]} />
        </>
      ))}
      {plan.ended === null ? null : <Term name="Ended" text={`no occurrences from ${plan.ended}`} />}
      <Term name="Downtimes" text={describeRows(rows, now)} />
      <Term name="Created by" text={by} />
    </dl>
  );
}

function Term({ name, text, ...of }: { name: string; text: string; class?: string; dir?: "auto" }): JSX.Element {
  return (
    <>
      <dt safe>{name}</dt>
      <dd {...of} safe>
        {text}
      </dd>
    </>
  );
}

/** `212, 106 of them past, 1 edited individually` */
function describeRows(rows: readonly StoredOccurrence[], now: Instant): string {
  const past = rows.length - rows.filter(isOpen(now)).length;
  const edited = rows.filter(({ byHand }) => byHand).length;
  return [rows.length, past > 0 && `${past} of them past`, edited > 0 && `${edited} edited individually`]
    .filter((part) => part !== false)
    .join(", ");
}

/** The fields of a part but its rule; of a later part, those that differ from the part before. */
function PartView({ part, before }: { part: Part; before: Part | undefined }): JSX.Element {
  const differs = (field: keyof Part) => !before || JSON.stringify(part[field]) !== JSON.stringify(before[field]);
  return (
    <>
      {differs("scopes") ? (
        <>
          <dt>Telescope</dt>
          <dd class="code">
            <PlaceLinks places={part.scopes} />
          </dd>
        </>
      ) : null}
      {differs("reason") ? (
        <Term name={fieldNames.reason} text={part.reason || "None"} class="reason long" dir="auto" />
      ) : null}
      {differs("category") && (part.category || before) ? (
        <Term name={fieldNames.category} text={part.category ?? "None"} />
      ) : null}
      {part.breaks.length > 0 && differs("breaks") ? (
        <>
          <dt>Breaks</dt>
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
