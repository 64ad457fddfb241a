/** @jsxImportSource @kitajs/html */
/** `/admin/downtimes`: the staff list of downtimes; deletes and restores them. */

import { action } from "../account/staff-form.ts";
import {
  checkMayDelete,
  checkMayRestore,
  idsOf,
  offsetOf,
  page,
  type StaffPageServices,
  sendOn,
  type Visit,
} from "../account/staff-page.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { DeletePage } from "../downtime/delete-view.tsx";
import { stateOf } from "../downtime/downtime.ts";
import { choiceFields, type Listing, narrowed } from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { Stored } from "../downtime/rows.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { createRoutes } from "../http/request-context.ts";
import type { Instant } from "../time/instant.ts";
import { withParameters } from "../ui/link.ts";
import { sendPage } from "../ui/page-context.ts";
import type { DoneProps } from "./done-view.tsx";
import { ListPage } from "./staff-list-view.tsx";
import { findStillClosed } from "./still-closed.ts";

const pageSize = 50;

export function listRoutes(services: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = services;

  const showList = async (visit: Visit) => {
    const { query, caller, frame, csrf, now } = visit;
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
        csrf={csrf}
        now={now}
        downtimes={results}
        count={count}
        search={search}
        codes={facility?.codes}
        pages={{ offset, pageSize, at }}
        done={await findDone(visit, untilNotice)}
        unchanged={query.get("saved") === "0"}
        untilNotice={untilNotice}
        permissions={new Map(stored.map((one) => [one.downtime.id, permissionsOf(visit, one)]))}
        unconfirmed={await findStillClosed(services, visit, untilNotice)}
      />
    );
    return sendPage(markup, caller.request);
  };

  const permissionsOf = ({ user }: Visit, { createdBy, downtime }: Stored) => ({
    createdBy,
    change: mayChange(user, services.auth.writeAccess, createdBy),
    delete: mayDelete(user, services.auth.writeAccess, createdBy, downtime.reason),
  });

  /** Reads what was done from the store. The query only names the downtimes, so that a link can't fake a message. */
  const findDone = async (visit: Visit, untilNotice: UntilNotice): Promise<DoneProps | undefined> => {
    const { query, now, user } = visit;
    const [changeSet = 0] = idsOf(query.getAll("saved"));
    const found = changeSet > 0 && (await services.changeSets.find(changeSet));
    if (!found || found.by !== user.name) return undefined;
    const versions = (await downtimes.writtenBy(changeSet)).map((one) => ({ ...one, id: one.downtime_id }));
    const freed = versions.filter((one) =>
      one.action === "delete" ? stateOf(one, now) === "now" : found.kind === "end" && stateOf(one, now) === "past",
    );
    if (versions.length === 0) return undefined;
    return {
      changeSet,
      kind: found.kind,
      versions,
      now,
      stillBlocked: await findStillBlocked(freed, now),
      untilNotice,
      mayEnd: (createdBy: string | null) => mayChange(user, services.auth.writeAccess, createdBy),
    };
  };

  /** Returns the telescopes of ended or deleted downtimes that other downtimes still block. */
  const findStillBlocked = async (unblocked: DoneProps["versions"], now: Instant): Promise<WhyTelescope[]> => {
    const byTelescope = new Map(
      unblocked.map(({ site, enclosure, telescope }) => [
        `${site} ${enclosure} ${telescope}`,
        { site: [site], enclosure: [enclosure], telescope: [telescope] },
      ]),
    );
    const still: WhyTelescope[] = [];
    for (const filter of byTelescope.values())
      still.push(...(await findWhy(downtimes, configdb.find(), filter, now)).telescopes);
    return still.filter(({ state }) => state !== "available");
  };

  const confirmDelete = async (visit: Visit, ids: readonly number[], overtaken = false) => {
    const stored = await downtimes.findAllStored(ids);
    if (stored.length === 0) return sendOn(visit.caller.request, "/admin/downtimes");
    for (const { createdBy, downtime } of stored) checkMayDelete(services, visit.user, createdBy, downtime.reason);
    const { frame, csrf, now, caller } = visit;
    const markup = <DeletePage {...frame} csrf={csrf} now={now} downtimes={stored} isConflict={overtaken} />;
    return sendPage(markup, caller.request, overtaken ? 409 : 200);
  };

  const remove = async (visit: Visit) => {
    const seen = new Map(visit.form.getAll("seen").map((text) => text.split(".").map(Number) as [number, number]));
    const ids = idsOf([...seen.keys()].map(String));
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
