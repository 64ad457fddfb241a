/** @jsxImportSource @kitajs/html */
/** `/admin/downtimes`: the staff list of downtimes; deletes and restores them. */

import { action } from "../account/staff-form.tsx";
import { checkMayDelete, checkMayRestore, idsOf, page, sendOn, type Visit } from "../account/staff-page.ts";
import { DeletePage } from "../downtime/actions-view.tsx";
import { versionsIn } from "../downtime/form-input.ts";
import { createRoutes } from "../http/request-context.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { sendPage } from "../ui/page-context.ts";
import { findStaffList } from "./staff-list.ts";
import { ListPage } from "./staff-list-view.tsx";

export function listRoutes(services: SeriesStaffServices) {
  const { downtimes } = services;

  const showList = async (visit: Visit) =>
    sendPage(<ListPage {...visit.frame} {...(await findStaffList(services, visit))} />, visit.caller.request);

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
