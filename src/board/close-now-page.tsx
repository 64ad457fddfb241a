/** @jsxImportSource @kitajs/html */
/** `/admin/now`: closes telescopes at short notice, as one group, and lists the active closures. */

import { action } from "../account/staff-form.tsx";
import { page, type Visit } from "../account/staff-page.ts";
import { telescopeStatusesOf } from "../availability/telescope-status.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { telescopeName } from "../facility/facility.ts";
import { findSite } from "../facility/places.ts";
import { safeNext } from "../http/hosts.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, tolerating } from "../input/problem.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { planNew } from "../series/plan.ts";
import { moved } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { type ClosableSite, CloseNowPage } from "./close-now-view.tsx";
import { closeOptionsOf, endOf, findEditable, findReasons, findStillClosed } from "./closures.ts";

const telescopeFields = ["site", "enclosure", "telescope"] as const;

export function closeNowRoutes(services: SeriesStaffServices) {
  const { downtimes, series, configdb } = services;

  const show = async (visit: Visit, wrong: { reasonError?: string | undefined; conflict?: string } = {}) => {
    const { caller, frame, csrf, now, query, form: sent } = visit;
    const untilNotice = await downtimes.untilNotice(now);
    const active = await downtimes.during({}, { start: now, end: moved(now, 1000) });
    const { closures, mayEdit } = await findEditable(services, visit, now, active);
    // Part of a closure, it is edited with it.
    for (const { downtimes } of closures) for (const { id } of downtimes) mayEdit.delete(id);
    const markup = (
      <CloseNowPage
        {...frame}
        {...wrong}
        csrf={csrf}
        next={query.has("next") ? safeNext(query.get("next")) : frame.path}
        now={now}
        sent={sent}
        query={query}
        untilNotice={untilNotice}
        unconfirmed={await findStillClosed(services, visit, untilNotice)}
        closures={closures}
        reasons={[...(await findReasons(services)).keys()]}
        sites={findSites(visit, active)}
        mayEdit={mayEdit}
        codes={configdb.get().codes.site}
      />
    );
    return sendPage(markup, caller.request, wrong.conflict ? 409 : wrong.reasonError ? 422 : 200);
  };

  /** Returns the telescopes that the query selects, by site. Inactive telescopes are included only while they are down. */
  const findSites = ({ query, now }: Visit, active: readonly Downtime[]): ClosableSite[] => {
    const facility = configdb.get();
    const telescopes = telescopeStatusesOf(facility, active, now)
      .filter(({ name }) => telescopeFields.every((field) => (query.get(field) || name[field]) === name[field]))
      .filter(({ name, blocking }) => name.known && (name.active || blocking.length > 0));
    return [...Map.groupBy(telescopes, ({ name }) => name.site)].map(([code, atSite]) => {
      const site = findSite(facility, code);
      return { code, zone: site?.zone, options: closeOptionsOf(site, now), telescopes: atSite };
    });
  };

  /** Returns whole sites, and the other telescopes that were ticked. */
  const scopesIn = (form: URLSearchParams) => {
    const sites = form.getAll("site");
    const names = form.getAll("telescope");
    const ticked = [...configdb.get().places()].filter(
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
      const planned = planNew(body, configdb.get(), now);
      return series.add({ ...planned, kind: planned.kind ?? "close" }, author);
    };
    const refused = await add().catch(tolerating(Invalid)).catch(tolerating(Conflict));
    if (refused instanceof Invalid && refused.errors.reason)
      return show(visit, { reasonError: refused.errors.reason[0] });
    if (refused instanceof Invalid) return show(visit, { conflict: refused.lines.join(" ") });
    return refused instanceof Conflict ? show(visit, { conflict: refused.detail }) : undefined;
  };

  return createRoutes("close-now")
    .get(
      "/admin/now",
      page(services, (visit) => show(visit)),
    )
    .post("/admin/now", action(services, close, show));
}
