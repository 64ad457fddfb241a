/** @jsxImportSource @kitajs/html */
/** `/admin/downtimes`: the list of those who change it; deleting, and bringing back. */

import { deletedAt, savedAt } from "../account/landing.ts";
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
import type { WhyTelescope } from "../availability/why.ts";
import { findWhy } from "../availability/why-api.ts";
import { DeletePage } from "../downtime/delete-view.tsx";
import { stateOf } from "../downtime/downtime.ts";
import { type Listing, narrowed } from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { Stored } from "../downtime/rows.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { placeFields } from "../facility/facility.ts";
import { createRoutes } from "../http/request-context.ts";
import type { Instant } from "../time/instant.ts";
import { withParameters } from "../ui/link.ts";
import { sendPage } from "../ui/page-context.ts";
import type { DoneProps } from "./done-view.tsx";
import { ListPage } from "./staff-list-view.tsx";
import { findStillClosed } from "./still-closed.ts";

const pageSize = 50;

export function listRoutes(parts: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = parts;

  const showList = async (visit: Visit) => {
    const { query, caller, frame, csrf, now } = visit;
    const facility = configdb.find();
    const search = {
      past: query.has("past"),
      words: new Map(["reason", ...placeFields].map((field) => [field, (query.get(field) ?? "").trim()])),
    };
    const offset = offsetOf(query);
    const asked = new URLSearchParams([...search.words].filter(([, word]) => word !== ""));
    const { filter } = tryListing(asked, facility).listing;
    const listing: Listing = {
      filter: search.past ? filter : narrowed(filter, { from: now }),
      order: [{ field: "start", descending: search.past }],
      limit: pageSize,
      offset,
    };
    const { count, results } = await downtimes.list(listing);
    const part = (start: number) =>
      withParameters(query, { offset: String(start), saved: undefined, ended: undefined, deleted: undefined });
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
        next={offset + results.length < count ? part(offset + pageSize) : undefined}
        previous={offset > 0 ? part(Math.max(0, offset - pageSize)) : undefined}
        done={await whatWasDone(visit, untilNotice)}
        untilNotice={untilNotice}
        may={new Map(stored.map((one) => [one.downtime.id, mayOf(visit, one)]))}
        questionable={await findStillClosed(parts, visit, untilNotice)}
      />
    );
    return sendPage(markup, caller.request);
  };

  const mayOf = ({ user }: Visit, { createdBy, downtime }: Stored) => ({
    change: mayChange(user, parts.auth.writeAccess, createdBy),
    delete: mayDelete(user, parts.auth.writeAccess, createdBy, downtime.reason),
  });

  /** The query names the rows, the store says what became of them: no link can claim what isn't so. */
  const whatWasDone = async (visit: Visit, untilNotice: UntilNotice): Promise<DoneProps | undefined> => {
    const { query, now, user } = visit;
    const tell = async (what: DoneProps["what"], done: DoneProps["downtimes"], gone: DoneProps["downtimes"] = []) => ({
      what,
      downtimes: done,
      still: await findStill(gone, now),
      untilNotice,
      mayEnd: (createdBy: string | null) => mayChange(user, parts.auth.writeAccess, createdBy),
    });
    const stored = async (name: string) =>
      (await downtimes.findAllStored(idsOf(query.getAll(name)))).map(({ downtime }) => downtime);
    const saved = await stored("saved");
    if (saved.length > 0) return tell("saved", saved);
    const ended = (await stored("ended")).filter((downtime) => stateOf(downtime, now) === "past");
    if (ended.length > 0) return tell("ended", ended, ended);
    const histories = await Promise.all(idsOf(query.getAll("deleted")).map((id) => downtimes.history(id)));
    const deleted = histories.flatMap((versions) => {
      const last = versions.at(-1);
      return last?.action === "delete" ? [{ ...last, id: last.downtime_id }] : [];
    });
    const active = deleted.filter((downtime) => stateOf(downtime, now) === "now");
    return deleted.length > 0 ? tell("deleted", deleted, active) : undefined;
  };

  /** What still blocks the telescopes of downtimes that block them no longer. */
  const findStill = async (gone: DoneProps["downtimes"], now: Instant): Promise<WhyTelescope[]> => {
    const filters = new Map(
      gone.map(({ site, enclosure, telescope }) => [
        `${site} ${enclosure} ${telescope}`,
        { site: [site], enclosure: [enclosure], telescope: [telescope] },
      ]),
    );
    const still: WhyTelescope[] = [];
    for (const filter of filters.values())
      still.push(...(await findWhy(downtimes, configdb.find(), filter, now)).telescopes);
    return still.filter(({ state }) => state !== "available");
  };

  const askToDelete = async (visit: Visit, ids: readonly number[], overtaken = false) => {
    const stored = await downtimes.findAllStored(ids);
    if (stored.length === 0) return sendOn(visit.caller.request, "/admin/downtimes");
    for (const { createdBy, downtime } of stored) checkMayDelete(parts, visit.user, createdBy, downtime.reason);
    const { frame, csrf, now, caller } = visit;
    const markup = <DeletePage {...frame} csrf={csrf} now={now} downtimes={stored} overtaken={overtaken} />;
    return sendPage(markup, caller.request, overtaken ? 409 : 200);
  };

  const remove = async (visit: Visit) => {
    const seen = new Map(visit.form.getAll("seen").map((text) => text.split(".").map(Number) as [number, number]));
    const ids = idsOf([...seen.keys()].map(String));
    const isOvertaken = await downtimes.removeUnless(ids, visit.author, ({ downtime, version, createdBy }) => {
      checkMayDelete(parts, visit.user, createdBy, downtime.reason);
      return seen.get(downtime.id) !== version;
    });
    if (isOvertaken) return askToDelete(visit, ids, true);
    return sendOn(visit.caller.request, deletedAt(ids));
  };

  const restore = async (visit: Visit) => {
    const ids = idsOf(visit.form.getAll("id"));
    await downtimes.restore(ids, visit.author, (...deleted) => checkMayRestore(parts, visit.user, ...deleted));
    return sendOn(visit.caller.request, savedAt(...ids));
  };

  return createRoutes("downtime-list")
    .get("/admin/downtimes", page(parts, showList))
    .get(
      "/admin/downtimes/delete",
      page(parts, (visit) => askToDelete(visit, idsOf(visit.query.getAll("id")))),
    )
    .post("/admin/downtimes/delete", action(parts, remove))
    .post("/admin/downtimes/restore", action(parts, restore));
}
