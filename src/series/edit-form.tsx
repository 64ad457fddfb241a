/** @jsxImportSource @kitajs/html */
/** Handles the form: reads its input, shows it again with what depends on it, and saves it. */

import { asksForPart, type Visit } from "../account/staff-page.ts";
import { type Draft, draftFields, textOf } from "../downtime/downtime.ts";
import { summaryOf } from "../downtime/form-input.ts";
import { emptyPlace } from "../facility/facility.ts";
import { placeChoices } from "../facility/places.ts";
import { Conflict, tolerating } from "../input/problem.ts";
import { spellInstant } from "../time/instant.ts";
import { EditFormPage } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { SeriesForm, type SeriesFormProps } from "./edit-form-view.tsx";
import {
  afterButton,
  emptySeriesFormInput,
  focusAfter,
  locationsIn,
  mergeSeriesFormInputs,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { contextOf, editedInputOf, readForm, type SeriesReading, type Target } from "./form-reading.ts";
import { isDaytime } from "./night-rule.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import type { PlannedSeries } from "./plan.ts";
import { siteZone, spellTyped, typedZone } from "./typed-times.ts";

const mostSuggested = 6;

/** What the form edits, and what it shows besides its input. */
type Sending = Target &
  Pick<SeriesFormProps, "differences" | "warning" | "focus"> & { readonly status?: 200 | 409 | 422 };

/** Stores what was read. @returns what to show in the form again; undefined if it was stored */
type Store = (reading: SeriesReading) => Promise<Sending | undefined>;

export function createForm(services: SeriesStaffServices) {
  const { downtimes, series, configdb } = services;

  const read = (visit: Visit, input: SeriesFormInput, target: Target) => readForm(input, configdb, visit.now, target);

  /** The input with the fields of a downtime, its times in the time zone of the form. */
  const withDowntime = (shown: SeriesFormInput, downtime: Draft, { now }: Visit): SeriesFormInput => {
    const zone = typedZone({ zone: shown.zone ?? "" }, contextOf(shown, configdb.find(), now));
    const [start, end] = [spellTyped(downtime.start, zone, now), spellTyped(downtime.end, zone, now)];
    const texts = Object.fromEntries(draftFields.map((field) => [field, textOf(downtime, field)]));
    return { ...shown, ...texts, start, end };
  };

  /** The input for a stored downtime. */
  const inputOf = (visit: Visit, downtime: Draft): SeriesFormInput => {
    const zone = visit.pageContext.times === "site" ? siteZone : "";
    return withDowntime({ ...withLocations(emptySeriesFormInput, [downtime]), zone }, downtime, visit);
  };

  const outcomeOf = async (planned: PlannedSeries, { edited }: Target, { author }: Visit) => {
    const id = edited?.stored.id;
    const outcome =
      id === undefined ? await series.tryAdd(planned, author) : await series.tryChange(id, author, () => planned);
    const occurrences = await series.withWarnings(outcome, configdb.get(), id);
    const { rule } = planned.plan;
    // Work by clock time, such as a visit at noon, isn't meant to be dark.
    if (rule.kind === "night" && !isDaytime(rule)) return { ...outcome, occurrences };
    return {
      ...outcome,
      occurrences: occurrences.map((one) => ({ ...one, warnings: one.warnings.filter((code) => code !== "light") })),
    };
  };

  /** What the form and its preview show of the input. @param narrows whether only places of selected ones are offered */
  const propsOf = async (visit: Visit, reading: SeriesReading, target: Target, narrows = true) => {
    const { input, draft, errors, date, series: planned } = reading;
    const { form, now, pageContext } = visit;
    const facility = configdb.find();
    const outcome = planned && (await outcomeOf(planned, target, visit).catch(tolerating(Conflict)));
    const summary = draft && (await summaryOf(downtimes, facility, draft, target.stored?.downtime.id));
    return {
      input,
      date,
      choices: locationsIn(input).map((location) => placeChoices(facility, narrows ? location : emptyPlace)),
      zones: [...new Set(facility?.sites.flatMap(({ zone }) => zone ?? []))],
      preview: {
        errors: outcome instanceof Conflict ? { form: outcome.detail } : errors,
        outcome: outcome instanceof Conflict ? undefined : outcome,
        summary: summary && { ...summary, now },
        isEdit: target.edited !== undefined,
        all: form.has("all"),
        zoneOf: pageContext.zoneOf,
      },
    };
  };

  const send = async (visit: Visit, reading: SeriesReading, { status = 200, ...more }: Sending) => {
    const { context, csrf, pageContext, form, user } = visit;
    const isPart = asksForPart(context.request);
    const rest = await propsOf(visit, reading, more, isPart);
    const { duplicate } = rest.preview.summary ?? {};
    const same = duplicate && { reason: `An identical downtime already exists (#${duplicate.id}).` };
    const props: SeriesFormProps = {
      action: new URL(context.request.url).pathname,
      csrf,
      errors: status === 200 ? {} : { ...reading.errors, ...same },
      suggestions: more.stored ? [] : await downtimes.recentReasons(mostSuggested),
      unsaved: form.size > 0,
      draft: user.name,
      notice: isPart ? pageContext.notice : undefined,
      ...rest,
      ...more,
    };
    const markup = <SeriesForm {...props} />;
    const title = `${more.edited || more.stored ? "Edit" : "New"} ${props.action.includes("/series/") ? "series" : "downtime"}`;
    const whole = (
      <EditFormPage {...pageContext} title={title}>
        {markup}
      </EditFormPage>
    );
    return sendPage(isPart ? markup : whole, context.request, status);
  };

  const show = (visit: Visit, input: SeriesFormInput, sending: Sending) =>
    send(visit, read(visit, input, sending), sending);

  /** Handles the form, unless a button that saves nothing was pressed. */
  const submit = async (visit: Visit, target: Target, store: Store) => {
    const input = readSeriesFormInput(visit.form);
    const pressed = afterButton(visit.form.get("do") ?? "", input);
    if (pressed) return show(visit, pressed, { ...target, ...focusAfter(pressed, input) });
    const reading = read(visit, input, target);
    const back = await store(reading).catch(tolerating(Conflict));
    // A warning, since the preview removes the errors that its input doesn't have.
    if (back instanceof Conflict) return send(visit, reading, { ...target, warning: back.detail, status: 409 });
    return back && send(visit, reading, { ...target, ...back });
  };

  const isCurrent = (visit: Visit, { edited, stored }: Target) => (edited?.stored ?? stored)?.version === seenIn(visit);

  /** Someone else saved another version meanwhile: the form combines both edits; where both edited an input, mine wins. */
  const sendConflict = async (visit: Visit, target: Target) => {
    const mine = readSeriesFormInput(visit.form);
    const versions = await versionsOf(visit, target, mine);
    const { by, at, input: theirs } = versions.at(-1) ?? { by: "Someone", at: visit.now, input: mine };
    const before = versions.find(({ version }) => version === seenIn(visit))?.input ?? theirs;
    const differences = { by, at: spellInstant(at), before, theirs, mine };
    return show(visit, mergeSeriesFormInputs(before, theirs, mine), { ...target, differences, status: 409 });
  };

  const versionsOf = async (visit: Visit, { edited, stored }: Target, mine: SeriesFormInput) => {
    const ofSeries = edited ? await series.history(edited.stored.id) : [];
    const ofDowntime = stored ? await downtimes.history(stored.downtime.id) : [];
    return [
      ...ofSeries.map((one) => ({ ...one, input: editedInputOf(one.plan, edited?.shown ?? "", mine.from) })),
      ...ofDowntime.map((one) => ({ ...one, input: withDowntime(mine, one, visit) })),
    ];
  };

  return {
    inputOf,
    propsOf,
    read,
    show,
    submit,
    reshow: (visit: Visit, target: Target) =>
      isCurrent(visit, target) ? show(visit, readSeriesFormInput(visit.form), target) : sendConflict(visit, target),
    /** Handles the form of an edit, of the version that it shows. */
    edit: (visit: Visit, target: Target, store: Store) =>
      isCurrent(visit, target) ? submit(visit, target, store) : sendConflict(visit, target),
  };
}

/** The version that the form of an edit shows. */
export const seenIn = ({ form }: Visit): number => Number(form.get("version"));
