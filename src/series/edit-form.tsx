/** @jsxImportSource @kitajs/html */
/** The form as it comes back: reads its input, renders what depends on it, and handles its buttons. */

import { asksForPart, type Visit } from "../account/staff-page.ts";
import type { Draft } from "../downtime/downtime.ts";
import { duplicateErrors, type FormInput, formInputOf, summaryOf } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { emptyPlace } from "../facility/facility.ts";
import { findSite, placeChoices } from "../facility/places.ts";
import { Conflict, tolerating } from "../input/problem.ts";
import { EditFormPage } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { SeriesForm, type SeriesFormProps } from "./edit-form-view.tsx";
import {
  afterButton,
  emptySeriesFormInput,
  focusAfter,
  locationsIn,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { contextOf, type Edited, partAt, readForm, type SeriesReading } from "./form-reading.ts";
import { isDaytime } from "./night-rule.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import type { PlannedSeries } from "./plan.ts";
import { textOf } from "./rows.ts";
import { siteZone, spellTyped, typedZone } from "./typed-times.ts";
import { addWarnings } from "./warnings.ts";

/** The limit of reasons to suggest. */
const mostSuggested = 6;

/** What is edited, and how the form comes back. */
export type Sending = Pick<
  SeriesFormProps,
  "edited" | "stored" | "differences" | "conflict" | "warning" | "focus" | "copyOf"
> & { readonly status?: 200 | 409 | 422 };

export function createForm(services: SeriesStaffServices) {
  const { downtimes, series, configdb } = services;

  const read = (visit: Visit, input: SeriesFormInput, sending: Sending) =>
    readForm(input, configdb, visit.now, sending);

  /** The input for a downtime, with its times in the time zone of a form. */
  const inputIn = (shown: SeriesFormInput, downtime: Draft, { now }: Visit): FormInput => {
    const zone = typedZone({ zone: shown.zone ?? "" }, contextOf(shown, configdb.find(), now));
    const [start, end] = [spellTyped(downtime.start, zone, now), spellTyped(downtime.end, zone, now)];
    return { ...formInputOf(downtime), start, end };
  };

  /** The time zone in which the downtime's series is planned, as it is selected. */
  const zoneOf = async ({ frame }: Visit, { downtime, occurrence }: Stored): Promise<string> => {
    const plan = downtime.series === undefined ? undefined : await series.find(downtime.series);
    const rule = plan && partAt(plan, occurrence?.slice(0, 10) ?? "").rule;
    if (rule?.kind !== "calendar") return frame.times === "site" ? siteZone : "";
    if (rule.zone === findSite(configdb.find(), downtime.site)?.zone) return siteZone;
    return rule.zone === "UTC" ? "" : rule.zone;
  };

  /** The input for a stored downtime. One of a series has the time zone of the series. */
  const inputOf = async (visit: Visit, stored: Stored): Promise<SeriesFormInput> => {
    const { downtime } = stored;
    const empty = { ...withLocations(emptySeriesFormInput, [downtime]), zone: await zoneOf(visit, stored) };
    return { ...empty, ...inputIn(empty, downtime, visit) };
  };

  /** What would happen to the downtimes; undefined where the input has errors. */
  const preview = async (planned: PlannedSeries | undefined, edited: Edited | undefined, at: Visit["author"]) => {
    if (!planned) return undefined;
    const { id, name } = edited?.stored ?? {};
    const outcome = id === undefined ? await series.tryAdd(planned, at) : await series.tryChange(id, at, () => planned);
    const marked = addWarnings(outcome, await series.overlapping(outcome.planned, id), configdb.get());
    const { rule, name: newName } = planned.plan;
    // Work by clock time, such as a visit at noon, isn't meant to be dark.
    const isOfNight = rule.kind === "night" && !isDaytime(rule);
    const withoutLight = marked.map((one) => ({ ...one, marks: one.marks.filter((mark) => mark !== "light") }));
    const renaming = newName ? `The name changes to “${newName}”.` : "The name is removed.";
    return {
      ...outcome,
      // Nothing to say of a form in which nothing was edited.
      warning: edited && textOf(edited.stored) === textOf(planned.plan) ? undefined : outcome.warning,
      marked: isOfNight ? marked : withoutLight,
      renaming: edited && name !== newName ? renaming : undefined,
    };
  };

  /** What the form and its preview show of the input. @param narrows whether only places of selected ones are offered */
  const propsOf = async (visit: Visit, reading: SeriesReading, sending: Sending, narrows = true) => {
    const { edited, copyOf, stored } = sending;
    const { input, single, errors, date, series: plan } = reading;
    const { form, now, frame, author } = visit;
    const facility = configdb.find();
    const planned = async () => {
      const outcome = await preview(plan, edited, author).catch(tolerating(Conflict));
      const found = outcome instanceof Conflict ? { errors: { form: outcome.detail } } : { outcome, errors };
      return { ...found, edited: edited?.stored, all: form.has("all"), now, zoneOf: frame.zoneOf };
    };
    return {
      input,
      date,
      choices: locationsIn(input).map((location) => placeChoices(facility, narrows ? location : emptyPlace)),
      zones: [...new Set(facility?.sites.flatMap(({ zone }) => zone ?? []))],
      preview: single
        ? await summaryOf(downtimes, facility, single, now, { exceptId: stored?.downtime.id, copyOf })
        : await planned(),
    };
  };

  const send = async (visit: Visit, reading: SeriesReading, { status = 200, ...more }: Sending) => {
    const { caller, csrf, frame, form, user } = visit;
    const isPart = asksForPart(caller.request);
    const rest = await propsOf(visit, reading, more, isPart);
    const duplicate = "where" in rest.preview && duplicateErrors(rest.preview);
    const props: SeriesFormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      errors: status === 200 ? {} : { ...reading.errors, ...duplicate },
      suggestions: more.stored ? [] : await downtimes.recentReasons(mostSuggested),
      unsaved: form.size > 0,
      draft: user.name,
      duration: form.size > 0 ? undefined : reading.duration,
      notice: isPart ? frame.notice : undefined,
      ...rest,
      ...more,
    };
    const markup = <SeriesForm {...props} />;
    const title = more.edited ? "Edit series" : more.stored ? "Edit downtime" : "New downtime";
    const whole = (
      <EditFormPage {...frame} title={title}>
        {markup}
      </EditFormPage>
    );
    return sendPage(isPart ? markup : whole, caller.request, status);
  };

  /**
   * Handles the form, unless a button that saves nothing was pressed.
   * @param store stores what was read; returns how the form comes back, undefined if it is done
   */
  const submit = async (
    visit: Visit,
    sending: Sending,
    store: (reading: SeriesReading) => Promise<Sending | Response | undefined>,
  ) => {
    const input = readSeriesFormInput(visit.form);
    const pressed = afterButton(visit.form.get("do") ?? "", input);
    if (pressed) return send(visit, read(visit, pressed, sending), { ...sending, ...focusAfter(pressed, input) });
    const reading = read(visit, input, sending);
    const back = await store(reading).catch(tolerating(Conflict));
    if (back instanceof Conflict) return send(visit, reading, { ...sending, status: 409, conflict: back.detail });
    return back instanceof Response ? back : back && send(visit, reading, { ...sending, ...back });
  };

  return {
    inputIn,
    inputOf,
    propsOf,
    read,
    send,
    submit,
    show: (visit: Visit, input: SeriesFormInput, sending: Sending) => send(visit, read(visit, input, sending), sending),
  };
}
