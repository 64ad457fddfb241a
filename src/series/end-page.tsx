/** @jsxImportSource @kitajs/html */
/** Ending a series: from a date on at `/admin/series/{id}/end`, all of it at `/admin/series/{id}/delete`. */

import { doneAt } from "../account/landing.ts";
import { action } from "../account/staff-form.ts";
import { checkMayChange, page, sendOn, tolerating, type Visit, withId } from "../account/staff-page.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid } from "../input/problem.ts";
import { sendPage } from "../ui/page-context.ts";
import { SeriesEndPage } from "./end-view.tsx";
import { findSeries } from "./find-series.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import { type Reach, readFrom } from "./planned.ts";
import type { StoredSeries } from "./rows.ts";

type Kind = "end" | "delete";

export function seriesEndRoutes(parts: SeriesStaffServices) {
  const { series, clock } = parts;

  /** What is asked for, and what that removes; or what is wrong with it. */
  const tried = async (visit: Visit, id: number, kind: Kind, from: string) => {
    const reach = reachOf(kind, from, visit.form.has("begun"));
    return { reach, revision: await series.tryEnd(id, clock(), reach) };
  };

  const ask = async (visit: Visit, id: number, kind: Kind, status: 200 | 409 | 422 = 200) => {
    const { caller, frame, csrf, form: sent, query } = visit;
    const stored = await findSeries(parts, id);
    if (!stored) return sendOn(caller.request, `/series/${id}`);
    checkMayChange(parts, visit.user, stored.createdBy);
    const from = sent.get("from") ?? query.get("from") ?? "";
    const isAsked = kind === "delete" || from.trim() !== "" || status === 422;
    const found = isAsked ? await tried(visit, id, kind, from).catch(tolerating(Invalid)) : undefined;
    const markup = (
      <SeriesEndPage
        {...frame}
        csrf={csrf}
        kind={kind}
        series={stored}
        from={from}
        begun={sent.has("begun")}
        {...(found instanceof Invalid
          ? { error: found.errors.from?.[0] ?? found.detail }
          : { revision: found?.revision })}
        isOvertaken={status === 409}
      />
    );
    return sendPage(markup, caller.request, found instanceof Invalid ? 422 : status);
  };

  const end = async (visit: Visit, id: number, kind: Kind) => {
    if (visit.form.get("do") === "preview") return ask(visit, id, kind);
    const from = visit.form.get("from") ?? "";
    const found = await tried(visit, id, kind, from).catch(tolerating(Invalid));
    if (found instanceof Invalid) return ask(visit, id, kind, 422);
    const mayEnd = (stored: StoredSeries) => {
      checkMayChange(parts, visit.user, stored.createdBy);
      if (stored.version !== Number(visit.form.get("version"))) throw new Conflict("Somebody changed it meanwhile.");
    };
    const outcome = await series.end(id, visit.author, found.reach, mayEnd).catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return ask(visit, id, kind, 409);
    // Nothing to do: the page says why.
    if (outcome.series?.version === Number(visit.form.get("version"))) return ask(visit, id, kind);
    return sendOn(visit.caller.request, outcome.series ? doneAt(outcome.series) : `/series/${id}`);
  };

  const askTo = (kind: Kind) => withId((visit, id) => ask(visit, id, kind));
  const actAs = (kind: Kind) => withId((visit, id) => end(visit, id, kind));

  return createRoutes("series-end")
    .get("/admin/series/:id/end", page(parts, askTo("end")))
    .post("/admin/series/:id/end", action(parts, actAs("end"), askTo("end")))
    .get("/admin/series/:id/delete", page(parts, askTo("delete")))
    .post("/admin/series/:id/delete", action(parts, actAs("delete")));
}

/** @throws Invalid */
function reachOf(kind: Kind, from: string, isBegunMeant: boolean): Reach | "now" {
  const begun = isBegunMeant || undefined;
  if (kind === "delete") return { begun };
  if (from.trim().toLowerCase() === "now") return "now";
  if (from.trim() === "") throw new Invalid({ from: ["Say from which date on."] });
  return { begun, from: readFrom(from) };
}
