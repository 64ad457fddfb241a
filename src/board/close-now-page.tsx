/** @jsxImportSource @kitajs/html */
/** `/admin/now`: closes telescopes at short notice, as one group, and lists the active closures. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, page, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { checkChange, type Downtime, endingNow, stateOf } from "../downtime/downtime.ts";
import { createDowntimePage } from "../downtime/page.tsx";
import type { Stored } from "../downtime/rows.ts";
import { oneYearAfter } from "../downtime/state.ts";
import { telescopeName } from "../facility/facility.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, NotFound, tolerating } from "../input/problem.ts";
import { extended, type OnceRule } from "../series/once-rule.ts";
import { type SeriesStaffServices, withSeries } from "../series/one-series.ts";
import { createSeriesPage } from "../series/page.tsx";
import { planEdit } from "../series/plan.ts";
import type { StoredSeries } from "../series/rows.ts";
import { parseDuration } from "../time/duration.ts";
import { type Instant, moved } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { CloseNowPage, durations, type Wrong } from "./close-now-view.tsx";
import { findCloseNow, findReasons, planClosure } from "./closures.ts";

export function closeNowRoutes(services: SeriesStaffServices) {
  const show = async (visit: Visit, wrong: Wrong = {}) => {
    const markup = <CloseNowPage {...visit.pageContext} {...wrong} {...(await findCloseNow(services, visit))} />;
    return sendPage(markup, visit.context.request, wrong.conflict ? 409 : wrong.reasonError ? 422 : 200);
  };

  const scopesIn = (form: URLSearchParams) => {
    const [sites, names] = [form.getAll("site"), form.getAll("telescope")];
    return [
      ...sites.map((site) => ({ site })),
      ...[...services.configdb.get().places()]
        .filter((place) => place.instrument_type === "" && !sites.includes(place.site))
        .filter((place) => names.includes(telescopeName(place)))
        .map(({ site, enclosure, telescope }) => ({ site, enclosure, telescope })),
    ];
  };

  const close = async (visit: Visit) => {
    const { form, now, author } = visit;
    const [chip = "", typed = ""] = [form.get("chip"), form.get("reason")].map((text) => text?.trim());
    const body = {
      reason: [chip, typed].filter(Boolean).join(": "),
      category: (await findReasons(services)).get(chip || typed) ?? "closure",
      scopes: scopesIn(form),
    };
    const end = endIn(visit);
    if (body.scopes.length === 0) return show(visit, { conflict: "Nothing was closed. Select a site or a telescope." });
    const add = async () => services.series.add(planClosure(body, end, services.configdb.get(), now), author);
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
    return showDowntime(visit.context, refused instanceof Conflict ? refused.detail : "This downtime was deleted.");
  };

  const extend = (visit: Visit, id: number) => {
    if (visit.form.get("until") === "open") return moveEnd(visit, id, "until_notice", () => oneYearAfter(visit.now));
    const millis = millisIn(visit);
    return moveEnd(visit, id, "extend", ({ end }) => moved(end, millis));
  };

  const extendClosure = async (visit: Visit, { id }: StoredSeries) => {
    const rows = await series.rows(id);
    if (!rows.some(({ downtime, byHand }) => !byHand && stateOf(downtime, visit.now) === "now"))
      return showSeries(visit.context, "This closure isn't active.");
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
    .post("/admin/series/:id/extend", action(services, withSeries(services)(extendClosure)));
}

function millisIn({ form }: Visit): number {
  const seconds = parseDuration(form.get("by") ?? "");
  if (seconds === undefined) throw new Malformed("Enter a duration, such as 4 h.");
  return seconds * 1000;
}

/** The end of the rule that a button names: a duration, `sunrise`, or null until further notice. @throws Malformed */
function endIn({ form }: Visit): string | null {
  const until = form.get("until") ?? "";
  if (!Object.hasOwn(durations, until)) throw new Malformed("Choose a telescope and a duration.");
  return until === "open" ? null : until;
}

/** The rule with the end that a button sets. @throws Malformed, Conflict */
function ruleIn(visit: Visit, rule: OnceRule): object {
  if (visit.form.has("until")) return { kind: rule.kind, start: rule.start, end: endIn(visit) };
  if (rule.end === null) throw new Conflict("This closure already lasts until further notice and can't be extended.");
  return extended(rule, millisIn(visit));
}
