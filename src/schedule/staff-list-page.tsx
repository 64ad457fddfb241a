/** @jsxImportSource @kitajs/html */
/** `/admin/downtimes`: the staff list of downtimes; edits, deletes and restores them. */

import { action } from "../account/staff-form.tsx";
import { checkMayDelete, checkMayRestore, idsOf, page, sendOn, type Visit } from "../account/staff-page.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { StillClosed } from "../board/closing-view.tsx";
import { findStillClosed } from "../board/closures.ts";
import { ActiveActions, DeletePage } from "../downtime/actions-view.tsx";
import { categories, type Downtime, stateOf } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import { choiceFields, type Listing } from "../downtime/filter.ts";
import { versionsIn } from "../downtime/form-input.ts";
import { titleOf } from "../downtime/page.tsx";
import type { Facility } from "../facility/facility.ts";
import { createRoutes } from "../http/request-context.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { Layout } from "../ui/layout.tsx";
import { plain, withoutEmpty, withParameters } from "../ui/link.ts";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { Pages } from "../ui/table.tsx";
import { readScheduleQuery } from "./query.ts";
import type { Schedule } from "./schedule.ts";
import { Table } from "./table-view.tsx";

const path = "/admin/downtimes";

export function staffListRoutes(services: SeriesStaffServices) {
  const { downtimes, configdb, auth } = services;

  const show = async (visit: Visit) => {
    const { pageContext, now, user } = visit;
    const facility = configdb.find();
    const query = withoutEmpty(visit.query);
    query.delete("saved");
    const order = query.get("order") ?? (query.has("past") ? "-start" : "start");
    const asked = withParameters(query, { when: query.has("past") ? "all" : "open", order });
    const { listing } = readScheduleQuery(asked, facility, now);
    const { count, results } = await downtimes.list(listing);
    const untilNotice = await downtimes.untilNotice(now);
    const creators = await downtimes.creatorsOf(results);
    const creatorOf = ({ id }: Downtime) => creators.get(id) ?? null;
    const props = {
      ...{ now, query, listing, count, downtimes: results, untilNotice, creators, codes: facility?.codes },
      unconfirmed: await findStillClosed(services, visit, untilNotice),
      mayChange: (one: Downtime) => mayChange(user, auth.writeAccess, creatorOf(one)),
      mayDelete: (one: Downtime) => mayDelete(user, auth.writeAccess, creatorOf(one), one.reason),
    };
    return sendPage(<StaffList {...pageContext} {...props} />, visit.context.request);
  };

  const confirmDelete = async (visit: Visit, ids: readonly number[], isConflict = false) => {
    const stored = await downtimes.findAllStored(ids);
    const { pageContext, csrf, now, context, user } = visit;
    if (stored.length === 0) return sendOn(context.request, path);
    for (const { createdBy, downtime } of stored) checkMayDelete(services, user, createdBy, downtime.reason);
    const markup = <DeletePage {...pageContext} {...{ csrf, now, isConflict }} downtimes={stored} />;
    return sendPage(markup, context.request, isConflict ? 409 : 200);
  };

  const remove = async (visit: Visit) => {
    const seen = versionsIn(visit.form);
    const ids = [...seen.keys()];
    const isOvertaken = await downtimes.removeUnless(ids, visit.author, ({ downtime, version, createdBy }) => {
      checkMayDelete(services, visit.user, createdBy, downtime.reason);
      return seen.get(downtime.id) !== version;
    });
    return isOvertaken ? confirmDelete(visit, ids, true) : undefined;
  };

  const restore = async (visit: Visit) => {
    const ids = idsOf(visit.form.getAll("id"));
    await downtimes.restore(ids, visit.author, (...deleted) => checkMayRestore(services, visit.user, ...deleted));
    return undefined;
  };

  return createRoutes("downtime-list")
    .get(path, page(services, show))
    .get(
      `${path}/delete`,
      page(services, (visit) => confirmDelete(visit, idsOf(visit.query.getAll("id")))),
    )
    .post(`${path}/delete`, action(services, remove))
    .post(`${path}/restore`, action(services, restore));
}

interface StaffListProps
  extends PageContext,
    Pick<Schedule, "now" | "query" | "count" | "downtimes" | "untilNotice" | "creators">,
    Pick<Parameters<typeof StillClosed>[0], "unconfirmed"> {
  readonly listing: Listing;
  readonly codes: Facility["codes"] | undefined;
  readonly mayChange: (downtime: Downtime) => boolean;
  readonly mayDelete: (downtime: Downtime) => boolean;
}

function StaffList(props: StaffListProps): JSX.Element {
  const { now, query, listing, count, downtimes, untilNotice, creators, codes, unconfirmed, ...pageContext } = props;
  const { order, offset, limit } = listing;
  return (
    <Layout {...pageContext} title="Manage downtimes">
      <h1>Manage downtimes</h1>
      <StillClosed unconfirmed={unconfirmed} untilNotice={untilNotice} />
      <p class="actions">
        <a class="button primary" href={`${path}/new`}>
          New downtime
        </a>
      </p>
      <SearchForm
        action={path}
        query={query}
        fields={[
          { name: "reason", label: "Reason contains" },
          ...choiceFields.map((field) => ({
            name: field,
            label: fieldNames[field],
            options: field === "category" ? categories : (codes?.[field] ?? []),
            empty: "All",
          })),
        ]}
      >
        <label class="check">
          <input type="checkbox" name="past" value="yes" checked={query.has("past")} /> Include past
        </label>
        <button type="submit">Apply</button>
      </SearchForm>
      {downtimes.length === 0 ? (
        <p class="message">No downtimes found. {query.has("past") ? "" : "Past downtimes are hidden."}</p>
      ) : (
        <form action={`${path}/delete`} id="selected">
          <section id="table" class="scroll" aria-label="Table">
            <Table
              {...{ address: path, query, downtimes, order, now, untilNotice, creators, zoneOf: pageContext.zoneOf }}
              cells={cellsOf(props)}
            />
          </section>
          <p class="actions">
            <button type="submit" class="danger">
              Delete selected
            </button>
          </p>
        </form>
      )}
      <Pages {...{ path, query, offset, count }} pageSize={limit} shown={downtimes.length} />
    </Layout>
  );
}

const cellsOf = ({ now, untilNotice, mayChange, mayDelete }: StaffListProps) => ({
  select: (one: Downtime) =>
    mayDelete(one) ? (
      <input type="checkbox" name="id" value={String(one.id)} aria-label={plain(`Select ${titleOf(one)}`)} />
    ) : (
      ""
    ),
  more: (one: Downtime) => (
    <details class="choice">
      <summary aria-label={plain(`Actions for ${titleOf(one)}`)}>⋯</summary>
      <div class="options">
        {mayChange(one) ? <a href={`${path}/${one.id}/change`}>Edit</a> : null}
        <a href={`${path}/new?from=${one.id}`}>Duplicate</a>
        {mayChange(one) && stateOf(one, now) === "now" ? <ActiveActions id={one.id} untilNotice={untilNotice} /> : null}
      </div>
    </details>
  ),
});
