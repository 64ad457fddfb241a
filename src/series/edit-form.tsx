/** @jsxImportSource @kitajs/html */
/** The series form: `/admin/series/new`, `/admin/series/{id}/change`, and its preview. */

import { action } from "../account/staff-form.tsx";
import { asksForPart, idsOf, page, tolerating, type Visit } from "../account/staff-page.ts";
import { duplicateErrors, summaryOf } from "../downtime/summary.ts";
import { emptyPlace } from "../facility/facility.ts";
import { placeChoices, settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { spellInstant } from "../time/instant.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { type SeriesFormProps, SeriesPreview } from "./edit-form-view.tsx";
import { begunChoiceOf, type Edited } from "./edited-view.tsx";
import { afterButton, focusAfter } from "./form-buttons.ts";
import {
  locationsIn,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { createFormReader, editedInputOf, type SeriesReading, zonesOf } from "./form-reading.ts";
import { newInputOf } from "./new-input.ts";
import { actionOnSeries, pageOfSeries, type SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";
import { sendForm } from "./send-form.tsx";

/** The limit of reasons to suggest. */
const mostSuggested = 6;

/** How the form comes back. */
interface Sending extends Pick<SeriesFormProps, "edited" | "conflict" | "warning" | "focus" | "copyOf"> {
  readonly status?: 200 | 409 | 422;
}

export function seriesFormRoutes(parts: SeriesStaffServices) {
  const { series, downtimes, configdb } = parts;
  const reader = createFormReader(parts);

  const previewOf = async ({ form, now, frame }: Visit, reading: SeriesReading, { edited, copyOf }: Sending) => {
    const { single, errors } = reading;
    if (single) return summaryOf(downtimes, configdb.find(), single, now, { copyOf });
    const outcome = await reader.preview(reading, edited).catch(tolerating(Conflict));
    const preview = outcome instanceof Conflict ? { errors: { form: outcome.detail } } : { outcome, errors };
    return { ...preview, edited: edited?.stored, all: form.has("all"), now, zoneOf: frame.zoneOf };
  };

  const propsOf = async (visit: Visit, reading: SeriesReading, sending: Sending) => {
    const facility = configdb.find();
    const { input } = reading;
    const isPart = asksForPart(visit.caller.request);
    return {
      input,
      choices: locationsIn(input).map((location) => placeChoices(facility, isPart ? location : emptyPlace)),
      zones: zonesOf(facility),
      date: reading.date,
      preview: await previewOf(visit, reading, sending),
    };
  };

  const send = async (visit: Visit, reading: SeriesReading, sending: Sending = {}) => {
    const { caller, csrf, frame } = visit;
    const { status = 200, ...more } = sending;
    const isPart = asksForPart(caller.request);
    const rest = await propsOf(visit, reading, sending);
    const duplicate = "where" in rest.preview && duplicateErrors(rest.preview);
    const props: SeriesFormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      errors: status === 422 ? { ...reading.errors, ...duplicate } : {},
      suggestions: await downtimes.recentReasons(mostSuggested),
      unsaved: visit.form.size > 0,
      draft: visit.user.name,
      duration: visit.form.size > 0 ? undefined : reading.duration,
      notice: isPart ? frame.notice : undefined,
      ...rest,
      ...more,
    };
    return sendForm(visit, more.edited ? "Edit series" : "New downtime", props, status);
  };

  const showNew = (repeat: string) => async (visit: Visit) => {
    const { input, ...copy } = await newInputOf(parts, visit, repeat);
    return send(visit, reader.read(input, visit.now), { focus: input.site ? "start" : "site", ...copy });
  };

  const copyIn = ({ form }: Visit) => ({ copyOf: idsOf(form.getAll("from"))[0] });

  const reshowNew = (visit: Visit) =>
    send(visit, reader.read(readSeriesFormInput(visit.form), visit.now), copyIn(visit));

  const add = async (visit: Visit) => {
    const input = readSeriesFormInput(visit.form);
    const copy = copyIn(visit);
    const pressed = afterButton(visit.form.get("do") ?? "", input);
    if (pressed) return send(visit, reader.read(pressed, visit.now), { ...focusAfter(pressed, input), ...copy });
    const reading = reader.read(input, visit.now);
    const draft = reading.single?.draft;
    if (draft && !(await downtimes.findSame(draft))) {
      await downtimes.add(draft, visit.author);
      return undefined;
    }
    if (!reading.series) return send(visit, reading, { status: 422, ...copy });
    const outcome = await series.add(reading.series, visit.author).catch(tolerating(Conflict));
    if (outcome instanceof Conflict) return send(visit, reading, { status: 409, conflict: outcome.detail });
    return undefined;
  };

  const showEdit = async (visit: Visit, stored: StoredSeries) => {
    const from = (visit.query.get("from") ?? "").trim();
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(from);
    const first =
      isDate &&
      stored.rule.kind !== "once" &&
      (await series.rows(stored.id)).find(({ occurrence }) => occurrence >= from);
    const shown = first ? first.occurrence.slice(0, 10) : isDate ? from : "";
    const edited = { stored, shown, begun: "" as const };
    const input = editedInputOf(stored, shown, from);
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
    const [before, theirs] = [seen, stored].map((plan) => editedInputOf(plan, shown)) as [
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
    const fills = !edited && typed.repeat === "none";
    const settled = locationsIn(typed).map((location) => settlePlace(facility, location, fills));
    const reading = reader.read(withLocations(typed, settled), visit.now, edited);
    const errors = shownErrors(reading.errors, visit.form);
    const props = await propsOf(visit, reading, { edited, ...copyIn(visit) });
    const shown = "where" in props.preview ? { ...props.preview, errors } : props.preview;
    return sendPage(<SeriesPreview {...props} edited={edited} preview={shown} errors={errors} />, visit.caller.request);
  };

  return createRoutes("series-form")
    .get("/admin/downtimes/new", page(parts, showNew("none")))
    .post("/admin/downtimes/new", action(parts, add, reshowNew))
    .get("/admin/series/new", page(parts, showNew("night")))
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
