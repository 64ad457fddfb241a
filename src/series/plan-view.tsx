/** @jsxImportSource @kitajs/html */
/** What a series plans, in words, part by part, and its history. */

import { fieldNames, PlaceLinks } from "../downtime/fields-view.tsx";
import { counted } from "../input/text.ts";
import { Time } from "../ui/instants.tsx";
import { type Part, type Plan, partsOf } from "./plan.ts";
import type { SeriesVersion } from "./rows.ts";
import { describeRule, describeScopes, spellBreak } from "./series.ts";

interface PlanProps {
  readonly plan: Plan;
  readonly rows: number;
  readonly by: string;
}

export function PlanView({ plan, rows, by }: PlanProps): JSX.Element {
  return (
    <dl class="plan-words">
      {partsOf(plan).map((part) => (
        <PartView {...part} />
      ))}
      {plan.ended === null ? null : (
        <>
          <dt>Ended</dt>
          <dd safe>{`no occurrences from ${plan.ended}`}</dd>
        </>
      )}
      <dt>Downtimes</dt>
      <dd safe>{rows.toLocaleString("en")}</dd>
      <dt>Created by</dt>
      <dd safe>{by}</dd>
    </dl>
  );
}

function PartView(part: Part): JSX.Element {
  return (
    <>
      <dt safe>{part.from === null ? "When" : `From ${part.from}`}</dt>
      <dd safe>{describeRule(part)}</dd>
      <dt>Telescope</dt>
      <dd class="code">
        <PlaceLinks places={part.scopes} />
      </dd>
      <dt safe>{fieldNames.reason}</dt>
      <dd class="reason long" dir="auto" safe>
        {part.reason || "None"}
      </dd>
      {part.category ? (
        <>
          <dt safe>{fieldNames.category}</dt>
          <dd safe>{part.category}</dd>
        </>
      ) : null}
      {part.breaks.length > 0 ? (
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

/** What was done to the series, as a past participle. */
export const actionNames = { create: "created", change: "edited", end: "ended", delete: "deleted" } as const;

type VersionCounts = Pick<SeriesVersion, "created" | "changed" | "deleted" | "warning">;

/** What happened to the downtimes: `212 downtimes added, 3 downtimes deleted.` */
export function describeCounts({ created, changed, deleted, warning }: VersionCounts): string {
  const counts = Object.entries({ added: created, edited: changed, deleted }).filter(([, count]) => count > 0);
  const parts = counts.map(([verb, count]) => `${counted(count, "downtime")} ${verb}`);
  return warning ?? `${parts.join(", ") || "no downtimes edited"}.`;
}

/** Who edited the series, when, what happened to its downtimes, and the plan, unless the version before had the same. */
export function SeriesHistory({ versions }: { readonly versions: readonly SeriesVersion[] }): JSX.Element {
  const textOf = ({ name, from, ended, ...plan }: Plan) =>
    [
      `${name ? `${name}: ` : ""}${from === null ? "" : `from ${from}: `}${describeRule(plan)}`,
      describeScopes(plan.scopes),
      ended !== null && `no occurrences from ${ended}`,
      plan.reason,
    ]
      .filter(Boolean)
      .join(" · ");
  const texts = versions.map(({ plan }) => textOf(plan));
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p class="moment">
              <Time at={version.at} />
              <span safe>{`: ${actionNames[version.action]} by ${version.by}. ${describeCounts(version)}`}</span>
            </p>
            {texts[index] === texts[index - 1] ? null : (
              <p class="muted" dir="auto" safe>
                {texts[index]}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
