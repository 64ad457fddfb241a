/** @jsxImportSource @kitajs/html */
/** The history of a series: who edited it, when, and what happened to its downtimes. */

import { PlaceLinks } from "../downtime/place-link-view.tsx";
import { counted } from "../input/text.ts";
import { Time } from "../ui/instants.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import { describeRule } from "./describe.ts";
import type { Plan } from "./plan.ts";
import type { SeriesVersion } from "./rows.ts";

/** What was done to the series, as a past participle. */
export const actionNames = { create: "created", change: "edited", end: "ended", delete: "deleted" } as const;

/** What happened to the downtimes: `212 downtimes added, 3 downtimes deleted.` */
export function describeCounts({
  created,
  changed,
  deleted,
  warning,
}: Pick<SeriesVersion, "created" | "changed" | "deleted" | "warning">): string {
  const counts = [
    [created, "added"],
    [changed, "edited"],
    [deleted, "deleted"],
  ] as const;
  const parts = counts.flatMap(([count, verb]) => (count > 0 ? `${counted(count, "downtime")} ${verb}` : []));
  return warning ?? `${parts.join(", ") || "no downtimes edited"}.`;
}

/** @param zoneOf returns a site's zone; a series at several sites has none */
export function SeriesHistory({
  versions,
  zoneOf,
}: {
  versions: readonly SeriesVersion[];
  zoneOf: ZoneOf;
}): JSX.Element {
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p class="moment">
              <Time at={version.at} zone={zoneOf(siteOf(version.plan.scopes))} />
              <span safe>{`: ${actionNames[version.action]} by ${version.by}. ${describeCounts(version)}`}</span>
            </p>
            <PlanAfter before={versions[index - 1]?.plan} plan={version.plan} />
          </li>
        ))}
      </ol>
    </section>
  );
}

const siteOf = ([first, ...others]: Plan["scopes"]) =>
  others.every(({ site }) => site === first?.site) ? first?.site : undefined;

/** The plan, unless the version before had the same. */
function PlanAfter({ before, plan }: { before: Plan | undefined; plan: Plan }): JSX.Element | null {
  if (before && JSON.stringify(before) === JSON.stringify(plan)) return null;
  const { from, ended, reason, name } = plan;
  return (
    <p class="muted">
      {name ? (
        <>
          <bdi safe>{name}</bdi>
          {": "}
        </>
      ) : null}
      <span safe>{`${from === null ? "" : `From ${from}: `}${describeRule(plan)}, `}</span>
      <PlaceLinks places={plan.scopes} />
      <span safe>{ended === null ? "" : `, no occurrences from ${ended}`}</span>
      {" · "}
      <bdi class="reason" safe>
        {reason}
      </bdi>
    </p>
  );
}
