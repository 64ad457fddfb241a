/** @jsxImportSource @kitajs/html */
/** The first page: what is down now, what comes tonight, what is planned. */

import type { Downtime } from "../downtime/downtime.ts";
import { filterFields } from "../downtime/filter.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { fromNow } from "../time/duration.ts";
import type { Instant } from "../time/instant.ts";
import { href } from "../ui/link.ts";
import type { FilterChoices } from "./filter-choices.ts";
import { apiQuery, calendarQuery, Filters, Whens } from "./filters-view.tsx";
import { pageSize, type ScheduleQuery } from "./query.ts";
import type { ScheduleStatus } from "./status.ts";
import { Pager, Table } from "./table-view.tsx";
import type { TimelineGroup } from "./timeline.ts";
import { Timeline } from "./timeline-view.tsx";

export interface ScheduleProps {
  /** The question as it was asked: the page renews itself by it without another step in the browser's history. */
  readonly asked: URLSearchParams;
  /** The question as links and forms pass it on. */
  readonly query: URLSearchParams;
  readonly agenda: ScheduleQuery;
  readonly choices: FilterChoices;
  readonly downtimes: readonly Downtime[];
  /** How many downtimes the filters let through. */
  readonly count: number;
  /** How many there are at all. */
  readonly total: number;
  readonly groups: readonly TimelineGroup[];
  /** Downtimes that the picture has no room for. */
  readonly left: number;
  readonly outlook: ScheduleStatus;
  readonly now: Instant;
  /** The newest change that is shown. */
  readonly version: number;
  readonly zoneOf: (site: string) => string | undefined;
  readonly untilNotice: UntilNotice;
  /** Whether whoever looks is offered to create one. */
  readonly mayCreate: boolean;
}

/** All that is exchanged when what is asked for changes: its links and its form ask for it alone. */
export function Schedule(props: ScheduleProps): JSX.Element {
  const { query, agenda, choices, groups, left, now, version } = props;
  return (
    <div
      id="schedule"
      hx-target:inherited="#schedule"
      hx-swap:inherited="outerMorph"
      hx-sync:inherited="#schedule:replace"
    >
      <h1 class="hidden">Downtimes</h1>
      <Renewal path={href("/", props.asked)} version={version} now={now} />
      <div class="toolbar">
        <Summary {...props} />
        <Whens query={query} agenda={agenda} />
      </div>
      <Filters query={query} agenda={agenda} choices={choices} />
      <Timeline
        query={query}
        window={agenda.window}
        groups={groups}
        now={now}
        left={left}
        untilNotice={props.untilNotice}
      />
      <Results {...props} />
    </div>
  );
}

/** What asks for the same anew, unless something else is asked for just now. */
function Renewal({ path, version, now }: { path: string; version: number; now: Instant }): JSX.Element {
  return (
    <div
      id="renew"
      hidden
      data-version={String(version)}
      data-now={now}
      hx-get={path}
      hx-trigger="renew"
      hx-sync="#schedule:drop"
    ></div>
  );
}

function Summary({ outlook: { down, partlyDown, inactive, soon, next }, now }: ScheduleProps): JSX.Element {
  const telescopes = (count: number) => `${count} ${count === 1 ? "telescope" : "telescopes"}`;
  const parts = [
    ...(down + partlyDown === 0 ? ["All telescopes available"] : []),
    ...(down > 0 ? [`${telescopes(down)} down now`] : []),
    ...(partlyDown > 0 ? [`${down > 0 ? partlyDown : telescopes(partlyDown)} partly down now`] : []),
    ...(inactive > 0 ? [`${inactive} inactive not counted`] : []),
    soon === 0 ? "nothing starts in the next 24 h" : `${soon} ${soon === 1 ? "starts" : "start"} in the next 24 h`,
    ...(next ? [`next: ${next.site} ${next.enclosure} ${next.telescope}, ${fromNow(next.start, now)}`] : []),
  ];
  return (
    <p class="summary" safe>
      {parts.join(" · ")}
    </p>
  );
}

function Results(props: ScheduleProps): JSX.Element {
  const { query, agenda, downtimes, count, total, now, zoneOf, untilNotice } = props;
  const { order, offset } = agenda.listing;
  return (
    <section id="table" aria-label="Table" tabindex="-1">
      <div class="toolbar">
        <p id="count" role="status" safe>{`${count} of ${total} ${total === 1 ? "downtime" : "downtimes"}`}</p>
        {isFiltered(query) ? <a href="/">Clear all filters</a> : null}
        <span class="links">
          <a href={href("/api/", apiQuery(agenda))}>as JSON</a>{" "}
          <a href={href("/downtimes.csv", apiQuery(agenda))}>as CSV</a>{" "}
          <a
            href={href("/calendar.ics", calendarQuery(agenda))}
            type="text/calendar"
            title="A calendar with these filters: add the address of this link to your calendar program"
          >
            subscribe
          </a>
        </span>
      </div>
      {downtimes.length > 0 ? (
        <Table query={query} downtimes={downtimes} order={order} now={now} zoneOf={zoneOf} untilNotice={untilNotice} />
      ) : (
        <Empty {...props} />
      )}
      <Pager query={query} count={count} offset={offset} pageSize={pageSize} />
    </section>
  );
}

const isFiltered = (query: URLSearchParams) =>
  query.get("when") !== "open" || filterFields.some((name) => query.has(name));

function Empty({ query, total, outlook: { next }, now, mayCreate }: ScheduleProps): JSX.Element {
  if (total === 0)
    return (
      <p class="empty">
        No downtimes yet. {mayCreate ? <a href="/admin/downtimes/new">Create the first one</a> : null}
      </p>
    );
  const coming = next
    ? `The next downtime starts ${fromNow(next.start, now)} at ${next.site}.`
    : "No upcoming downtimes.";
  return (
    <p class="empty">
      {isFiltered(query) ? "No downtimes match these filters." : "No telescopes are down."} <span safe>{coming}</span>
    </p>
  );
}
