/** @jsxImportSource @kitajs/html */
/** `/admin/now`: closes telescopes at short notice, as one group, and lists the active closures. */

import { action } from "../account/staff-form.tsx";
import { page, type Visit } from "../account/staff-page.ts";
import { telescopeName } from "../facility/facility.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, tolerating } from "../input/problem.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { planNew } from "../series/plan.ts";
import { sendPage } from "../ui/page-context.ts";
import { CloseNowPage, type Wrong } from "./close-now-view.tsx";
import { endOf, findCloseNow, findReasons } from "./closures.ts";

export function closeNowRoutes(services: SeriesStaffServices) {
  const show = async (visit: Visit, wrong: Wrong = {}) => {
    const markup = <CloseNowPage {...visit.frame} {...wrong} {...(await findCloseNow(services, visit))} />;
    return sendPage(markup, visit.caller.request, wrong.conflict ? 409 : wrong.reasonError ? 422 : 200);
  };

  /** Returns whole sites, and the other telescopes that were ticked. */
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
