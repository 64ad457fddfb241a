/** @jsxImportSource @kitajs/html */
/** Ends a series from a date, `/admin/series/{id}/end`, or deletes all of it, `/admin/series/{id}/delete`. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, page, type Visit } from "../account/staff-page.ts";
import { CollapsibleList, PlaceLinks } from "../downtime/fields-view.tsx";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, tolerating } from "../input/problem.ts";
import { counted } from "../input/text.ts";
import { EditFormPage } from "../ui/edit-form.tsx";
import { TextField } from "../ui/field.tsx";
import { Button, ButtonLink, Line } from "../ui/line.tsx";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { type SeriesStaffServices, withSeries } from "./one-series.ts";
import { createSeriesPage } from "./page.tsx";
import { type Reach, readReach } from "./plan.ts";
import type { PreparedWrite } from "./reconcile.ts";
import type { StoredSeries } from "./rows.ts";
import { describeRule } from "./series.ts";

type Kind = "end" | "delete";

function routesOf(services: SeriesStaffServices, kind: Kind) {
  const { series } = services;
  const ofOne = withSeries(services);
  const showSeries = createSeriesPage(services, services.getPageContext);

  /** Which of the downtimes are ended. @throws Invalid */
  const reachIn = ({ form }: Visit, from: string): Reach | "now" => {
    const begun = form.has("begun") || undefined;
    return kind === "delete" ? { begun } : readReach(from, begun);
  };

  const show = async (visit: Visit, stored: StoredSeries, status: 200 | 409 | 422 = 200) => {
    const { context, pageContext, csrf, form, query } = visit;
    const from = form.get("from") ?? query.get("from") ?? "";
    const isComplete = kind === "delete" || from.trim() !== "" || status === 422;
    const preview = async () => (isComplete ? series.tryEnd(stored.id, visit.author, reachIn(visit, from)) : undefined);
    const write = await preview().catch(tolerating(Invalid));
    const props = { csrf, kind, series: stored, from, begun: form.has("begun"), write, isOvertaken: status === 409 };
    const markup = <SeriesEndPage {...pageContext} {...props} />;
    return sendPage(markup, context.request, write instanceof Invalid ? 422 : status);
  };

  const end = async (visit: Visit, stored: StoredSeries) => {
    const { form } = visit;
    if (form.get("do") === "preview") return show(visit, stored);
    // The button that ends a closure at once has no version: it means the current one.
    const version = kind === "end" && !form.has("version") ? stored.version : Number(form.get("version"));
    const mayEnd = (current: StoredSeries) => {
      checkMayChange(services, visit.user, current.createdBy);
      if (current.version !== version) throw new Conflict("Someone edited this series meanwhile.");
    };
    const write = async () => series.end(stored.id, visit.author, reachIn(visit, form.get("from") ?? ""), mayEnd);
    const outcome = await write().catch(tolerating(Invalid)).catch(tolerating(Conflict));
    if (outcome instanceof Invalid) return show(visit, stored, 422);
    if (outcome instanceof Conflict) return show(visit, stored, 409);
    if (outcome.series?.version !== version) return undefined;
    // Nothing was changed: the page says why.
    return form.has("version") ? show(visit, stored) : showSeries(visit.context, "This closure isn't active.");
  };

  return createRoutes(`series-${kind}`)
    .get(`/admin/series/:id/${kind}`, page(services, ofOne(show)))
    .post(`/admin/series/:id/${kind}`, action(services, ofOne(end), ofOne(show)));
}

export const seriesEndRoutes = (services: SeriesStaffServices) =>
  routesOf(services, "end").use(routesOf(services, "delete"));

interface SeriesEndProps extends PageContext {
  readonly csrf: string;
  readonly kind: Kind;
  readonly series: StoredSeries;
  readonly from: string;
  /** Whether active and past downtimes are deleted too. */
  readonly begun: boolean;
  /** What it does to the downtimes, or why it can't; undefined until a date is entered. */
  readonly write: PreparedWrite | Invalid | undefined;
  readonly isOvertaken: boolean;
}

const overtaken = "Someone edited this series while you were here. Nothing was changed. Review the current version.";

function SeriesEndPage(props: SeriesEndProps): JSX.Element {
  const { csrf, kind, series, from, begun, write, isOvertaken, ...pageContext } = props;
  const isEnd = kind === "end";
  return (
    <EditFormPage {...pageContext} title={isEnd ? "End this series" : "Delete this series?"}>
      <Line class="message error" role="alert" text={isOvertaken && overtaken} />
      <Line dir="auto" text={series.name || describeRule(series)} />
      <p>
        <PlaceLinks places={series.scopes} />{" "}
        <bdi class="reason muted" safe>
          {series.reason}
        </bdi>
      </p>
      <form class="form" method="post">
        <Token csrf={csrf} />
        <input type="hidden" name="version" value={String(series.version)} />
        {isEnd ? (
          <TextField
            name="from"
            label="End before (local date)"
            hint='For example, 2027-03-01; or "now": active downtimes end now.'
            value={from}
            error={write instanceof Invalid ? (write.errors.from?.[0] ?? write.detail) : undefined}
            picks="date"
            focus={!write || write instanceof Invalid}
          />
        ) : null}
        {from.trim().toLowerCase() === "now" ? null : (
          <p>
            <label>
              <input type="checkbox" name="begun" value="yes" checked={begun} /> Include active and past downtimes
            </label>
          </p>
        )}
        {write && !(write instanceof Invalid) ? (
          <Consequences {...write} kind={kind} zoneOf={pageContext.zoneOf} />
        ) : null}
        <p class="actions">
          <Button kind="danger" text={isEnd ? "End series" : "Delete series"} />
          <Button name="do" value="preview" text="Preview" />
          <ButtonLink kind="quiet" to={`/series/${series.id}`} text="Cancel" />
        </p>
      </form>
    </EditFormPage>
  );
}

function Consequences(props: PreparedWrite & Pick<SeriesEndProps, "kind" | "zoneOf">): JSX.Element {
  const { change, remove, begun, byHand, warning, kind, zoneOf } = props;
  const kept = [
    begun > 0 && counted(begun, "active or past downtime"),
    byHand.length > 0 && `${counted(byHand.length, "downtime")} edited individually`,
  ].filter(Boolean);
  const texts = [
    change.length > 0 && `Ends ${counted(change.length, "active downtime")} now.`,
    `Deletes ${counted(remove.length, "downtime")}.`,
    kept.length > 0 && `Kept: ${kept.join(", ")}.`,
    kept.length > 0 && kind === "delete" && "The series is ended and kept with them.",
  ];
  return (
    <section class="preview" id="consequences" aria-label="Preview">
      <Line class="message warning" text={warning} />
      <Line text={texts.filter(Boolean).join(" ")} />
      <CollapsibleList title="Ended now" zoneOf={zoneOf} drafts={change.map(({ to }) => to.draft)} />
      <CollapsibleList title="Deleted" zoneOf={zoneOf} drafts={remove.map(({ downtime }) => downtime)} />
      <CollapsibleList title="Edited individually" zoneOf={zoneOf} drafts={byHand.map(({ downtime }) => downtime)} />
      <p class="hint">Deleted downtimes stay in the history.</p>
    </section>
  );
}
