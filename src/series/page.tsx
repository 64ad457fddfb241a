/** @jsxImportSource @kitajs/html */
/** `/series/{id}`: a series with its downtimes and its history, also after it was deleted. */

import { offsetOf } from "../account/staff-page.ts";
import { UndoButton } from "../account/undo-view.tsx";
import { mayChange } from "../auth/user.ts";
import { stateOf } from "../downtime/downtime.ts";
import { describeConflict } from "../downtime/page.tsx";
import { createRoutes, idOf, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { spellInstant, toInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { CalendarMenu } from "../ui/calendar-menu.tsx";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import type { SeriesServices } from "./api.ts";
import { titleOf } from "./describe.ts";
import { actionNames, describeCounts, SeriesHistory } from "./history-view.tsx";
import { DeletedByHand, SeriesRows, type SeriesRowsProps } from "./occurrences-view.tsx";
import { PlanView } from "./plan-view.tsx";
import type { SeriesVersion } from "./rows.ts";

const pageSize = 25;

type SeriesPageServices = Pick<SeriesServices, "auth" | "series" | "clock">;

export const seriesPageRoutes = (services: SeriesPageServices, frameOf: GetPageContext) => {
  const show = createSeriesPage(services, frameOf);
  return createRoutes("series-page").get(
    "/series/:id",
    serving((caller) => show(caller)),
  );
};

/** Creates the function that shows a series; after a button that changed nothing, also why, and who changed it last. */
export function createSeriesPage({ auth, series, clock }: SeriesPageServices, frameOf: GetPageContext) {
  return async (caller: RequestContext, conflict?: string) => {
    const id = idOf(caller);
    const query = new URL(caller.request.url).searchParams;
    const [first, ...rest] = await series.history(id);
    if (!first) throw new NotFound("Series not found.");
    const latest = rest.at(-1) ?? first;
    const frame = {
      ...(await frameOf(caller)),
      ...(conflict && { path: `/series/${id}`, notice: describeConflict(conflict, latest) }),
    };
    const { user, csrf = "" } = frame.visitor;
    const now = toInstant(clock());
    const rows = await series.rows(id);
    const open = rows.filter(({ downtime }) => stateOf(downtime, now) !== "past");
    const all = query.has("all");
    const past = all || query.has("past");
    const listed = past ? rows : open;
    const offset = all ? 0 : offsetOf(query);
    const title = titleOf(latest.plan, rows);
    return sendPage(
      <Layout {...frame} title={title}>
        <SeriesView
          id={id}
          title={title}
          times={frame.times}
          versions={[first, ...rest]}
          csrf={csrf}
          origin={frame.origin}
          may={user !== undefined && mayChange(user, auth.writeAccess, first.by)}
          now={now}
          zoneOf={frame.zoneOf}
          counts={{ all: rows.length, open: open.length, byHand: rows.filter(({ byHand }) => byHand).length }}
          rows={all ? listed : listed.slice(offset, offset + pageSize)}
          part={{ offset, pageSize, count: listed.length, past, all }}
          deletedByHand={[...(await series.deletedByHand(id))].sort()}
          done={Number(query.get("done") ?? 0)}
        />
      </Layout>,
      caller.request,
      conflict ? 409 : 200,
    );
  };
}

interface SeriesProps extends SeriesRowsProps {
  readonly title: string;
  /** In order; at least one. */
  readonly versions: readonly [SeriesVersion, ...SeriesVersion[]];
  readonly csrf: string;
  /** The service's address, for calendar apps. */
  readonly origin: string;
  /** Whether the visitor may edit it. */
  readonly may: boolean;
  /** The names of the occurrences that were deleted individually. */
  readonly deletedByHand: readonly string[];
  /** The version that was just saved; 0: none. */
  readonly done: number;
}

function SeriesView(props: SeriesProps): JSX.Element {
  const { id, versions, may, csrf, counts, deletedByHand, done, part } = props;
  const { all } = part;
  const latest = versions.at(-1) ?? versions[0];
  const isGone = latest.action === "delete";
  const at = versions.findIndex(({ version }) => version === done);
  const saved = versions[at];
  const isRenamed = at > 0 && versions[at - 1]?.plan.name !== saved?.plan.name;
  const undoable = may && (saved === latest || isGone) ? latest.change_set : null;
  return (
    <>
      <h1 dir="auto" safe>
        {props.title}
      </h1>
      {saved ? (
        <p class={saved.warning && !isRenamed ? "message warning" : "message"} role="status" safe>
          {isRenamed && saved.warning
            ? "Series renamed."
            : `Series ${actionNames[saved.action]}: ${describeCounts(saved)}`}
        </p>
      ) : null}
      {isGone ? (
        <p class="message warning" safe>
          {`Deleted by ${latest.by} on ${spellInstant(latest.at)}. Last version shown.`}
        </p>
      ) : null}
      {undoable ? <UndoButton changeSet={undoable} csrf={csrf} label={isGone ? "Restore" : "Undo"} /> : null}
      <PlanView plan={latest.plan} counts={counts} by={versions[0].by} />
      {isGone ? null : <Sharing {...props} />}
      {may && !isGone && !all ? <Actions id={id} /> : null}
      {isGone ? null : <SeriesRows {...props} csrf={may ? csrf : undefined} />}
      {deletedByHand.length > 0 && !isGone ? <DeletedByHand names={deletedByHand} /> : null}
      {all ? null : <SeriesHistory versions={versions} zoneOf={props.zoneOf} />}
      {may ? <a href="/admin/series">All series</a> : null}
    </>
  );
}

/** Ways to give the downtimes to others. */
function Sharing({ id, part, origin }: Pick<SeriesProps, "id" | "part" | "origin">): JSX.Element {
  return (
    <>
      {part.all ? <Share link={`${origin}/series/${id}?all=yes`} /> : null}
      <div class="actions">
        {part.all ? (
          <a class="button" href={`/series/${id}`}>
            Back to the series
          </a>
        ) : (
          <a class="button" href={`/series/${id}?all=yes`}>
            Share or print
          </a>
        )}
        <CalendarMenu query={new URLSearchParams({ series: String(id) })} origin={origin} />
        <a href={`/downtimes.csv?series=${id}`}>Download CSV</a>
        <a href={`/api/series/${id}/`}>JSON</a>
      </div>
    </>
  );
}

/** The link of the page that has all downtimes, and how to print it. `page.js` shows the buttons. */
function Share({ link }: { link: string }): JSX.Element {
  return (
    <>
      <div class="actions share">
        <label for="share-link">Share</label>
        <input id="share-link" value={plain(link)} readonly />
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
  );
}

function Actions({ id }: { id: number }): JSX.Element {
  return (
    <p class="actions">
      <a class="button" href={`/admin/series/${id}/change`}>
        Edit series
      </a>
      <a class="button" href={`/admin/series/${id}/end`}>
        End series…
      </a>
      <a class="button" href={`/admin/series/${id}/end?from=now`}>
        End now
      </a>
      <a class="button" href={`/admin/series/new?like=${id}`}>
        Duplicate
      </a>
      <a class="button danger" href={`/admin/series/${id}/delete`}>
        Delete
      </a>
    </p>
  );
}
