/** @jsxImportSource @kitajs/html */
/** One downtime: its fields, its state, and all its versions. */

import type { Children } from "@kitajs/html";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { type Draft, describePlace, stateOf } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import { History, type HistoryProps } from "./history-view.tsx";
import { PlaceLink } from "./place-link-view.tsx";
import { type SeriesLink, SeriesLinkView } from "./series-link-view.tsx";
import { describeState, End, StateMark } from "./state-view.tsx";
import type { UntilNotice } from "./until-notice.ts";

interface DowntimeProps extends HistoryProps {
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
  /** Its series, if any. */
  readonly series?: SeriesLink | undefined;
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
        <p class="message warning moment">
          <span safe>{`Deleted by ${latest.by} on `}</span>
          <Time at={latest.at} zone={zone} />. It no longer blocks the telescope. Last version shown.
        </p>
      ) : null}
      <dl>
        {isDeleted ? null : <StateRow downtime={{ ...latest, id }} now={now} untilNotice={untilNotice} />}
        <dt>Start</dt>
        <dd class="both">
          <Time at={latest.start} zone={zone} />
        </dd>
        <dt>End</dt>
        <dd class="both">
          <End id={id} at={latest.end} zone={zone} untilNotice={untilNotice} />
        </dd>
        {untilNotice.has(id) ? null : (
          <>
            <dt>Duration</dt>
            <dd safe>{inWords(secondsBetween(latest.start, latest.end))}</dd>
          </>
        )}
        <dt>Telescope</dt>
        <dd class="code">
          <PlaceLink {...latest} instrument_type="" />
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
