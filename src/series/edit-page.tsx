/** @jsxImportSource @kitajs/html */
/** Pages with the form: new downtimes and series, edits of them, and the previews. */

import { action } from "../account/staff-form.tsx";
import { idsOf, page, type Visit } from "../account/staff-page.ts";
import { stateOf } from "../downtime/downtime.ts";
import type { Stored } from "../downtime/rows.ts";
import { placeFields } from "../facility/facility.ts";
import { settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { createForm, seenIn } from "./edit-form.tsx";
import { SeriesPreview } from "./edit-form-view.tsx";
import { locationsIn, readSeriesFormInput, type SeriesFormInput, withLocations } from "./form-input.ts";
import { type Edited, editedInputOf, seriesFormInputOf, type Target } from "./form-reading.ts";
import { type SeriesStaffServices, withDowntime, withSeries } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";
import { siteZone } from "./typed-times.ts";

export function seriesFormRoutes(services: SeriesStaffServices) {
  const { series, downtimes, configdb } = services;
  const form = createForm(services);
  const [ofSeries, ofDowntime] = [withSeries(services), withDowntime(services)];

  /** Begins with the fields in the address, or those of a downtime (`from`) or a series (`like`) to duplicate. */
  const showNew = (repeat: string) => async (visit: Visit) => {
    const { query, pageContext } = visit;
    const [like] = idsOf(query.getAll("like"));
    const [from] = idsOf(query.getAll("from"));
    const show = (input: SeriesFormInput) => form.show(visit, input, { focus: input.site ? "start" : "site" });
    if (like !== undefined) return show(seriesFormInputOf(await series.get(like)));
    if (from !== undefined) return show(form.inputOf(visit, (await downtimes.getStored(from)).downtime));
    return show({ ...readSeriesFormInput(query), repeat, zone: pageContext.times === "site" ? siteZone : "" });
  };

  const reshowNew = (visit: Visit) => form.show(visit, readSeriesFormInput(visit.form), {});

  const add = (visit: Visit) =>
    form.submit(visit, {}, async ({ draft, series: planned }) => {
      if (draft && !(await downtimes.findSame(draft))) await downtimes.add(draft, visit.author);
      else if (planned) await series.add(planned, visit.author);
      else return { status: 422 };
      return undefined;
    });

  const showDowntime = async (visit: Visit, stored: Stored) =>
    form.show(visit, form.inputOf(visit, stored.downtime), { stored });

  const reshowDowntime = (visit: Visit, stored: Stored) => form.reshow(visit, { stored });

  const saveDowntime = (visit: Visit, stored: Stored) =>
    form.edit(visit, { stored }, async ({ draft }) => {
      const { id } = stored.downtime;
      if (!draft || (await downtimes.findSame(draft, id))) return { status: 422 };
      const isEnd = stateOf(stored.downtime, visit.now) === "now" && stateOf(draft, visit.now) === "past";
      const decide = (current: Stored) => {
        checkSeen(visit, current);
        return draft;
      };
      await downtimes.change(id, visit.author, decide, isEnd ? "end" : "edit");
      return undefined;
    });

  /** From a date on, it begins with the first occurrence from then on. */
  const showSeries = async (visit: Visit, stored: StoredSeries) => {
    const from = (visit.query.get("from") ?? "").trim();
    const isSplit = /^\d{4}-\d{2}-\d{2}$/.test(from) && stored.rule.kind !== "once";
    const first = isSplit && (await series.rows(stored.id)).find(({ occurrence }) => occurrence >= from);
    const shown = first ? first.occurrence.slice(0, from.length) : isSplit ? from : "";
    return form.show(visit, editedInputOf(stored, shown, from), { edited: { stored, shown, begun: "" } });
  };

  const saveSeries = (visit: Visit, stored: StoredSeries) =>
    form.edit(visit, editedIn(visit, stored), async ({ series: planned }) => {
      if (!planned) return { status: 422 };
      const outcome = await series.change(stored.id, visit.author, (current) => {
        checkSeen(visit, current);
        return planned;
      });
      const isSame = outcome.series.version === stored.version;
      return isSame ? { warning: `No changes to save. ${outcome.warning ?? ""}` } : undefined;
    });

  const reshowSeries = (visit: Visit, stored: StoredSeries) => form.reshow(visit, editedIn(visit, stored));

  const targetOf = async (visit: Visit, isDowntime: boolean): Promise<Target> => {
    const [id] = idsOf(visit.form.getAll("id"));
    if (id === undefined) return {};
    if (isDowntime) return { stored: (await downtimes.findAllStored([id]))[0] };
    return editedIn(visit, await series.get(id));
  };

  const preview = (isDowntime: boolean) => async (visit: Visit) => {
    const target = await targetOf(visit, isDowntime);
    const { edited, stored } = target;
    const typed = readSeriesFormInput(visit.form);
    const fills = !edited && typed.repeat === "none";
    const isKept = stored && placeFields.every((field) => typed[field] === stored.downtime[field]);
    const settled = locationsIn(typed).map((place) => (isKept ? place : settlePlace(configdb.find(), place, fills)));
    const reading = form.read(visit, withLocations(typed, settled), target);
    const errors = shownErrors(reading.errors, visit.form);
    const props = await form.propsOf(visit, reading, target);
    return sendPage(<SeriesPreview {...props} errors={errors} isSingle={isDowntime} />, visit.context.request);
  };

  return createRoutes("series-form")
    .get("/admin/downtimes/new", page(services, showNew("none")))
    .post("/admin/downtimes/new", action(services, add, reshowNew))
    .get("/admin/series/new", page(services, showNew("night")))
    .post("/admin/series/new", action(services, add, reshowNew))
    .post("/admin/series/preview", action(services, preview(false)))
    .post("/admin/downtimes/preview", action(services, preview(true)))
    .get("/admin/downtimes/:id/change", page(services, ofDowntime(showDowntime)))
    .post("/admin/downtimes/:id/change", action(services, ofDowntime(saveDowntime), ofDowntime(reshowDowntime)))
    .get("/admin/series/:id/change", page(services, ofSeries(showSeries)))
    .post("/admin/series/:id/change", action(services, ofSeries(saveSeries), ofSeries(reshowSeries)));
}

/** Reads which version, part and downtimes of the series the form edits. */
function editedIn({ form }: Visit, stored: StoredSeries): { readonly edited: Edited } {
  const begun = form.get("begun");
  return { edited: { stored, shown: form.get("shown") ?? "", begun: begun === "yes" || begun === "no" ? begun : "" } };
}

/** @throws Conflict if someone saved another version since the form was read */
function checkSeen(visit: Visit, { version }: { readonly version: number }): void {
  if (version !== seenIn(visit)) throw new Conflict("Someone edited this just now. Your changes aren't saved yet.");
}
