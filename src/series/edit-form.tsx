/** @jsxImportSource @kitajs/html */
/** The series form: `/admin/series/new`, `/admin/series/{id}/change`, and its preview. */

import { action } from "../account/staff-form.ts";
import { asksForPart, idsOf, page, tolerating, type Visit } from "../account/staff-page.ts";
import { emptyPlace } from "../facility/facility.ts";
import { placeChoices, settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { spellInstant } from "../time/instant.ts";
import { EditFormPage, shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { begunChoiceOf, type Edited, SeriesForm, type SeriesFormProps, SeriesPreview } from "./edit-form-view.tsx";
import {
  emptySeriesFormInput,
  locationInput,
  locationsIn,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { createFormReader, partAt, type SeriesReading, seriesFormInputOf } from "./form-reading.ts";
import { actionOnSeries, pageOfSeries, type SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";

/** How the form comes back. */
interface Sending extends Pick<SeriesFormProps, "edited" | "conflict" | "warning" | "focus"> {
  readonly status?: 200 | 409 | 422;
}

export function seriesFormRoutes(parts: SeriesStaffServices) {
  const { series, configdb } = parts;
  const reader = createFormReader(parts);

  const propsOf = async (visit: Visit, reading: SeriesReading, edited: Edited | undefined) => {
    const facility = configdb.find();
    const { input, errors } = reading;
    const isPart = asksForPart(visit.caller.request);
    const outcome = await reader.preview(reading, edited).catch(tolerating(Conflict));
    const preview = outcome instanceof Conflict ? { errors: { form: outcome.detail } } : { outcome, errors };
    return {
      input,
      choices: locationsIn(input).map((location) => placeChoices(facility, isPart ? location : emptyPlace)),
      zones: [...new Set(facility?.sites.flatMap(({ zone }) => zone ?? [])), "UTC"],
      preview: {
        ...preview,
        edited: edited?.stored,
        all: visit.form.has("all"),
        now: visit.now,
        zoneOf: visit.frame.zoneOf,
      },
    };
  };

  const send = async (visit: Visit, reading: SeriesReading, { status = 200, ...more }: Sending) => {
    const { caller, csrf, frame } = visit;
    const isPart = asksForPart(caller.request);
    const props: SeriesFormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      errors: status === 422 ? reading.errors : {},
      unsaved: visit.form.size > 0,
      notice: isPart ? frame.notice : undefined,
      ...(await propsOf(visit, reading, more.edited)),
      ...more,
    };
    const title = more.edited ? "Edit series" : "New series";
    const form = <SeriesForm {...props} />;
    const markup = isPart ? (
      form
    ) : (
      <EditFormPage {...frame} title={title}>
        {form}
      </EditFormPage>
    );
    return sendPage(markup, caller.request, status);
  };

  const showNew = async (visit: Visit) => {
    const [like] = idsOf(visit.query.getAll("like"));
    const input = like === undefined ? emptySeriesFormInput : seriesFormInputOf(await series.get(like));
    return send(visit, reader.read(input, visit.now), {});
  };

  const reshowNew = (visit: Visit) => send(visit, reader.read(readSeriesFormInput(visit.form), visit.now), {});

  const add = async (visit: Visit) => {
    const input = readSeriesFormInput(visit.form);
    const pressed = afterButton(visit.form.get("do") ?? "", input);
    if (pressed) return send(visit, reader.read(pressed, visit.now), focusAfter(pressed, input));
    const reading = reader.read(input, visit.now);
    if (!reading.series) return send(visit, reading, { status: 422 });
    const outcome = await series.add(reading.series, visit.author).catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return send(visit, reading, { status: 409, conflict: outcome.detail });
    return undefined;
  };

  const showEdit = async (visit: Visit, stored: StoredSeries) => {
    const from = (visit.query.get("from") ?? "").trim();
    const edited = { stored, shown: /^\d{4}-\d{2}-\d{2}$/.test(from) ? from : "", begun: "" as const };
    const input = seriesFormInputOf(partAt(stored, edited.shown), from);
    return send(visit, reader.read(input, visit.now, edited), { edited });
  };

  const reshowEdit = async (visit: Visit, stored: StoredSeries) => {
    const [edited, input] = [editedIn(stored, visit.form), readSeriesFormInput(visit.form)];
    if (stored.version !== versionIn(visit.form)) return sendMerged(visit, input, edited);
    return send(visit, reader.read(input, visit.now, edited), { edited });
  };

  const save = async (visit: Visit, stored: StoredSeries) => {
    const [edited, input] = [editedIn(stored, visit.form), readSeriesFormInput(visit.form)];
    const seen = versionIn(visit.form);
    if (stored.version !== seen) return sendMerged(visit, input, edited);
    const pressed = afterButton(visit.form.get("do") ?? "", input);
    if (pressed) return send(visit, reader.read(pressed, visit.now, edited), { edited, ...focusAfter(pressed, input) });
    const reading = reader.read(input, visit.now, edited);
    const planned = reading.series;
    if (!planned) return send(visit, reading, { status: 422, edited });
    const decide = ({ version }: StoredSeries) => {
      if (version === seen) return planned;
      throw new Conflict("Someone edited this series just now. Your changes aren't saved yet.");
    };
    const outcome = await series.change(stored.id, visit.author, decide).catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return send(visit, reading, { status: 409, edited, conflict: outcome.detail });
    if (outcome.series.version === seen)
      return send(visit, reading, { edited, warning: `Nothing to save. ${outcome.warning ?? ""}` });
    return undefined;
  };

  /** Someone else saved the series meanwhile: the form combines both edits. */
  const sendMerged = async (visit: Visit, mine: SeriesFormInput, edited: Edited) => {
    const { stored, shown } = edited;
    const history = await series.history(stored.id);
    const last = history.at(-1);
    const seen = history.find(({ version }) => version === versionIn(visit.form))?.plan ?? stored;
    const [before, theirs] = [seen, stored].map((plan) => seriesFormInputOf(partAt(plan, shown))) as [
      SeriesFormInput,
      SeriesFormInput,
    ];
    const merged = mergeSeriesFormInputs(before, theirs, mine);
    const conflict = `${last?.by ?? "Someone"} edited this series${last ? ` at ${spellInstant(last.at)}` : ""} while you were editing. Your changes aren't saved yet. The form combines both; review it, then save.`;
    return send(visit, reader.read(merged, visit.now, edited), { status: 409, edited, conflict });
  };

  const preview = async (visit: Visit) => {
    const [id] = idsOf(visit.form.getAll("id"));
    const edited = id === undefined ? undefined : editedIn(await series.get(id), visit.form);
    const typed = readSeriesFormInput(visit.form);
    const facility = configdb.get();
    const settled = locationsIn(typed).map((location) => settlePlace(facility, location, false));
    const reading = reader.read(withLocations(typed, settled), visit.now, edited);
    const errors = shownErrors(reading.errors, visit.form);
    const props = await propsOf(visit, reading, edited);
    return sendPage(<SeriesPreview {...props} errors={errors} />, visit.caller.request);
  };

  return createRoutes("series-form")
    .get("/admin/series/new", page(parts, showNew))
    .post("/admin/series/new", action(parts, add, reshowNew))
    .post("/admin/series/preview", action(parts, preview))
    .get("/admin/series/:id/change", pageOfSeries(parts, showEdit))
    .post("/admin/series/:id/change", actionOnSeries(parts, save, reshowEdit));
}

const versionIn = (sent: URLSearchParams) => Number(sent.get("version"));

const editedIn = (stored: StoredSeries, sent: URLSearchParams): Edited => ({
  stored,
  shown: sent.get("shown") ?? "",
  begun: begunChoiceOf(sent.get("begun")),
});

/** The input after a button of the form; undefined: the button saves. */
function afterButton(button: string, input: SeriesFormInput): SeriesFormInput | undefined {
  if (button === "preview") return input;
  if (button === "add") return withLocations(input, [...locationsIn(input), emptyPlace]);
  const removed = /^remove-(\d+)$/.exec(button)?.[1];
  if (removed === undefined) return undefined;
  return withLocations(input, locationsIn(input).toSpliced(Number(removed), 1));
}

/** Focuses the last location after one was added or removed. */
function focusAfter(input: SeriesFormInput, before: SeriesFormInput) {
  const count = locationsIn(input).length;
  return count === locationsIn(before).length ? {} : { focus: locationInput(count - 1, "site") };
}
