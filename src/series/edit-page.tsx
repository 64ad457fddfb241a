/** @jsxImportSource @kitajs/html */
/** Pages with the form: new downtimes and series, edits of a series, and the previews. */

import { action } from "../account/staff-form.tsx";
import { idsOf, page, type Visit } from "../account/staff-page.ts";
import { placeFields } from "../facility/facility.ts";
import { settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { spellInstant } from "../time/instant.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { createForm } from "./edit-form.tsx";
import { SeriesPreview } from "./edit-form-view.tsx";
import {
  locationsIn,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { type Edited, editedInputOf, seriesFormInputOf } from "./form-reading.ts";
import { actionOnSeries, pageOfSeries, type SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";
import { siteZone } from "./typed-times.ts";

export function seriesFormRoutes(services: SeriesStaffServices) {
  const { series, downtimes, configdb } = services;
  const form = createForm(services);

  const copyIn = ({ form }: Visit) => ({ copyOf: idsOf(form.getAll("from"))[0] });

  /** Begins with the fields in the address, or those of a downtime (`from`) or a series (`like`) to duplicate. */
  const showNew = (repeat: string) => async (visit: Visit) => {
    const { query, frame } = visit;
    const [like] = idsOf(query.getAll("like"));
    const [copyOf] = like === undefined ? idsOf(query.getAll("from")) : [];
    const show = (input: SeriesFormInput) => form.show(visit, input, { focus: input.site ? "start" : "site", copyOf });
    if (like !== undefined) return show(seriesFormInputOf(await series.get(like)));
    const zone = frame.times === "site" ? siteZone : "";
    if (copyOf === undefined) return show({ ...readSeriesFormInput(query), repeat, zone });
    return show(await form.inputOf(visit, await downtimes.getStored(copyOf)));
  };

  const reshowNew = (visit: Visit) => form.show(visit, readSeriesFormInput(visit.form), copyIn(visit));

  const add = (visit: Visit) =>
    form.submit(visit, copyIn(visit), async ({ single, series: planned }) => {
      if (single?.draft && !(await downtimes.findSame(single.draft))) await downtimes.add(single.draft, visit.author);
      else if (planned) await series.add(planned, visit.author);
      else return { status: 422 };
      return undefined;
    });

  /** From a date on, it begins with the first occurrence from then on. */
  const showEdit = async (visit: Visit, stored: StoredSeries) => {
    const from = (visit.query.get("from") ?? "").trim();
    const isSplit = /^\d{4}-\d{2}-\d{2}$/.test(from) && stored.rule.kind !== "once";
    const first = isSplit && (await series.rows(stored.id)).find(({ occurrence }) => occurrence >= from);
    const shown = first ? first.occurrence.slice(0, from.length) : isSplit ? from : "";
    return form.show(visit, editedInputOf(stored, shown, from), { edited: { stored, shown, begun: "" } });
  };

  const reshowEdit = async (visit: Visit, stored: StoredSeries) => {
    const edited = editedIn(stored, visit.form);
    if (stored.version !== versionIn(visit.form)) return sendMerged(visit, edited);
    return form.show(visit, readSeriesFormInput(visit.form), { edited });
  };

  const save = async (visit: Visit, stored: StoredSeries) => {
    const edited = editedIn(stored, visit.form);
    const seen = versionIn(visit.form);
    if (stored.version !== seen) return sendMerged(visit, edited);
    return form.submit(visit, { edited }, async ({ series: planned }) => {
      if (!planned) return { status: 422 };
      const outcome = await series.change(stored.id, visit.author, ({ version }) => {
        if (version === seen) return planned;
        throw new Conflict("Someone edited this series just now. Your changes aren't saved yet.");
      });
      const isSame = outcome.series.version === seen;
      return isSame ? { warning: `Nothing to save. ${outcome.warning ?? ""}` } : undefined;
    });
  };

  /** Someone else saved the series meanwhile: the form combines both edits. */
  const sendMerged = async (visit: Visit, edited: Edited) => {
    const { stored, shown } = edited;
    const history = await series.history(stored.id);
    const last = history.at(-1);
    const seen = history.find(({ version }) => version === versionIn(visit.form))?.plan ?? stored;
    const [before, theirs] = [editedInputOf(seen, shown), editedInputOf(stored, shown)];
    const conflict = `${last?.by ?? "Someone"} edited this series${last ? ` at ${spellInstant(last.at)}` : ""} while you were editing. Your changes aren't saved yet. The form combines both; review it, then save.`;
    const merged = mergeSeriesFormInputs(before, theirs, readSeriesFormInput(visit.form));
    return form.show(visit, merged, { status: 409, edited, conflict });
  };

  const preview = (isSingle: boolean) => async (visit: Visit) => {
    const [id] = idsOf(visit.form.getAll("id"));
    const [stored] = isSingle && id !== undefined ? await downtimes.findAllStored([id]) : [];
    const edited = isSingle || id === undefined ? undefined : editedIn(await series.get(id), visit.form);
    const typed = readSeriesFormInput(visit.form);
    const facility = configdb.find();
    const fills = !edited && typed.repeat === "none";
    const isKept = stored && placeFields.every((field) => typed[field] === stored.downtime[field]);
    const settled = locationsIn(typed).map((place) => (isKept ? place : settlePlace(facility, place, fills)));
    const sending = { edited, stored, ...copyIn(visit) };
    const reading = form.read(visit, withLocations(typed, settled), sending);
    const errors = shownErrors(reading.errors, visit.form);
    const props = await form.propsOf(visit, reading, sending);
    const shown = "where" in props.preview ? { ...props.preview, errors } : props.preview;
    const parts = { ...props, edited, preview: shown, errors, isSingle };
    return sendPage(<SeriesPreview {...parts} />, visit.caller.request);
  };

  return createRoutes("series-form")
    .get("/admin/downtimes/new", page(services, showNew("none")))
    .post("/admin/downtimes/new", action(services, add, reshowNew))
    .get("/admin/series/new", page(services, showNew("night")))
    .post("/admin/series/new", action(services, add, reshowNew))
    .post("/admin/series/preview", action(services, preview(false)))
    .post("/admin/downtimes/preview", action(services, preview(true)))
    .get("/admin/series/:id/change", pageOfSeries(services, showEdit))
    .post("/admin/series/:id/change", actionOnSeries(services, save, reshowEdit));
}

const versionIn = (sent: URLSearchParams) => Number(sent.get("version"));

function editedIn(stored: StoredSeries, sent: URLSearchParams): Edited {
  const begun = sent.get("begun");
  return { stored, shown: sent.get("shown") ?? "", begun: begun === "yes" || begun === "no" ? begun : "" };
}
