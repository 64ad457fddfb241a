/** @jsxImportSource @kitajs/html */
/** `/series/{id}`: a series with its downtimes and its history, also after it was deleted. */

import { offsetOf } from "../account/staff-page.ts";
import { mayChange } from "../auth/user.ts";
import { describePlace, stateOf } from "../downtime/downtime.ts";
import { describeConflict } from "../downtime/page.tsx";
import { createRoutes, idOf, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { spellInstant, toInstant } from "../time/instant.ts";
import { CalendarMenu } from "../ui/calendar-menu.tsx";
import { Layout } from "../ui/layout.tsx";
import { ButtonLink, Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { UndoButton } from "../ui/token.tsx";
import type { SeriesServices } from "./api.ts";
import { DeletedByHand, type RefusedMove, SeriesRows, type SeriesRowsProps } from "./occurrences-view.tsx";
import { actionNames, describeCounts, PlanView, SeriesHistory } from "./plan-view.tsx";
import type { SeriesVersion } from "./rows.ts";
import { titleOf } from "./series.ts";

type SeriesPageServices = Pick<SeriesServices, "auth" | "series" | "clock">;

export const seriesPageRoutes = (services: SeriesPageServices, getPageContext: GetPageContext) => {
  const show = createSeriesPage(services, getPageContext);
  return createRoutes("series-page").get(
    "/series/:id",
    serving((context) => show(context)),
  );
};

/** Creates the function that shows a series; after a button that changed nothing, also why, and who changed it last. */
export function createSeriesPage({ auth, series, clock }: SeriesPageServices, getPageContext: GetPageContext) {
  return async (context: RequestContext, conflict?: string, refused?: RefusedMove) => {
    const id = idOf(context);
    const query = new URL(context.request.url).searchParams;
    const [first, ...rest] = await series.history(id);
    if (!first) throw new NotFound("Series not found.");
    const latest = rest.at(-1) ?? first;
    const rows = await series.rows(id);
    const now = toInstant(clock());
    const down = rows.filter(({ downtime }) => stateOf(downtime, now) === "now");
    const places = down.map(({ downtime }) => describePlace(downtime)).join("; ");
    const stillDown = down.length > 0 ? ` Edited individually and still down: ${places}.` : "";
    const pageContext = {
      ...(await getPageContext(context)),
      ...((conflict || refused) && { path: `/series/${id}` }),
      ...(conflict && { notice: describeConflict(conflict, latest) + stillDown }),
    };
    const { user, csrf = "" } = pageContext.visitor;
    const title = titleOf(latest.plan);
    return sendPage(
      <Layout {...pageContext} title={title}>
        <SeriesView
          {...pageContext}
          id={id}
          title={title}
          versions={[first, ...rest]}
          csrf={csrf}
          may={user !== undefined && mayChange(user, auth.writeAccess, first.by)}
          now={now}
          rows={rows}
          isAll={query.has("all")}
          offset={offsetOf(query)}
          deletedByHand={[...(await series.deletedByHand(id))].sort()}
          done={Number(query.get("done") ?? 0)}
          refused={refused}
        />
      </Layout>,
      context.request,
      conflict ? 409 : (refused?.problem.status ?? 200),
    );
  };
}

interface SeriesProps extends SeriesRowsProps {
  readonly title: string;
  readonly versions: readonly [SeriesVersion, ...SeriesVersion[]];
  readonly csrf: string;
  readonly origin: string;
  readonly may: boolean;
  readonly deletedByHand: readonly string[];
  /** The version that was just saved; 0: none. */
  readonly done: number;
}

function SeriesView(props: SeriesProps): JSX.Element {
  const { id, title, versions, may, csrf, rows, isAll, deletedByHand, done } = props;
  const latest = versions.at(-1) ?? versions[0];
  const isGone = latest.action === "delete";
  const saved = versions.find(({ version }) => version === done);
  const isRenamed =
    saved?.warning && versions.some(({ version, plan }) => version === done - 1 && plan.name !== saved.plan.name);
  const message =
    saved && `Series ${isRenamed ? "renamed." : `${actionNames[saved.action]}: ${describeCounts(saved)}`}`;
  const undoable = may && (saved === latest || isGone) ? latest.change_set : null;
  return (
    <>
      <h1 dir="auto" safe>
        {title}
      </h1>
      <Line class={saved?.warning && !isRenamed ? "message warning" : "message"} role="status" text={message} />
      <Line
        class="message warning"
        text={isGone && `Deleted by ${latest.by} on ${spellInstant(latest.at)}. Last version shown.`}
      />
      {undoable ? <UndoButton changeSet={undoable} csrf={csrf} label={isGone ? "Restore" : "Undo"} /> : null}
      <PlanView plan={latest.plan} rows={rows.length} by={versions[0].by} />
      {isGone ? null : (
        <>
          <Sharing {...props} />
          {may && !isAll ? <Actions id={id} /> : null}
          <SeriesRows {...props} csrf={may ? csrf : undefined} />
          {deletedByHand.length > 0 ? <DeletedByHand names={deletedByHand} /> : null}
        </>
      )}
      {isAll ? null : <SeriesHistory versions={versions} zoneOf={props.zoneOf} />}
    </>
  );
}

/** Ways to give the downtimes to others. `page.js` shows the buttons of the link to the page that has all of them. */
function Sharing({ id, isAll, origin }: Pick<SeriesProps, "id" | "isAll" | "origin">): JSX.Element {
  const all = `/series/${id}?all=yes`;
  return (
    <>
      {isAll ? (
        <>
          <div class="actions share">
            <label for="share-link">Share</label>
            <input id="share-link" value={plain(origin + all)} readonly />
            <button type="button" id="copy-share" hidden>
              Copy link
            </button>
            <button type="button" id="print" hidden>
              Print
            </button>
          </div>
          <p class="hint do">
            Anyone with the link can open this page without an account. To print it, press Ctrl+P (⌘P on a Mac).
          </p>
        </>
      ) : null}
      <div class="actions">
        {isAll ? (
          <ButtonLink to={`/series/${id}`} text="Back to the series" />
        ) : (
          <ButtonLink to={all} text="Share or print" />
        )}
        <CalendarMenu query={new URLSearchParams({ series: String(id) })} origin={origin} />
        <a href={`/downtimes.csv?series=${id}`}>Download CSV</a>
      </div>
    </>
  );
}

const Actions = ({ id }: { id: number }): JSX.Element => (
  <p class="actions">
    <ButtonLink to={`/admin/series/${id}/change`} text="Edit series" />
    <ButtonLink to={`/admin/series/${id}/end`} text="End series…" />
    <ButtonLink to={`/admin/series/${id}/end?from=now`} text="End now" />
    <ButtonLink to={`/admin/series/new?like=${id}`} text="Duplicate" />
    <ButtonLink kind="danger" to={`/admin/series/${id}/delete`} text="Delete" />
  </p>
);
