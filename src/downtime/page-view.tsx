/** @jsxImportSource @kitajs/html */
/** One downtime: its fields, its state, and all its versions. */

import type { Children } from "@kitajs/html";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, parseInstant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { spellLocal, Time } from "../ui/instants.tsx";
import { href } from "../ui/link.ts";
import { Token } from "../ui/token.tsx";
import { type Draft, describePlace, draftFields, stateOf, textOf } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import { type SeriesLink, SeriesLinkView } from "./series-link-view.tsx";
import { describeState, StateMark } from "./state-view.tsx";
import { type UntilNotice, untilNoticeText } from "./until-notice.ts";

/** A version of a downtime: after a change, or the last one before it was deleted. */
interface ShownVersion extends Draft {
  readonly version: number;
  readonly action: "create" | "change" | "delete" | "restore";
  readonly at: Instant;
  readonly by: string;
}

interface DowntimeProps {
  readonly id: number;
  /** All versions, oldest first. */
  readonly versions: readonly [ShownVersion, ...ShownVersion[]];
  readonly zone: string | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
  /** Its series, if any. */
  readonly series?: SeriesLink | undefined;
  /** The CSRF token of a visitor who may edit it. */
  readonly csrf: string | undefined;
  /** The actions that the visitor may take. */
  readonly children?: Children;
}

/** Returns the page's title. */
export const titleOf = (draft: Draft): string => `${describePlace(draft)}, ${spellInstant(draft.start)}`;

export function DowntimeView(props: DowntimeProps): JSX.Element {
  const { id, versions, zone, now, untilNotice, series, children } = props;
  const latest = versions.at(-1) ?? versions[0];
  const isDeleted = latest.action === "delete";
  return (
    <>
      <h1 safe>{titleOf(latest)}</h1>
      {isDeleted ? (
        <p class="message warning" safe>
          {`Deleted by ${latest.by} on ${spellInstant(latest.at)}. It no longer blocks the telescope. Last version shown.`}
        </p>
      ) : null}
      <dl>
        {isDeleted ? null : <StateRow downtime={{ ...latest, id }} now={now} untilNotice={untilNotice} />}
        <dt>Start</dt>
        <dd>
          <TimeWithLocal at={latest.start} zone={zone} />
        </dd>
        <dt>End</dt>
        <dd>{untilNotice.has(id) ? untilNoticeText : <TimeWithLocal at={latest.end} zone={zone} />}</dd>
        {untilNotice.has(id) ? null : (
          <>
            <dt>Duration</dt>
            <dd safe>{inWords(secondsBetween(latest.start, latest.end))}</dd>
          </>
        )}
        <dt>Telescope</dt>
        <dd class="code" safe>
          {`${latest.site} · ${latest.enclosure} · ${latest.telescope}`}
        </dd>
        <dt>Instrument</dt>
        <dd class="code" safe>
          {latest.instrument_type || "Whole telescope"}
        </dd>
        <dt>Reason</dt>
        <dd class="reason long" dir="auto" safe>
          {latest.reason || "None"}
        </dd>
        {latest.category ? (
          <>
            <dt safe>{fieldNames.category}</dt>
            <dd>{latest.category}</dd>
          </>
        ) : null}
        {series ? (
          <>
            <dt>Series</dt>
            <dd>
              <SeriesLinkView {...series} />
            </dd>
          </>
        ) : null}
      </dl>
      <div class="actions">{children}</div>
      <History {...props} />
      <p>
        <a href="/">All downtimes</a>
        {" · "}
        <a href={href("/why", new URLSearchParams(telescopeOf(latest)))}>Check availability</a>
        {isDeleted ? null : (
          <>
            {" · "}
            <a href={`/api/${id}/`}>JSON</a>
          </>
        )}
      </p>
    </>
  );
}

const telescopeOf = ({ site, enclosure, telescope }: Draft) => ({ telescope, site, enclosure });

interface StateRowProps extends Pick<DowntimeProps, "now" | "untilNotice"> {
  readonly downtime: Draft & { readonly id: number };
}

function StateRow({ downtime, now, untilNotice }: StateRowProps): JSX.Element {
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

/** A time in UTC, followed by the site's local time. */
function TimeWithLocal({ at, zone }: { at: Instant; zone: string | undefined }): JSX.Element {
  return (
    <>
      <Time at={at} />
      {zone ? <span class="muted" safe>{` · ${spellLocal(at, zone)}`}</span> : null}
    </>
  );
}

const actionNames = { create: "Created", change: "Edited", delete: "Deleted", restore: "Restored" } as const;

function History({ id, versions, csrf }: Pick<DowntimeProps, "id" | "versions" | "csrf">): JSX.Element {
  const latest = versions.at(-1) ?? versions[0];
  const differs = (one: Draft) => draftFields.some((field) => one[field] !== latest[field]);
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <ol class="history">
        {versions.map((version, index) => (
          <li>
            <p safe>{`${actionNames[version.action]} by ${version.by} on ${spellInstant(version.at)}`}</p>
            <Changes before={versions[index - 1]} after={version} />
            {csrf !== undefined && latest.action !== "delete" && version.action !== "delete" && differs(version) ? (
              <RestoreVersion id={id} csrf={csrf} seen={latest.version} version={version} />
            ) : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface RestoreVersionProps {
  readonly id: number;
  readonly csrf: string;
  /** The version that it replaces. */
  readonly seen: number;
  readonly version: Draft;
}

/** Sends the values of an earlier version as the downtime's form does. */
function RestoreVersion({ id, csrf, seen, version }: RestoreVersionProps): JSX.Element {
  return (
    <form method="post" action={`/admin/downtimes/${id}/change`}>
      <Token csrf={csrf} />
      <input type="hidden" name="version" value={String(seen)} />
      {draftFields.map((field) => (
        <input type="hidden" name={field} value={plain(textOf(version, field))} />
      ))}
      <button type="submit" class="quiet">
        Restore this version
      </button>
    </form>
  );
}

/** The fields that a version changed. */
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
                <del safe>{formatValue(textOf(before, field))}</del>
              </td>
              <td dir="auto">
                <ins safe>{formatValue(textOf(after, field))}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const formatValue = (value: string): string => {
  const instant = value.endsWith("Z") ? parseInstant(value) : undefined;
  return instant === value ? spellInstant(instant) : value || "—";
};
