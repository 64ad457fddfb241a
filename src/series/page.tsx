/** @jsxImportSource @kitajs/html */
/** `/series/{id}`: a series with its downtimes and its history, also after it was deleted. */

import { offsetOf } from "../account/staff-page.ts";
import { UndoButton } from "../account/undo-view.tsx";
import { mayChange } from "../auth/user.ts";
import { stateOf } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/field-names.ts";
import { PlaceLinks } from "../downtime/place-link-view.tsx";
import { idOf } from "../http/id.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { NotFound } from "../input/problem.ts";
import { spellInstant, toInstant } from "../time/instant.ts";
import { Layout } from "../ui/layout.tsx";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import type { SeriesServices } from "./api.ts";
import { spellBreak } from "./breaks.ts";
import { describeRule, titleOf } from "./describe.ts";
import { actionNames, describeCounts, SeriesHistory } from "./history-view.tsx";
import { DeletedByHand, type RowCounts, SeriesRows, type SeriesRowsProps } from "./occurrences-view.tsx";
import { type Part, type Plan, partsOf } from "./plan.ts";
import type { SeriesVersion } from "./rows.ts";

const pageSize = 25;

export function seriesPageRoutes({ auth, series, clock }: Omit<SeriesServices, "configdb">, frameOf: GetPageContext) {
  const show = async (caller: RequestContext) => {
    const id = idOf(caller);
    const query = new URL(caller.request.url).searchParams;
    const [first, ...rest] = await series.history(id);
    if (!first) throw new NotFound("Series not found.");
    const frame = await frameOf(caller);
    const { user, csrf = "" } = frame.visitor;
    const now = toInstant(clock());
    const rows = await series.rows(id);
    const open = rows.filter(({ downtime }) => stateOf(downtime, now) !== "past");
    const past = query.has("past");
    const listed = past ? rows : open;
    const offset = offsetOf(query);
    return sendPage(
      <Layout {...frame} title={`Series ${id}`}>
        <SeriesView
          id={id}
          versions={[first, ...rest]}
          csrf={csrf}
          may={user !== undefined && mayChange(user, auth.writeAccess, first.by)}
          now={now}
          zoneOf={frame.zoneOf}
          counts={{ all: rows.length, open: open.length, byHand: rows.filter(({ byHand }) => byHand).length }}
          rows={listed.slice(offset, offset + pageSize)}
          part={{ offset, pageSize, count: listed.length, past }}
          deletedByHand={[...(await series.deletedByHand(id))].sort()}
          done={Number(query.get("done") ?? 0)}
        />
      </Layout>,
      caller.request,
    );
  };
  return createRoutes("series-page").get("/series/:id", serving(show));
}

interface SeriesProps extends SeriesRowsProps {
  /** In order; at least one. */
  readonly versions: readonly [SeriesVersion, ...SeriesVersion[]];
  readonly csrf: string;
  /** Whether the visitor may edit it. */
  readonly may: boolean;
  /** The names of the occurrences that were deleted individually. */
  readonly deletedByHand: readonly string[];
  /** The version that was just saved; 0: none. */
  readonly done: number;
}

function SeriesView(props: SeriesProps): JSX.Element {
  const { id, versions, may, csrf, counts, deletedByHand, done } = props;
  const latest = versions.at(-1) ?? versions[0];
  const isGone = latest.action === "delete";
  const at = versions.findIndex(({ version }) => version === done);
  const saved = versions[at];
  const isRenamed = at > 0 && versions[at - 1]?.plan.name !== saved?.plan.name;
  const undoable = may && (saved === latest || isGone) ? latest.change_set : null;
  return (
    <>
      <h1 dir="auto" safe>
        {titleOf(latest.plan)}
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
      {may && !isGone ? <Actions id={id} /> : null}
      {isGone ? null : <SeriesRows {...props} />}
      {deletedByHand.length > 0 && !isGone ? <DeletedByHand names={deletedByHand} /> : null}
      <SeriesHistory versions={versions} zoneOf={props.zoneOf} />
      <p class="actions">
        {may ? <a href="/admin/series">All series</a> : null}
        {isGone ? null : <a href={`/api/series/${id}/`}>JSON</a>}
        {isGone ? null : <a href={`/calendar.ics?series=${id}`}>Subscribe</a>}
      </p>
    </>
  );
}

function PlanView({ plan, counts, by }: { plan: Plan; counts: RowCounts; by: string }): JSX.Element {
  const parts = partsOf(plan);
  return (
    <dl class="plan-words">
      {plan.name && parts.length === 1 ? <Term name="When" text={describeRule(plan)} /> : null}
      {parts.map((part, index) => (
        <>
          {parts.length > 1 ? (
            <Term name={part.from === null ? "At first" : `From ${part.from}`} text={describeRule(part)} />
          ) : null}
          <PartView part={part} before={parts[index - 1]} />
        </>
      ))}
      {plan.ended === null ? null : <Term name="Ended" text={`no occurrences from ${plan.ended}`} />}
      <Term name="Downtimes" text={describeRows(counts)} />
      <Term name="Created by" text={by} />
    </dl>
  );
}

function Term({ name, text, ...of }: { name: string; text: string; class?: string; dir?: "auto" }): JSX.Element {
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
const describeRows = ({ all, open, byHand }: RowCounts): string =>
  [all, all > open && `${all - open} of them past`, byHand > 0 && `${byHand} edited individually`]
    .filter((part) => part !== false)
    .join(", ");

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
      {differs("reason") ? (
        <Term name={fieldNames.reason} text={part.reason || "None"} class="reason long" dir="auto" />
      ) : null}
      {differs("category") && (part.category || before) ? (
        <Term name={fieldNames.category} text={part.category ?? "None"} />
      ) : null}
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
