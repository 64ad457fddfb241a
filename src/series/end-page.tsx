/** @jsxImportSource @kitajs/html */
/** Ends a series from a date, `/admin/series/{id}/end`, or deletes all of it, `/admin/series/{id}/delete`. */

import { checkMayChange, tolerating, type Visit } from "../account/staff-page.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid } from "../input/problem.ts";
import { sendPage } from "../ui/page-context.ts";
import { SeriesEndPage } from "./end-view.tsx";
import { actionOnSeries, pageOfSeries, type SeriesStaffServices } from "./one-series.ts";
import { type Reach, readReach } from "./planned.ts";
import type { StoredSeries } from "./rows.ts";

type Kind = "end" | "delete";

export function seriesEndRoutes(parts: SeriesStaffServices) {
  const { series, clock } = parts;

  const show = async (visit: Visit, stored: StoredSeries, kind: Kind, status: 200 | 409 | 422 = 200) => {
    const { caller, frame, csrf, form: sent, query } = visit;
    const from = sent.get("from") ?? query.get("from") ?? "";
    const isComplete = kind === "delete" || from.trim() !== "" || status === 422;
    const preview = async () =>
      isComplete ? series.tryEnd(stored.id, clock(), reachIn(visit, kind, from)) : undefined;
    const found = await preview().catch(tolerating(Invalid));
    const outcome = found instanceof Invalid ? { error: found.errors.from?.[0] ?? found.detail } : { write: found };
    const props = { csrf, kind, series: stored, from, begun: sent.has("begun"), isOvertaken: status === 409 };
    const markup = <SeriesEndPage {...frame} {...props} {...outcome} />;
    return sendPage(markup, caller.request, found instanceof Invalid ? 422 : status);
  };

  const end = async (visit: Visit, stored: StoredSeries, kind: Kind) => {
    const { form: sent } = visit;
    if (sent.get("do") === "preview") return show(visit, stored, kind);
    const version = Number(sent.get("version") ?? stored.version);
    const mayEnd = (current: StoredSeries) => {
      checkMayChange(parts, visit.user, current.createdBy);
      if (current.version !== version) throw new Conflict("Someone edited this series meanwhile.");
    };
    const write = async () => series.end(stored.id, visit.author, reachIn(visit, kind, sent.get("from") ?? ""), mayEnd);
    const outcome = await write().catch(tolerating(Invalid)).catch(tolerating(Conflict));
    if (outcome instanceof Invalid) return show(visit, stored, kind, 422);
    if (outcome instanceof Conflict) return show(visit, stored, kind, 409);
    // Nothing was changed: the page says why.
    if (outcome.series?.version === version) return show(visit, stored, kind);
    return undefined;
  };

  const pageFor = (kind: Kind) => pageOfSeries(parts, (visit, stored) => show(visit, stored, kind));
  const actionFor = (kind: Kind) =>
    actionOnSeries(
      parts,
      (visit, stored) => end(visit, stored, kind),
      (visit, stored) => show(visit, stored, kind),
    );

  return createRoutes("series-end")
    .get("/admin/series/:id/end", pageFor("end"))
    .post("/admin/series/:id/end", actionFor("end"))
    .get("/admin/series/:id/delete", pageFor("delete"))
    .post("/admin/series/:id/delete", actionFor("delete"));
}

/** Returns which of the downtimes are ended. @throws Invalid */
function reachIn({ form: sent }: Visit, kind: Kind, from: string): Reach | "now" {
  const begun = sent.has("begun") || undefined;
  if (kind === "delete") return { begun };
  return readReach(from, begun);
}
