/** @jsxImportSource @kitajs/html */
/** The history of a series: who did what to it, when, and what became of its downtimes. */

import { spellInstant } from "../time/instant.ts";
import { describeRule, describeScopes } from "./describe.ts";
import { doings, type ShownSeriesVersion, spellCounts } from "./history-text.ts";
import type { Plan } from "./plan.ts";

export function SeriesHistory({ versions }: { versions: readonly ShownSeriesVersion[] }): JSX.Element {
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p
              safe
            >{`${doings[version.action]} by ${version.by}, ${spellInstant(version.at)}: ${version.warning ?? spellCounts(version)}`}</p>
            <Became before={versions[index - 1]?.plan} plan={version.plan} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What the plan became, where it became another one. */
function Became({ before, plan }: { before: Plan | undefined; plan: Plan }): JSX.Element | null {
  if (before && JSON.stringify(before) === JSON.stringify(plan)) return null;
  const { from, ended, reason } = plan;
  return (
    <p class="muted">
      <span
        safe
      >{`${from === null ? "" : `From ${from} on: `}${describeRule(plan)}, ${describeScopes(plan.scopes)}${ended === null ? "" : `, nothing from ${ended} on`}`}</span>
      {" · "}
      <bdi class="reason" safe>
        {reason}
      </bdi>
    </p>
  );
}
