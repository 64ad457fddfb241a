/** @jsxImportSource @kitajs/html */
/** The schedule: summary, board or timeline, filters and table. */

import { CategoryLegend } from "../downtime/fields-view.tsx";
import { filterFields } from "../downtime/filter.ts";
import { counted } from "../input/text.ts";
import { CalendarMenu } from "../ui/calendar-menu.tsx";
import { Chips } from "../ui/chips.tsx";
import { Line } from "../ui/line.tsx";
import { href, plain, withParameters } from "../ui/link.ts";
import { Pages } from "../ui/table.tsx";
import { Board } from "./board-view.tsx";
import { apiQuery, calendarQuery, Filters, TimeFilters } from "./filters-view.tsx";
import type { Schedule } from "./schedule.ts";
import { Table } from "./table-view.tsx";
import { Timeline } from "./timeline-view.tsx";

/** The part of the page that filters, links and live updates replace. */
export function ScheduleView(props: Schedule): JSX.Element {
  const { query, scheduleQuery, timeline, now, isKiosk } = props;
  return (
    <div
      id="schedule"
      hx-target:inherited="#schedule"
      hx-swap:inherited="outerMorph"
      hx-sync:inherited="#schedule:replace"
    >
      <h1 class="hidden">Downtimes</h1>
      {/* Requests the same page again on a change, unless another request is in progress. */}
      <div
        id="renew"
        hidden
        data-version={String(props.version)}
        data-now={now}
        hx-get={plain(props.path)}
        hx-trigger="renew"
        hx-sync="#schedule:drop"
      ></div>
      <div class="toolbar">
        <Summary {...props} />
        {isKiosk ? null : <Views query={query} isTimeline={timeline !== undefined} />}
      </div>
      {timeline ? <Timeline {...props} {...timeline} window={scheduleQuery.window} /> : <Board {...props} />}
      {isKiosk ? null : (
        <>
          {props.downtimes.some(({ category }) => category) ? <CategoryLegend /> : null}
          <TimeFilters {...props} />
          <Filters {...props} />
          <Results {...props} />
        </>
      )}
    </div>
  );
}

function Views({ query, isTimeline }: { query: URLSearchParams; isTimeline: boolean }): JSX.Element {
  const at = (view?: string) => href("/", withParameters(query, { view }));
  const chips = [
    { id: "view-board", name: "Board", href: at(), isCurrent: !isTimeline },
    { id: "view-timeline", name: "Timeline", href: at("timeline"), isCurrent: isTimeline },
  ];
  return <Chips label="View" chips={chips} />;
}

function Summary({ status: { down, partlyDown, inactive, soon } }: Schedule): JSX.Element {
  const parts = [
    down > 0 && `${counted(down, "telescope")} down now`,
    partlyDown > 0 && `${counted(partlyDown, "telescope")} partly down now`,
    down + partlyDown === 0 && "All telescopes available",
    inactive > 0 && `${inactive} inactive (not counted)`,
    soon === 0 ? "nothing starts in the next 24 h" : `${soon} ${soon === 1 ? "starts" : "start"} in the next 24 h`,
  ];
  return <Line class="summary" text={parts.filter(Boolean).join(" · ")} />;
}

function Results(props: Schedule): JSX.Element {
  const { query, scheduleQuery, downtimes, count, total } = props;
  const { order, offset, limit } = scheduleQuery.listing;
  return (
    <section id="table" aria-label="Table" tabindex="-1">
      <div class="toolbar">
        <p id="count" role="status">
          {total > 0 ? `${count.toLocaleString("en")} of ${counted(total, "downtime")}` : ""}
        </p>
        {isFiltered(query) ? <a href="/">Clear all filters</a> : null}
        {props.isStaff ? (
          <a class="button" href="/admin/downtimes/new">
            New downtime
          </a>
        ) : null}
        <span class="links">
          <a href={href("/api/", apiQuery(scheduleQuery))}>JSON</a>{" "}
          <a href={href("/downtimes.csv", apiQuery(scheduleQuery))}>Download CSV</a>{" "}
        </span>
        <CalendarMenu query={calendarQuery(scheduleQuery)} origin={props.origin} />
      </div>
      {downtimes.length > 0 ? <Table {...props} order={order} /> : <Empty {...props} />}
      {count > limit || offset > 0 ? (
        <div hx-boost:inherited="true">
          <Pages {...{ query, offset, count }} path="/" pageSize={limit} shown={downtimes.length} />
        </div>
      ) : null}
    </section>
  );
}

function Empty({ query, total, mayCreate }: Schedule): JSX.Element {
  if (total > 0)
    return <p class="empty">{isFiltered(query) ? "No downtimes match these filters." : "No upcoming downtimes."}</p>;
  return (
    <p class="empty">No downtimes yet. {mayCreate ? <a href="/admin/downtimes/new">Create the first one</a> : null}</p>
  );
}

const isFiltered = (query: URLSearchParams) =>
  query.get("when") !== "open" || filterFields.some((name) => query.has(name));
