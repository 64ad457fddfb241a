/** @jsxImportSource @kitajs/html */
/** The activity page: one line for each change set, with Undo. */

import { fieldNames, PlaceLink, PlaceLinks, participles } from "../downtime/fields-view.tsx";
import { untilNoticeText } from "../downtime/until-notice.ts";
import type { PlaceField } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import { endsOf, type OnceRule } from "../series/once-rule.ts";
import { describeCounts } from "../series/plan-view.tsx";
import { spellInstant } from "../time/instant.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { plain, withParameters } from "../ui/link.ts";
import type { PageContext, ZoneOf } from "../ui/page-context.ts";
import { type Column, Pages, type PagesProps, Table } from "../ui/table.tsx";
import { UndoButton } from "../ui/token.tsx";
import { type Activity, type DowntimeActivity, maxCounted, mayBeUndone, type SeriesActivity } from "./activity.ts";

interface ActivityPageProps extends PageContext {
  readonly query: URLSearchParams;
  /** The codes to filter by; undefined until ConfigDB has been reached. */
  readonly codes: Readonly<Record<PlaceField, readonly string[]>> | undefined;
  readonly activities: readonly Activity[];
  /** Whether older activity wasn't searched. */
  readonly isCut: boolean;
  readonly pages: Pick<PagesProps, "offset" | "pageSize" | "count">;
  /** Whether the visitor may undo what this user did. */
  readonly mayUndo: (by: string) => boolean;
}

export function ActivityPage(props: ActivityPageProps): JSX.Element {
  const { query, codes, activities, isCut, pages, mayUndo, ...frame } = props;
  const given = (name: string) => query.get(name) ?? "";
  return (
    <Layout {...frame} title="Activity">
      <h1>Activity</h1>
      <search>
        <form class="search" action="/activity">
          <TextField name="by" label="By" value={given("by")} />
          {(["site", "telescope"] as const).map((name) => (
            <SelectField
              name={name}
              label={fieldNames[name]}
              value={given(name)}
              options={codes?.[name] ?? []}
              empty="All"
            />
          ))}
          {(["from", "to"] as const).map((name) => (
            <div class="field">
              <label for={name}>{name === "from" ? "From (UTC date)" : "To (UTC date)"}</label>
              <input id={name} name={name} type="date" value={plain(given(name))} />
            </div>
          ))}
          <button type="submit">Apply</button>
        </form>
      </search>
      {activities.length === 0 ? (
        <p class="message">No activity found.</p>
      ) : (
        <div class="scroll">
          <Table columns={columnsOf(frame, mayUndo)} rows={activities} />
        </div>
      )}
      {isCut ? <p class="muted">Older activity isn't included. To see it, enter an earlier To date.</p> : null}
      <Pages
        {...pages}
        shown={activities.length}
        at={(offset) => `/activity?${withParameters(query, { offset: offset > 0 ? String(offset) : undefined })}`}
      />
    </Layout>
  );
}

const columnsOf = (
  { visitor, zoneOf }: PageContext,
  mayUndo: ActivityPageProps["mayUndo"],
): readonly Column<Activity>[] => [
  {
    label: "Time (UTC)",
    class: "moment",
    cell: ({ at, downtimes }) => <Time at={at} zone={zoneOf(downtimes[0]?.site)} />,
  },
  { label: "By", cell: ({ by }) => <bdi safe>{by}</bdi> },
  { label: "What", class: "wide", cell: (one) => <What {...one} zoneOf={zoneOf} /> },
  {
    label: "Undo",
    class: "do",
    cell: (one) =>
      mayUndo(one.by) && mayBeUndone(one) ? (
        <UndoButton changeSet={one.id} csrf={visitor.csrf ?? ""} label={one.kind === "undo" ? "Redo" : "Undo"} />
      ) : (
        ""
      ),
  },
];

/** What is said of each kind before the downtimes; nothing of those whose downtimes say it. */
const kindNames: Readonly<Record<string, string>> = {
  close: "Closed: ",
  until_notice: "Closed until further notice: ",
  end: "Ended: ",
  extend: "Extended: ",
  import: "Imported: ",
  migrate: "Migrated: ",
  uptime: "Granted nights: ",
  undo: "Undone: ",
};

const closureVerbs: Readonly<Record<string, string>> = {
  close: "Closed ",
  until_notice: "Closed ",
  end: "Ended ",
  end_series: "Ended ",
  extend: "Extended ",
  undo: "Undone: ",
};

interface ClosureProps extends SeriesActivity {
  readonly verb: string;
  readonly rule: OnceRule;
}

/** `Closed sud (2 telescopes) until 2026-11-27 04:14Z: Storm` */
function Closure({ verb, rule, plan, id, action, ...counts }: ClosureProps): JSX.Element {
  const count = counts.created + counts.changed + counts.deleted;
  const isOne = count === 1 && plan.scopes.every(({ telescope }) => telescope);
  const times = endsOf(rule).map(spellInstant).sort().join(" and ");
  const until = rule.end === null ? ` ${untilNoticeText}` : ` ${verb === "Extended " ? "to" : "until"} ${times}`;
  const end = verb === "Ended " ? "" : action === "delete" ? ", closure deleted" : until;
  return (
    <>
      <span safe>{verb}</span>
      <PlaceLinks places={plan.scopes} />
      <span safe>{`${isOne ? "" : ` (${counted(count, "telescope")})`}${end}: `}</span>
      <a class="reason short" href={`/series/${id}`} dir="auto" safe>
        {plan.name || plan.reason || "No reason"}
      </a>
    </>
  );
}

function What({ kind, downtimes, series, zoneOf }: Activity & { readonly zoneOf: ZoneOf }): JSX.Element {
  const verb = closureVerbs[kind];
  const rule = series?.plan.rule;
  if (series && verb && rule?.kind === "once") return <Closure {...series} verb={verb} rule={rule} />;
  return (
    <>
      <span safe>{kindNames[kind] ?? ""}</span>
      {series ? (
        <>
          <a href={`/series/${series.id}`}>Series {series.id}</a>{" "}
          <span safe>{`${participles[series.action]}: ${describeCounts(series)}`}</span>{" "}
          <bdi class="reason short muted" safe>
            {series.plan.name || series.plan.reason}
          </bdi>
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

type GroupProps = DowntimeActivity & { readonly zone: string | undefined };

/** `3 downtimes deleted: ogg · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z and 2 more` */
function Group({ id, action, count, reason, zone, ...downtime }: GroupProps): JSX.Element {
  const atLeast = count === maxCounted ? "At least " : "";
  return (
    <>
      <span safe>{`${atLeast}${counted(count, "downtime")} ${participles[action]}: `}</span>
      <PlaceLink {...downtime} />
      {", "}
      <a href={`/downtimes/${id}`} class="moment">
        <Time at={downtime.start} to={downtime.end} zone={zone} />
      </a>
      <span>{count > 1 ? ` and ${(count - 1).toLocaleString("en")} more` : ""}</span>{" "}
      <bdi class="reason short muted" safe>
        {reason}
      </bdi>
    </>
  );
}
