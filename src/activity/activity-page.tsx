/** @jsxImportSource @kitajs/html */
/** `/activity`: who did what, newest first; `/admin/changesets/{id}/undo`: undoes a change set with one button. */

import { action } from "../account/staff-form.tsx";
import { offsetOf, type StaffPageServices, type Visit, withId } from "../account/staff-page.ts";
import { mayCreate } from "../auth/user.ts";
import { fieldNames, PlaceLink, PlaceLinks, participles } from "../downtime/fields-view.tsx";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { readDate } from "../input/readers.ts";
import { checkTexts, counted, Refusal } from "../input/text.ts";
import { describeCounts } from "../series/plan-view.tsx";
import { describeRule } from "../series/series.ts";
import { dayMillis } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage, type ZoneOf } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { type Column, Pages, Table } from "../ui/table.tsx";
import { UndoButton } from "../ui/token.tsx";
import { type Activities, type Activity, type DowntimeActivity, maxCounted, mayBeUndone } from "./activity-store.ts";
import { undoRightsOf } from "./undo.ts";
import type { Undo } from "./undo-store.ts";

type ActivityServices = Pick<StaffPageServices, "auth" | "configdb"> & { readonly activities: Activities };

const pageSize = 50;

export function activityRoutes({ auth, activities, configdb }: ActivityServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    checkTexts(query.values());
    const offset = offsetOf(query);
    const filter = {
      by: query.get("by")?.trim() ?? "",
      site: query.get("site") ?? "",
      telescope: query.get("telescope") ?? "",
      from: dayOf(query.get("from"), 0),
      to: dayOf(query.get("to"), dayMillis),
    };
    const { count, isCut, results } = await activities.list(filter, { limit: pageSize, offset });
    const pageContext = await getPageContext(context);
    const { user, csrf = "" } = pageContext.visitor;
    const mayUndo = (one: Activity) =>
      user && mayCreate(user, auth.writeAccess) && (user.staff || one.by === user.name) && mayBeUndone(one);
    const undo: Column<Activity> = {
      label: "Undo",
      class: "do",
      cell: (one) =>
        mayUndo(one) ? <UndoButton changeSet={one.id} csrf={csrf} label={one.kind === "undo" ? "Redo" : "Undo"} /> : "",
    };
    const codes = (name: "site" | "telescope") => {
      return { name, label: fieldNames[name], options: configdb.find()?.codes[name] ?? [], empty: "All" };
    };
    const markup = (
      <Layout {...pageContext} title="Activity">
        <h1>Activity</h1>
        <SearchForm
          action="/activity"
          query={query}
          fields={[
            { name: "by", label: "By" },
            codes("site"),
            codes("telescope"),
            { name: "from", label: "From (UTC date)", type: "date" },
            { name: "to", label: "To (UTC date)", type: "date" },
          ]}
        >
          <button type="submit">Apply</button>
        </SearchForm>
        {results.length === 0 ? (
          <p class="message">No activity found.</p>
        ) : (
          <div class="scroll">
            <Table columns={[...columnsOf(pageContext.zoneOf), undo]} rows={results} />
          </div>
        )}
        {isCut ? <p class="muted">Older activity isn't included. To see it, enter an earlier To date.</p> : null}
        <Pages {...{ path: "/activity", query, offset, pageSize, count }} shown={results.length} />
      </Layout>
    );
    return sendPage(markup, context.request);
  };
  return createRoutes("activity").get("/activity", serving(show));
}

/** The start of a UTC date, plus some milliseconds; undefined if it isn't a date. */
function dayOf(text: string | null, plus: number): number | undefined {
  const date = readDate(text ?? "");
  return date instanceof Refusal ? undefined : Date.parse(date) + plus;
}

export function undoRoutes(services: StaffPageServices & { readonly undo: Undo }) {
  const undo = async ({ user, author }: Visit, id: number) => {
    await services.undo(id, author, undoRightsOf(services, user));
    return undefined;
  };
  return createRoutes("undo").post("/admin/changesets/:id/undo", action(services, withId(undo)));
}

const columnsOf = (zoneOf: ZoneOf): readonly Column<Activity>[] => [
  {
    label: "Time (UTC)",
    class: "time",
    cell: ({ at, downtimes }) => <Time at={at} zone={zoneOf(downtimes[0]?.site)} />,
  },
  { label: "By", cell: ({ by }) => <bdi safe>{by}</bdi> },
  { label: "What", class: "wide", cell: (one) => <What {...one} zoneOf={zoneOf} /> },
];

/** Kind → the text before its downtimes; none if the downtimes say it themselves. */
const kindNames: Readonly<Record<string, string>> = {
  close: "Closed: ",
  until_notice: "Closed until further notice: ",
  end: "Ended: ",
  end_series: "Ended: ",
  extend: "Extended: ",
  move: "Moved: ",
  skip: "Skipped: ",
  import: "Imported: ",
  migrate: "Migrated: ",
  uptime: "Granted nights: ",
  undo: "Undone: ",
};

function What({ kind, downtimes, series, zoneOf }: Activity & { readonly zoneOf: ZoneOf }): JSX.Element {
  const isClosure = series?.plan.rule.kind === "once" && kind !== "end_series";
  const when = isClosure ? ` When: ${describeRule(series.plan)}.` : "";
  return (
    <>
      <span safe>{kindNames[kind] ?? ""}</span>
      {series ? (
        <>
          <PlaceLinks places={series.plan.scopes} />
          <span safe>{`; series ${participles[series.action]}: ${describeCounts(series)}${when}`}</span>{" "}
          <a class="reason short" href={`/series/${series.id}`} dir="auto" safe>
            {series.plan.name || series.plan.reason || `Series ${series.id}`}
          </a>
        </>
      ) : (
        downtimes.map((group, index) => (
          <>
            {index > 0 ? ", " : ""}
            <Group {...group} zone={zoneOf(group.site)} />
          </>
        ))
      )}
    </>
  );
}

/** `3 downtimes deleted: ogg · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z and 2 more` */
function Group(props: DowntimeActivity & { readonly zone: string | undefined }): JSX.Element {
  const { id, action, count, reason, zone, ...downtime } = props;
  const atLeast = count === maxCounted ? "At least " : "";
  return (
    <>
      <span safe>{`${atLeast}${counted(count, "downtime")} ${participles[action]}: `}</span>
      <PlaceLink {...downtime} />
      {", "}
      <a href={`/downtimes/${id}`} class="time">
        <Time at={downtime.start} to={downtime.end} zone={zone} />
      </a>
      <span>{count > 1 ? ` and ${(count - 1).toLocaleString("en")} more` : ""}</span>{" "}
      <bdi class="reason short muted" safe>
        {reason}
      </bdi>
    </>
  );
}
