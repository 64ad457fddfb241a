/** @jsxImportSource @kitajs/html */
/** One downtime: what it says, how it stands, and every version it ever had. */

import type { Children } from "@kitajs/html";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, parseInstant, spellInstant } from "../time/instant.ts";
import { spellLocal, Time } from "../ui/instants.tsx";
import { href } from "../ui/link.ts";
import { type Draft, describePlace, draftFields, stateOf, textOf } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import { type SeriesLink, SeriesLinkView } from "./series-link-view.tsx";
import { describeState, StateMark } from "./state-view.tsx";
import { type UntilNotice, untilNoticeText } from "./until-notice.ts";

/** A version of a downtime: as it became, or as it was when it was deleted. */
interface ShownVersion extends Draft {
  readonly action: "create" | "change" | "delete" | "restore";
  readonly at: Instant;
  readonly by: string;
}

interface DowntimeProps {
  readonly id: number;
  /** The first one first; there is at least one. */
  readonly versions: readonly [ShownVersion, ...ShownVersion[]];
  readonly zone: string | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
  /** The series that it belongs to. */
  readonly belonging?: SeriesLink | undefined;
  /** What whoever looks may do with it. */
  readonly children?: Children;
}

/** A page's name for it. */
export const titleOf = (draft: Draft): string => `${describePlace(draft)}, ${spellInstant(draft.start)}`;

export function DowntimeView(props: DowntimeProps): JSX.Element {
  const { id, versions, zone, now, untilNotice, belonging, children } = props;
  const latest = versions.at(-1) ?? versions[0];
  const isDeleted = latest.action === "delete";
  return (
    <>
      <h1 safe>{titleOf(latest)}</h1>
      {isDeleted ? (
        <p class="message warning" safe>
          {`Deleted by ${latest.by}, ${spellInstant(latest.at)}. It counts no more; this is how it was.`}
        </p>
      ) : null}
      <dl>
        {isDeleted ? null : <Standing downtime={{ ...latest, id }} now={now} untilNotice={untilNotice} />}
        <dt>Start</dt>
        <dd>
          <Told at={latest.start} zone={zone} />
        </dd>
        <dt>End</dt>
        <dd>{untilNotice.has(id) ? untilNoticeText : <Told at={latest.end} zone={zone} />}</dd>
        {untilNotice.has(id) ? null : (
          <>
            <dt>Length</dt>
            <dd safe>{inWords(secondsBetween(latest.start, latest.end))}</dd>
          </>
        )}
        <dt>Where</dt>
        <dd class="code" safe>
          {`${latest.site} · ${latest.enclosure} · ${latest.telescope}`}
        </dd>
        <dt>Instrument</dt>
        <dd class="code" safe>
          {latest.instrument_type || "the whole telescope"}
        </dd>
        <dt>Reason</dt>
        <dd class="reason long" dir="auto" safe>
          {latest.reason || "none given"}
        </dd>
        {latest.category ? (
          <>
            <dt safe>{fieldNames.category}</dt>
            <dd safe>{latest.category}</dd>
          </>
        ) : null}
        {belonging ? (
          <>
            <dt>Series</dt>
            <dd>
              <SeriesLinkView {...belonging} />
            </dd>
          </>
        ) : null}
      </dl>
      <div class="actions">{children}</div>
      <History versions={versions} />
      <p>
        <a href="/">All downtimes</a>
        {" · "}
        <a href={href("/why", new URLSearchParams(telescopeOf(latest)))}>Is this telescope blocked now?</a>
        {isDeleted ? null : (
          <>
            {" · "}
            <a href={`/api/${id}/`}>as JSON</a>
          </>
        )}
      </p>
    </>
  );
}

const telescopeOf = ({ site, enclosure, telescope }: Draft) => ({ telescope, site, enclosure });

interface StandingProps extends Pick<DowntimeProps, "now" | "untilNotice"> {
  readonly downtime: Draft & { readonly id: number };
}

function Standing({ downtime, now, untilNotice }: StandingProps): JSX.Element {
  const state = stateOf(downtime, now);
  return (
    <>
      <dt>State</dt>
      <dd>
        <StateMark state={state} />, <span safe>{describeState(state, downtime, now, untilNotice)}</span>
      </dd>
    </>
  );
}

/** An instant with the site's time beside it. */
function Told({ at, zone }: { at: Instant; zone: string | undefined }): JSX.Element {
  return (
    <>
      <Time at={at} />
      {zone ? <span class="muted" safe>{` · ${spellLocal(at, zone)}`}</span> : null}
    </>
  );
}

const deeds = { create: "Created", change: "Changed", delete: "Deleted", restore: "Brought back" } as const;

function History({ versions }: Pick<DowntimeProps, "versions">): JSX.Element {
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p safe>{`${deeds[version.action]} by ${version.by}, ${spellInstant(version.at)}`}</p>
            <Changes before={versions[index - 1]} after={version} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What a change changed, field by field. */
function Changes({ before, after }: { before: Draft | undefined; after: Draft }): JSX.Element | null {
  const changed = before ? draftFields.filter((field) => before[field] !== after[field]) : [];
  if (!before || changed.length === 0) return null;
  return (
    <div class="scroll">
      <table class="changes">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((field) => (
            <tr>
              <th scope="row" safe>
                {fieldNames[field]}
              </th>
              <td dir="auto">
                <del safe>{spell(textOf(before, field))}</del>
              </td>
              <td dir="auto">
                <ins safe>{spell(textOf(after, field))}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const spell = (value: string): string => {
  const instant = value.endsWith("Z") ? parseInstant(value) : undefined;
  return instant === value ? spellInstant(instant) : value || "—";
};
