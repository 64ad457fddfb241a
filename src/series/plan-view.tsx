/** @jsxImportSource @kitajs/html */
/** What a series plans, in words, part by part, and its history. */

import { fieldNames, PlaceLinks } from "../downtime/fields-view.tsx";
import { counted } from "../input/text.ts";
import { Time } from "../ui/instants.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Plan, type PlanPart, partsOf } from "./plan.ts";
import type { Effects, SeriesVersion } from "./rows.ts";
import { describeRule, spellBreak } from "./series.ts";

interface PlanProps {
  readonly plan: Plan;
  readonly rows: number;
  readonly by: string;
}

export function PlanView({ plan, rows, by }: PlanProps): JSX.Element {
  return (
    <dl>
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

function PartView(part: PlanPart): JSX.Element {
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
          <dd>{part.category}</dd>
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

/** What happened to the downtimes: `212 downtimes added, 3 downtimes deleted.` */
export function describeCounts({ created, changed, deleted, warning }: Effects): string {
  const counts = Object.entries({ added: created, edited: changed, deleted }).filter(([, count]) => count > 0);
  const parts = counts.map(([verb, count]) => `${counted(count, "downtime")} ${verb}`);
  return warning ?? `${parts.join(", ") || "no downtimes edited"}.`;
}

type HistoryProps = { readonly versions: readonly SeriesVersion[]; readonly zoneOf: ZoneOf };

/** Who edited the series, when, what happened to its downtimes, and the plan, unless the version before had the same. */
export function SeriesHistory({ versions, zoneOf }: HistoryProps): JSX.Element {
  const safePlans = versions.map(({ plan }) => <PlanLine {...plan} />);
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p class="time">
              <Time at={version.at} zone={zoneOf(siteOf(version.plan))} />
              <span safe>{`: ${actionNames[version.action]} by ${version.by}. ${describeCounts(version)}`}</span>
            </p>
            {safePlans[index] === safePlans[index - 1] ? null : safePlans[index]}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The site of all locations; undefined for several. */
const siteOf = ({ scopes: [first, ...others] }: Plan) =>
  others.every(({ site }) => site === first?.site) ? first?.site : undefined;

function PlanLine(plan: Plan): JSX.Element {
  const { name, from, ended, breaks, category, reason } = plan;
  const exceptions = breaks.length > 0 && `except ${breaks.map(spellBreak).join("; ")}`;
  const more = [ended !== null && `no occurrences from ${ended}`, exceptions, category, reason];
  return (
    <p class="muted">
      {name ? <bdi safe>{`${name}: `}</bdi> : null}
      <span safe>{`${from === null ? "" : `from ${from}: `}${describeRule({ ...plan, breaks: [] })} · `}</span>
      <PlaceLinks places={plan.scopes} />
      {more.filter(Boolean).map((part) => (
        <bdi safe>{` · ${part}`}</bdi>
      ))}
    </p>
  );
}
