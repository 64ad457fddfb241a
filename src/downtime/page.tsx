/** @jsxImportSource @kitajs/html */
/** `/downtimes/{id}`: one downtime with its history, even if it was deleted. */

import { escapeHtml, type PropsWithChildren } from "@kitajs/html";
import type { Auth } from "../auth/authenticate.ts";
import { mayChange, mayDelete, mayRestore, type User } from "../auth/user.ts";
import { createRoutes, idOf, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { type Instant, spellInstant, toInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { Actions } from "./actions-view.tsx";
import { type Draft, describePlace, type State, stateOf } from "./downtime.ts";
import { describeState, End, fieldNames, PlaceLink, participles, StateMark, spellDuration } from "./fields-view.tsx";
import { History } from "./history-view.tsx";
import { createdByOf, type Version } from "./rows.ts";
import type { UntilNotice } from "./state.ts";
import type { CoreServices } from "./store.ts";

/** Describes a series, even a deleted one; undefined if it never existed. */
type DescribeSeries = (
  id: number,
) => Promise<{ readonly words: string; readonly createdBy: string; readonly isDeleted: boolean } | undefined>;

interface DowntimePageServices extends CoreServices {
  readonly auth: Pick<Auth, "writeAccess">;
  readonly describeSeries: DescribeSeries;
}

export const downtimePageRoutes = (services: DowntimePageServices, getPageContext: GetPageContext) =>
  createRoutes("downtime").get("/downtimes/:id", serving(createDowntimePage(services, getPageContext)));

/** Creates the function that shows a downtime; after a button that changed nothing, also why, and who changed it last. */
export function createDowntimePage(
  { auth, downtimes, describeSeries, clock }: DowntimePageServices,
  getPageContext: GetPageContext,
) {
  const seriesLinkOf = async ({ downtime_id, series: id, by_hand }: Version, user: User | undefined) => {
    const series = id === null ? undefined : await describeSeries(id);
    if (!series) return undefined;
    const [stored] = await downtimes.findAllStored([downtime_id]);
    const may = user && mayChange(user, auth.writeAccess, series.createdBy) && !series.isDeleted;
    // A one-time series has no dates, so nothing follows.
    const date = may ? /^\d{4}-\d{2}-\d{2}/.exec(stored?.occurrence ?? "")?.[0] : undefined;
    return (
      <>
        <a href={`/series/${id}`} safe>
          {series.words}
        </a>
        {by_hand ? <span class="muted"> · edited individually. Series changes don't affect it.</span> : null}
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
  };

  return async (context: RequestContext, conflict?: string) => {
    const id = idOf(context);
    const [first, ...rest] = await downtimes.history(id);
    if (!first) throw new NotFound("Downtime not found.");
    const latest = rest.at(-1) ?? first;
    const now = toInstant(clock());
    const pageContext = {
      ...(await getPageContext(context)),
      ...(conflict && { path: `/downtimes/${id}`, notice: describeConflict(conflict, latest) }),
    };
    const { user, csrf = "" } = pageContext.visitor;
    const may = user && rightsOf(user, auth.writeAccess, createdByOf(first), latest);
    const untilNotice = await downtimes.untilNotice(now);
    const state = latest.action === "delete" ? "deleted" : stateOf(latest, now);
    const zone = pageContext.zoneOf(latest.site);
    const series = await seriesLinkOf(latest, user);
    const title = titleOf(latest);
    return sendPage(
      <Layout {...pageContext} title={title}>
        <h1 safe>{title}</h1>
        {state === "deleted" ? (
          <p class="message warning time">
            <span safe>{`Deleted by ${latest.by} on `}</span>
            <Time at={latest.at} zone={zone} />. It no longer blocks the telescope. Last version shown.
          </p>
        ) : null}
        <Fields {...{ downtime: { ...latest, id }, state, now, zone, untilNotice, series }} />
        <div class="actions">
          {may?.delete ? <Actions {...{ id, state, mayChange: may.change, untilNotice }} /> : null}
        </div>
        <History id={id} versions={[first, ...rest]} zone={zone} csrf={may?.change ? csrf : undefined} />
      </Layout>,
      context.request,
      conflict ? 409 : 200,
    );
  };
}

/** Says that nothing was changed, why, and who wrote the newest version. */
export const describeConflict = (
  conflict: string,
  { action, by, at }: Pick<Version, "by" | "at"> & { readonly action: keyof typeof participles },
) => `Nothing was changed. ${conflict} Last ${participles[action]} by ${by} on ${spellInstant(at)}.`;

/** A deleted downtime may be restored instead of deleted. */
function rightsOf(user: User, access: Auth["writeAccess"], createdBy: string | null, latest: Version) {
  return {
    change: mayChange(user, access, createdBy),
    delete:
      latest.action === "delete"
        ? mayRestore(user, access, createdBy, latest.reason, latest.by)
        : mayDelete(user, access, createdBy, latest.reason),
  };
}

/** Returns a downtime's title. */
export const titleOf = (draft: Draft): string => `${describePlace(draft)}, ${spellInstant(draft.start)}`;

interface FieldsProps {
  readonly downtime: Draft & { readonly id: number };
  readonly state: State | "deleted";
  readonly now: Instant;
  readonly zone: string | undefined;
  readonly untilNotice: UntilNotice;
  readonly series: JSX.Element | undefined;
}

function Fields({ downtime, state, now, zone, untilNotice, series }: FieldsProps): JSX.Element {
  const { id, start, end, instrument_type, reason, category } = downtime;
  const length = spellDuration(downtime, untilNotice);
  const described = state === "deleted" ? "" : describeState(state, downtime, now, untilNotice);
  return (
    <dl>
      {state === "deleted" ? null : (
        <Field label="State">
          <StateMark state={state} />, <span safe>{described}</span>
        </Field>
      )}
      <Field label={fieldNames.start} class="both">
        <Time at={start} zone={zone} />
      </Field>
      <Field label={fieldNames.end} class="both">
        <End id={id} at={end} zone={zone} untilNotice={untilNotice} />
      </Field>
      {length ? <Field label="Duration">{escapeHtml(length)}</Field> : null}
      <Field label={fieldNames.telescope} class="code">
        <PlaceLink {...downtime} instrument_type="" />
      </Field>
      <Field label="Instrument" class="code">
        {escapeHtml(instrument_type || "Whole telescope")}
      </Field>
      <dt safe>{fieldNames.reason}</dt>
      <dd class="reason long" dir="auto" safe>
        {reason || "None"}
      </dd>
      {category ? <Field label={fieldNames.category}>{category}</Field> : null}
      {series ? <Field label="Series">{series}</Field> : null}
    </dl>
  );
}

const Field = ({ label, class: kind, children }: PropsWithChildren<{ label: string; class?: string }>) => (
  <>
    <dt safe>{label}</dt>
    <dd class={kind}>{children}</dd>
  </>
);
