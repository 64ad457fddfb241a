/** @jsxImportSource @kitajs/html */
/** `/admin/now`: closes telescopes at short notice, as one group, and lists the active closures. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, page, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { checkChange, type Downtime, endingNow, stateOf } from "../downtime/downtime.ts";
import { createDowntimePage } from "../downtime/page.tsx";
import type { Stored } from "../downtime/rows.ts";
import { telescopeName } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, NotFound, tolerating } from "../input/problem.ts";
import { extended, type OnceRule } from "../series/once-rule.ts";
import { actionOnSeries, type SeriesStaffServices } from "../series/one-series.ts";
import { createSeriesPage } from "../series/page.tsx";
import { planEdit, planNew } from "../series/plan.ts";
import type { StoredSeries } from "../series/rows.ts";
import { parseDuration } from "../time/duration.ts";
import { type Instant, moved, spellInstant } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { CloseNowPage, type Wrong } from "./close-now-view.tsx";
import { closeOptionsOf, endOf, findCloseNow, findReasons } from "./closures.ts";

export function closeNowRoutes(services: SeriesStaffServices) {
  const show = async (visit: Visit, wrong: Wrong = {}) => {
    const markup = <CloseNowPage {...visit.frame} {...wrong} {...(await findCloseNow(services, visit))} />;
    return sendPage(markup, visit.caller.request, wrong.conflict ? 409 : wrong.reasonError ? 422 : 200);
  };

  const scopesIn = (form: URLSearchParams) => {
    const sites = form.getAll("site");
    const names = form.getAll("telescope");
    const ticked = [...services.configdb.get().places()].filter(
      (place) => place.instrument_type === "" && !sites.includes(place.site) && names.includes(telescopeName(place)),
    );
    return [
      ...sites.map((site) => ({ site })),
      ...ticked.map(({ site, enclosure, telescope }) => ({ site, enclosure, telescope })),
    ];
  };

  const close = async (visit: Visit) => {
    const { form, now, author } = visit;
    const [chip = "", typed = ""] = [form.get("chip"), form.get("reason")].map((text) => text?.trim());
    const scopes = scopesIn(form);
    const end = endOf(form.get("until"));
    if (end === undefined) throw new Malformed("Choose a telescope and a duration.");
    if (scopes.length === 0) return show(visit, { conflict: "Nothing was closed. Select a site or a telescope." });
    const body = {
      reason: [chip, typed].filter(Boolean).join(": "),
      category: (await findReasons(services)).get(chip || typed) ?? "closure",
      scopes,
      rule: { kind: "once", start: "now", end },
    };
    const add = async () => {
      const planned = planNew(body, services.configdb.get(), now);
      return services.series.add({ ...planned, kind: planned.kind ?? "close" }, author);
    };
    const refused = await add().catch(tolerating(Invalid)).catch(tolerating(Conflict));
    if (refused instanceof Conflict) return show(visit, { conflict: refused.detail });
    if (!(refused instanceof Invalid)) return undefined;
    const [reasonError] = refused.errors.reason ?? [];
    return show(visit, reasonError ? { reasonError } : { conflict: refused.lines.join(" ") });
  };

  return createRoutes("close-now")
    .get(
      "/admin/now",
      page(services, (visit) => show(visit)),
    )
    .post("/admin/now", action(services, close, show));
}

export function extendRoutes(services: SeriesStaffServices) {
  const { downtimes, series, configdb, getPageContext } = services;
  const showDowntime = createDowntimePage({ ...services, describeSeries: series.describe }, getPageContext);
  const showSeries = createSeriesPage(services, getPageContext);

  /** Sets a new end for an active downtime. If it isn't active any more, shows how it is now. */
  const moveEnd = async (visit: Visit, id: number, kind: Kind, endAt: (downtime: Downtime) => Instant) => {
    const decide = ({ downtime, createdBy }: Stored) => {
      checkMayChange(services, visit.user, createdBy);
      if (stateOf(downtime, visit.now) !== "now") throw new Conflict("This downtime isn't active.");
      return checkChange(downtime, { end: endAt(downtime) }, configdb.get);
    };
    const refused = await downtimes
      .change(id, visit.author, decide, kind)
      .then(() => undefined, tolerating(NotFound))
      .catch(tolerating(Conflict));
    if (!refused) return undefined;
    return showDowntime(visit.caller, refused instanceof Conflict ? refused.detail : "This downtime was deleted.");
  };

  const extend = (visit: Visit, id: number) => {
    const name = visit.form.get("until");
    if (name === null) {
      const millis = millisIn(visit);
      return moveEnd(visit, id, "extend", ({ end }) => moved(end, millis));
    }
    return moveEnd(visit, id, name === "open" ? "until_notice" : "extend", ({ site, end }) => {
      const options = closeOptionsOf(findSite(configdb.get(), site), visit.now);
      const until = options.find((option) => option.name === name)?.until;
      if (!until) throw new Malformed("Choose a telescope and a duration.");
      if (until <= end) throw new Conflict(`This downtime already lasts until ${spellInstant(end)}.`);
      return until;
    });
  };

  const extendClosure = async (visit: Visit, { id }: StoredSeries) => {
    const rows = await series.rows(id);
    if (!rows.some(({ downtime, byHand }) => !byHand && stateOf(downtime, visit.now) === "now"))
      return showSeries(visit.caller, "This closure isn't active.");
    await series.change(id, visit.author, (stored) => {
      checkMayChange(services, visit.user, stored.createdBy);
      if (stored.rule.kind !== "once") throw new Conflict("Only a closure can be extended. Edit the series instead.");
      const planned = planEdit(stored, { rule: ruleIn(visit, stored.rule) }, {}, configdb.get(), visit.now);
      return { ...planned, kind: planned.kind ?? "extend" };
    });
    return undefined;
  };

  return createRoutes("extend")
    .post(
      "/admin/downtimes/:id/end",
      action(
        services,
        withId((visit, id) => moveEnd(visit, id, "end", (downtime) => endingNow(downtime, visit.now))),
      ),
    )
    .post("/admin/downtimes/:id/extend", action(services, withId(extend)))
    .post("/admin/series/:id/extend", actionOnSeries(services, extendClosure));
}

function millisIn({ form }: Visit): number {
  const seconds = parseDuration(form.get("by") ?? "");
  if (seconds === undefined) throw new Malformed("Enter a duration, such as 4 h.");
  return seconds * 1000;
}

/** The rule with the end that a button sets. @throws Malformed, Conflict */
function ruleIn(visit: Visit, rule: OnceRule): object {
  const until = visit.form.get("until");
  if (until === null) {
    if (rule.end === null) throw new Conflict("This closure lasts until further notice already.");
    return extended(rule, millisIn(visit));
  }
  const end = endOf(until);
  if (end === undefined) throw new Malformed("Choose a duration.");
  return { kind: rule.kind, start: rule.start, end };
}
