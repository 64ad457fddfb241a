/** @jsxImportSource @kitajs/html */
/** `/admin/downtimes`: the staff list of downtimes; deletes and restores them. */

import { action } from "../account/staff-form.tsx";
import { checkMayDelete, checkMayRestore, idsOf, offsetOf, page, sendOn, type Visit } from "../account/staff-page.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { DeletePage } from "../downtime/actions-view.tsx";
import { choiceFields, type Listing, narrowed } from "../downtime/filter.ts";
import { versionsIn } from "../downtime/form-input.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { Stored } from "../downtime/rows.ts";
import { createRoutes } from "../http/request-context.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { withParameters } from "../ui/link.ts";
import { sendPage } from "../ui/page-context.ts";
import { findStillClosed } from "./closures.ts";
import { ListPage } from "./staff-list-view.tsx";

const pageSize = 50;

export function listRoutes(services: SeriesStaffServices) {
  const { downtimes, configdb } = services;

  const showList = async (visit: Visit) => {
    const { query, caller, frame, now } = visit;
    const facility = configdb.find();
    const search = {
      includesPast: query.has("past"),
      words: new Map(["reason", ...choiceFields].map((field) => [field, (query.get(field) ?? "").trim()])),
    };
    const offset = offsetOf(query);
    const filters = new URLSearchParams([...search.words].filter(([, word]) => word !== ""));
    const { filter } = tryListing(filters, facility).listing;
    const listing: Listing = {
      filter: search.includesPast ? filter : narrowed(filter, { from: now }),
      order: [{ field: "start", descending: search.includesPast }],
      limit: pageSize,
      offset,
    };
    const { count, results } = await downtimes.list(listing);
    const at = (start: number) =>
      `/admin/downtimes?${withParameters(query, { offset: String(start), saved: undefined })}`;
    const untilNotice = await downtimes.untilNotice(now);
    const stored = await downtimes.findAllStored(results.map(({ id }) => id));
    const markup = (
      <ListPage
        {...frame}
        now={now}
        downtimes={results}
        count={count}
        search={search}
        codes={facility?.codes}
        pages={{ offset, pageSize, at }}
        untilNotice={untilNotice}
        authors={await downtimes.authorsOf(results)}
        permissions={new Map(stored.map((one) => [one.downtime.id, permissionsOf(visit, one)]))}
        unconfirmed={await findStillClosed(services, visit, untilNotice)}
      />
    );
    return sendPage(markup, caller.request);
  };

  const permissionsOf = ({ user }: Visit, { createdBy, downtime }: Stored) => ({
    change: mayChange(user, services.auth.writeAccess, createdBy),
    delete: mayDelete(user, services.auth.writeAccess, createdBy, downtime.reason),
  });

  const confirmDelete = async (visit: Visit, ids: readonly number[], overtaken = false) => {
    const stored = await downtimes.findAllStored(ids);
    if (stored.length === 0) return sendOn(visit.caller.request, "/admin/downtimes");
    for (const { createdBy, downtime } of stored) checkMayDelete(services, visit.user, createdBy, downtime.reason);
    const { frame, csrf, now, caller } = visit;
    const markup = <DeletePage {...frame} csrf={csrf} now={now} downtimes={stored} isConflict={overtaken} />;
    return sendPage(markup, caller.request, overtaken ? 409 : 200);
  };

  const remove = async (visit: Visit) => {
    const seen = versionsIn(visit.form);
    const ids = [...seen.keys()];
    const isOvertaken = await downtimes.removeUnless(ids, visit.author, ({ downtime, version, createdBy }) => {
      checkMayDelete(services, visit.user, createdBy, downtime.reason);
      return seen.get(downtime.id) !== version;
    });
    if (isOvertaken) return confirmDelete(visit, ids, true);
    return undefined;
  };

  const restore = async (visit: Visit) => {
    const ids = idsOf(visit.form.getAll("id"));
    await downtimes.restore(ids, visit.author, (...deleted) => checkMayRestore(services, visit.user, ...deleted));
    return undefined;
  };

  return createRoutes("downtime-list")
    .get("/admin/downtimes", page(services, showList))
    .get(
      "/admin/downtimes/delete",
      page(services, (visit) => confirmDelete(visit, idsOf(visit.query.getAll("id")))),
    )
    .post("/admin/downtimes/delete", action(services, remove))
    .post("/admin/downtimes/restore", action(services, restore));
}
