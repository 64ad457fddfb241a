/** @jsxImportSource @kitajs/html */
/** `/downtimes/{id}`: one downtime with its history, even if it was deleted. */

import type { Children } from "@kitajs/html";
import type { Auth } from "../auth/authenticate.ts";
import { mayChange, mayDelete, mayRestore, type User } from "../auth/user.ts";
import { createRoutes, idOf, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant, toInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { Actions } from "./actions-view.tsx";
import { type Draft, describePlace, stateOf } from "./downtime.ts";
import { describeState, End, fieldNames, StateMark } from "./fields-view.tsx";
import { History, type HistoryProps } from "./history-view.tsx";
import { PlaceLink } from "./place-link-view.tsx";
import { createdByOf, type Version } from "./rows.ts";
import type { CoreServices } from "./store.ts";
import type { UntilNotice } from "./until-notice.ts";

/** Describes a series, even a deleted one; undefined if it never existed. */
export type DescribeSeries = (
  id: number,
) => Promise<{ readonly words: string; readonly createdBy: string; readonly isDeleted: boolean } | undefined>;

export interface DowntimePageServices extends CoreServices {
  readonly auth: Pick<Auth, "writeAccess">;
  readonly describeSeries: DescribeSeries;
}

export const downtimePageRoutes = (services: DowntimePageServices, getPageContext: GetPageContext) => {
  const show = createDowntimePage(services, getPageContext);
  return createRoutes("downtime").get(
    "/downtimes/:id",
    serving((context) => show(context)),
  );
};

/** Creates the function that shows a downtime; after a button that changed nothing, also why, and who changed it last. */
export function createDowntimePage(
  { auth, downtimes, describeSeries, clock }: DowntimePageServices,
  getPageContext: GetPageContext,
) {
  /** Returns the link to the downtime's series; undefined if it has none. */
  const seriesLinkOf = async ({ downtime_id, series: id, by_hand }: Version, user: User | undefined) => {
    const series = id === null ? undefined : await describeSeries(id);
    if (id === null || !series) return undefined;
    const [stored] = await downtimes.findAllStored([downtime_id]);
    const may = user && mayChange(user, auth.writeAccess, series.createdBy) && !series.isDeleted;
    // A one-time series has no dates, so nothing follows.
    const date = may ? /^\d{4}-\d{2}-\d{2}/.exec(stored?.occurrence ?? "")?.[0] : undefined;
    return { id, description: series.words, date, isEdited: by_hand };
  };

  return async (context: RequestContext, conflict?: string) => {
    const id = idOf(context);
    const [first, ...rest] = await downtimes.history(id);
    if (!first) throw new NotFound("Downtime not found.");
    const latest = rest.at(-1) ?? first;
    const now = toInstant(clock());
    const frame = {
      ...(await getPageContext(context)),
      ...(conflict && { path: `/downtimes/${id}`, notice: describeConflict(conflict, latest) }),
    };
    const { user, csrf = "" } = frame.visitor;
    const createdBy = createdByOf(first);
    const may = {
      change: user !== undefined && mayChange(user, auth.writeAccess, createdBy),
      delete:
        user !== undefined &&
        (latest.action === "delete"
          ? mayRestore(user, auth.writeAccess, createdBy, latest.reason, latest.by)
          : mayDelete(user, auth.writeAccess, createdBy, latest.reason)),
    };
    const seriesLink = await seriesLinkOf(latest, user);
    const untilNotice = await downtimes.untilNotice(now);
    const state = latest.action === "delete" ? "deleted" : stateOf(latest, now);
    return sendPage(
      <Layout {...frame} title={titleOf(latest)}>
        <DowntimeView
          id={id}
          versions={[first, ...rest]}
          zone={frame.zoneOf(latest.site)}
          now={now}
          untilNotice={untilNotice}
          series={seriesLink}
          csrf={may.change ? csrf : undefined}
        >
          {may.delete ? (
            <Actions id={id} state={state} csrf={csrf} mayChange={may.change} untilNotice={untilNotice} />
          ) : null}
        </DowntimeView>
      </Layout>,
      context.request,
      conflict ? 409 : 200,
    );
  };
}

const participles = {
  create: "created",
  change: "edited",
  delete: "deleted",
  restore: "restored",
  end: "ended",
} as const;

/** Says that nothing was changed, why, and who wrote the newest version. */
export const describeConflict = (
  conflict: string,
  { action, by, at }: Pick<Version, "by" | "at"> & { readonly action: keyof typeof participles },
) => `Nothing was changed. ${conflict} Last ${participles[action]} by ${by} on ${spellInstant(at)}.`;

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

function DowntimeView(props: DowntimeProps): JSX.Element {
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

/** What a downtime's page shows of its series. */
interface SeriesLink {
  readonly id: number;
  /** The series in one line. */
  readonly description: string;
  /** The local date of this occurrence; undefined unless the visitor may edit the following ones. */
  readonly date?: string | undefined;
  readonly isEdited: boolean;
}

function SeriesLinkView({ id, description: words, date, isEdited: byHand }: SeriesLink): JSX.Element {
  return (
    <>
      <a href={`/series/${id}`} safe>
        {words}
      </a>
      {byHand ? <span class="muted"> · edited individually. Series changes don't affect it.</span> : null}
      {date ? (
        <>
          <br />
          <a href={`/admin/series/${id}/change?from=${date}`}>Edit this and following</a>
          {" · "}
          <a href={`/admin/series/${id}/end?from=${date}`}>End series here</a>
        </>
      ) : null}
    </>
  );
}
