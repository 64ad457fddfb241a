/** @jsxImportSource @kitajs/html */
/** The form of a series: `/admin/series/new`, `/admin/series/{id}/change`, and the preview while one types. */

import { doneAt } from "../account/landing.ts";
import { action } from "../account/staff-form.ts";
import { asksForPart, checkMayChange, idsOf, page, sendOn, tolerating, type Visit } from "../account/staff-page.ts";
import { emptyPlace } from "../facility/facility.ts";
import { placeChoices } from "../facility/places.ts";
import { idOf, servingOne } from "../http/id.ts";
import { createRoutes, serving } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { spellInstant } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { SeriesForm, SeriesFormPage, type SeriesFormProps, SeriesPreview } from "./edit-form-view.tsx";
import { findSeries } from "./find-series.ts";
import { settleScope } from "./form-body.ts";
import {
  emptySeriesFormInput,
  mergeSeriesFormInputs,
  placeFieldName,
  readSeriesFormInput,
  type SeriesFormInput,
  seriesFormInputOf,
} from "./form-input.ts";
import { partAt, type SeriesReading } from "./form-reading.ts";
import { partsOf } from "./plan.ts";
import { begunChoiceIn, type Changing, createPlanner, type SeriesStaffServices } from "./planner.ts";
import type { StoredSeries } from "./rows.ts";

const hidden = { detail: { hide: true } };
const form = { parse: "none" as const, ...hidden };

/** How the form comes back. */
interface Sending extends Pick<SeriesFormProps, "conflict" | "warning" | "focus"> {
  readonly status?: 200 | 409 | 422;
  readonly changing?: Changing;
}

export function seriesFormRoutes(parts: SeriesStaffServices) {
  const { series, configdb } = parts;
  const { read, tried } = createPlanner(parts);

  const propsOf = async (visit: Visit, reading: SeriesReading, changing: Changing | undefined) => {
    const facility = configdb.find();
    const { entry, errors } = reading;
    const isNarrow = asksForPart(visit.caller.request);
    const outcome = await tried(reading, changing).catch(tolerating(Conflict));
    const told = outcome instanceof Conflict ? { errors: { form: outcome.detail } } : { outcome, errors };
    return {
      entry,
      choices: entry.places.map((place) => placeChoices(facility, isNarrow ? place : emptyPlace)),
      zones: [...new Set(facility?.sites.flatMap(({ zone }) => zone ?? [])), "UTC"],
      preview: {
        ...told,
        isChange: changing !== undefined,
        ended: changing?.stored.ended,
        all: visit.form.has("all"),
        now: visit.now,
      },
    };
  };

  const send = async (visit: Visit, reading: SeriesReading, { status = 200, changing, ...more }: Sending) => {
    const { caller, csrf, frame } = visit;
    const props: SeriesFormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      errors: status === 422 ? reading.errors : {},
      unsaved: visit.form.size > 0,
      notice: asksForPart(caller.request) ? frame.notice : undefined,
      ...(await propsOf(visit, reading, changing)),
      ...(changing && {
        changing: {
          id: changing.stored.id,
          version: changing.stored.version,
          shown: changing.shown,
          begun: changing.begun,
          isPart: partsOf(changing.stored).length > 1,
          ended: changing.stored.ended,
        },
      }),
      ...more,
    };
    const title = changing ? "Change a series" : "Plan a series";
    const markup = asksForPart(caller.request) ? (
      <SeriesForm {...props} />
    ) : (
      <SeriesFormPage {...frame} title={title} form={props} />
    );
    return sendPage(markup, caller.request, status);
  };

  const showNew = async (visit: Visit) => {
    const [like] = idsOf(visit.query.getAll("like"));
    const entry = like === undefined ? emptySeriesFormInput : seriesFormInputOf(await series.get(like));
    return send(visit, read(entry, visit), {});
  };

  const add = async (visit: Visit) => {
    const entry = readSeriesFormInput(visit.form);
    const edited = editedBy(visit.form.get("do") ?? "", entry);
    if (edited) return send(visit, read(edited, visit), focusAfter(edited, entry));
    const reading = read(entry, visit);
    if (!reading.booking) return send(visit, reading, { status: 422 });
    const outcome = await series.add(reading.booking, visit.author).catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return send(visit, reading, { status: 409, conflict: outcome.detail });
    return sendOn(visit.caller.request, doneAt(outcome.series));
  };

  const reshowNew = (visit: Visit) => send(visit, read(readSeriesFormInput(visit.form), visit), {});

  const reshowChange = async (visit: Visit, id: number) => {
    const stored = await findSeries(parts, id);
    if (!stored) return sendOn(visit.caller.request, `/series/${id}`);
    checkMayChange(parts, visit.user, stored.createdBy);
    const [changing, entry] = [changingOf(stored, visit.form), readSeriesFormInput(visit.form)];
    const seen = Number(visit.form.get("version"));
    if (stored.version !== seen) return sendOvertaken(visit, entry, changing, seen);
    return send(visit, read(entry, visit, changing), { changing });
  };

  const showChange = async (visit: Visit, id: number) => {
    const stored = await findSeries(parts, id);
    if (!stored) return sendOn(visit.caller.request, `/series/${id}`);
    checkMayChange(parts, visit.user, stored.createdBy);
    const from = (visit.query.get("from") ?? "").trim();
    const changing = { stored, shown: /^\d{4}-\d{2}-\d{2}$/.test(from) ? from : "", begun: "" as const };
    const entry = seriesFormInputOf(partAt(stored, changing.shown), from);
    return send(visit, read(entry, visit, changing), { changing });
  };

  const change = async (visit: Visit, id: number) => {
    const stored = await findSeries(parts, id);
    if (!stored) return sendOn(visit.caller.request, `/series/${id}`);
    checkMayChange(parts, visit.user, stored.createdBy);
    const changing = changingOf(stored, visit.form);
    const seen = Number(visit.form.get("version"));
    const entry = readSeriesFormInput(visit.form);
    if (stored.version !== seen) return sendOvertaken(visit, entry, changing, seen);
    const edited = editedBy(visit.form.get("do") ?? "", entry);
    if (edited) return send(visit, read(edited, visit, changing), { changing, ...focusAfter(edited, entry) });
    const reading = read(entry, visit, changing);
    const { booking } = reading;
    if (!booking) return send(visit, reading, { status: 422, changing });
    const outcome = await series
      .change(id, visit.author, ({ version }) => {
        if (version !== seen) throw new Conflict("Somebody changed this series just now. Nothing of yours is saved.");
        return booking;
      })
      .catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return send(visit, reading, { status: 409, changing, conflict: outcome.detail });
    if (outcome.series.version === seen)
      return send(visit, reading, { changing, warning: `Nothing to save. ${outcome.warning ?? ""}` });
    return sendOn(visit.caller.request, doneAt(outcome.series));
  };

  /** The form then holds what either changed, and on the same field what was typed. */
  const sendOvertaken = async (visit: Visit, mine: SeriesFormInput, changing: Changing, seen: number) => {
    const { stored, shown } = changing;
    const history = await series.history(stored.id);
    const last = history.at(-1);
    const entryAt = (plan = history.find(({ version }) => version === seen)?.plan ?? stored) =>
      seriesFormInputOf(partAt(plan, shown));
    const merged = mergeSeriesFormInputs(entryAt(), entryAt(stored), mine);
    const conflict = `${last?.by ?? "Somebody"} changed this series${last ? ` at ${spellInstant(last.at)}` : ""}, while you had it open. Nothing of yours is saved yet. The form has what they changed, and what you changed. Look it over, then save.`;
    return send(visit, read(merged, visit, changing), { status: 409, changing, conflict });
  };

  const preview = async (visit: Visit) => {
    const [id] = idsOf(visit.form.getAll("id"));
    const changing = id === undefined ? undefined : changingOf(await series.get(id), visit.form);
    const typed = readSeriesFormInput(visit.form);
    const facility = configdb.get();
    const places = typed.places.map((place) => settleScope(place, placeChoices(facility, place), facility));
    const reading = read({ ...typed, places }, visit, changing);
    // A field that was wrong stays marked until it is mended; one that nobody has come to yet isn't marked.
    const marked = (visit.form.get("wrong") ?? "").split(" ");
    const errors = Object.fromEntries(Object.entries(reading.errors).filter(([field]) => marked.includes(field)));
    const props = await propsOf(visit, reading, changing);
    return sendPage(<SeriesPreview {...props} errors={errors} />, visit.caller.request);
  };

  return createRoutes("series-form")
    .get("/admin/series/new", serving(page(parts, showNew)), hidden)
    .post("/admin/series/new", serving(action(parts, add, reshowNew)), form)
    .post("/admin/series/preview", serving(action(parts, preview)), form)
    .get(
      "/admin/series/:id/change",
      servingOne((c) => page(parts, (visit) => showChange(visit, idOf(c)))(c)),
      hidden,
    )
    .post(
      "/admin/series/:id/change",
      servingOne((c) =>
        action(
          parts,
          (visit) => change(visit, idOf(c)),
          (visit) => reshowChange(visit, idOf(c)),
        )(c),
      ),
      form,
    );
}

/** What a button of the form makes of the entry; undefined where it saves. */
function editedBy(act: string, entry: SeriesFormInput): SeriesFormInput | undefined {
  if (act === "preview") return entry;
  if (act === "add") return { ...entry, places: [...entry.places, emptyPlace] };
  const removed = /^remove-(\d+)$/.exec(act)?.[1];
  if (removed === undefined) return undefined;
  const places = entry.places.filter((_, index) => index !== Number(removed));
  return { ...entry, places: places.length > 0 ? places : [emptyPlace] };
}

/** The cursor goes to the last place, where one was added or left out. */
const focusAfter = ({ places }: SeriesFormInput, before: SeriesFormInput) =>
  places.length === before.places.length ? {} : { focus: placeFieldName("site", places.length - 1) };

const changingOf = (stored: StoredSeries, sent: URLSearchParams): Changing => ({
  stored,
  shown: sent.get("shown") ?? "",
  begun: begunChoiceIn(sent),
});
