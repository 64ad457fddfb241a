/** @jsxImportSource @kitajs/html */
/** What a series plans, in words, part by part, and its history. */

import { fieldNames, PlaceLinks } from "../downtime/fields-view.tsx";
import { counted } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import { isOpen } from "./occurrences-view.tsx";
import { type Part, type Plan, partsOf } from "./plan.ts";
import type { StoredOccurrence } from "./reconcile.ts";
import type { SeriesVersion } from "./rows.ts";
import { describeRule, spellBreak, titleOf } from "./series.ts";

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
      <Term name="When" text={titleOf(plan) !== describeRule(plan) && parts.length === 1 && describeRule(plan)} />
      {parts.map((part, index) => (
        <>
          <Term
            name={part.from === null ? "At first" : `From ${part.from}`}
            text={parts.length > 1 && describeRule(part)}
          />
          <PartView part={part} before={parts[index - 1]} />
        </>
      ))}
      <Term name="Ended" text={plan.ended !== null && `no occurrences from ${plan.ended}`} />
      <Term name="Downtimes" text={describeRows(rows, now)} />
      <Term name="Created by" text={by} />
    </dl>
  );
}

interface TermProps {
  readonly name: string;
  readonly text: string | false;
  readonly class?: string;
  readonly dir?: "auto";
}

function Term({ name, text, ...of }: TermProps): JSX.Element | null {
  if (text === false) return null;
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
      <Term
        name={fieldNames.reason}
        text={differs("reason") && (part.reason || "None")}
        class="reason long"
        dir="auto"
      />
      <Term
        name={fieldNames.category}
        text={differs("category") && Boolean(part.category || before) && (part.category ?? "None")}
      />
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

/** What was done to the series, as a past participle. */
export const actionNames = { create: "created", change: "edited", end: "ended", delete: "deleted" } as const;

type VersionCounts = Pick<SeriesVersion, "created" | "changed" | "deleted" | "warning">;

/** What happened to the downtimes: `212 downtimes added, 3 downtimes deleted.` */
export function describeCounts({ created, changed, deleted, warning }: VersionCounts): string {
  const counts = Object.entries({ added: created, edited: changed, deleted }).filter(([, count]) => count > 0);
  const parts = counts.map(([verb, count]) => `${counted(count, "downtime")} ${verb}`);
  return warning ?? `${parts.join(", ") || "no downtimes edited"}.`;
}

type HistoryProps = { readonly versions: readonly SeriesVersion[]; readonly zoneOf: ZoneOf };

/** Who edited the series, when, and what happened to its downtimes. */
export function SeriesHistory({ versions, zoneOf }: HistoryProps): JSX.Element {
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

/** The site whose local times are shown; a series at several sites has none. */
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
