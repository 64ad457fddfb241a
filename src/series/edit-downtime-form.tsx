/** @jsxImportSource @kitajs/html */
/** Edits one downtime with the fields of the form that don't repeat: `/admin/downtimes/{id}/change`, and its preview. */

import { action } from "../account/staff-form.tsx";
import { asksForPart, checkMayChange, idsOf, page, sendOn, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { type CheckedDraft, type Draft, stateOf } from "../downtime/downtime.ts";
import { type FormInput, formInputFrom, formInputOf, readFormInput } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { duplicateErrors, summaryOf } from "../downtime/summary.ts";
import { emptyPlace, placeFields } from "../facility/facility.ts";
import { findSite, placeChoices, settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { type SeriesFormProps, SeriesPreview } from "./edit-form-view.tsx";
import { afterButton } from "./form-buttons.ts";
import {
  emptySeriesFormInput,
  locationsIn,
  readSeriesFormInput,
  type SeriesFormInput,
  withLocations,
} from "./form-input.ts";
import { downtimeInputIn, partAt, zonesOf } from "./form-reading.ts";
import type { SeriesStaffServices } from "./one-series.ts";
import { sendForm } from "./send-form.tsx";
import { durationOf, siteZone, spellTyped, typedZone, wordTimeErrors } from "./typed-times.ts";

type Sending = Required<Pick<SeriesFormProps, "downtime">> & {
  readonly status?: 200 | 409 | 422;
  readonly duration?: string | undefined;
};

export function downtimeFormRoutes(services: SeriesStaffServices) {
  const { downtimes, series, configdb } = services;

  const contextOf = (input: SeriesFormInput, now: Instant) => ({
    scopes: locationsIn(input),
    facility: configdb.find(),
    now,
  });

  /** The input for a downtime, with its times as a form takes them. @param form its locations and time zone */
  const inputIn = (form: SeriesFormInput, downtime: Draft, now: Instant): FormInput => {
    const zone = typedZone({ zone: form.zone ?? "" }, contextOf(form, now));
    const { start, end } = downtime;
    return { ...formInputOf(downtime), start: spellTyped(start, zone, now), end: spellTyped(end, zone, now) };
  };

  const read = (input: SeriesFormInput, { now }: Visit, stored?: Draft) => {
    const facility = configdb.find();
    const reading = readFormInput(downtimeInputIn(input, facility, now), now, configdb.get, stored);
    const errors = wordTimeErrors({ ...reading.errors }, input, contextOf(input, now));
    return { ...reading, errors };
  };

  const propsOf = async (visit: Visit, input: SeriesFormInput, isPart: boolean, stored?: Stored) => {
    const facility = configdb.find();
    const reading = read(input, visit, stored?.downtime);
    const preview = await summaryOf(downtimes, facility, reading, visit.now, { exceptId: stored?.downtime.id });
    const [place = emptyPlace] = isPart ? locationsIn(input) : [];
    const choices = [placeChoices(facility, place)];
    return { input, errors: reading.errors, preview, choices, zones: zonesOf(facility), date: undefined };
  };

  const send = async (
    visit: Visit,
    input: SeriesFormInput,
    stored: Stored,
    { status = 200, downtime, duration }: Sending,
  ) => {
    const { caller, csrf, frame } = visit;
    const isPart = asksForPart(caller.request);
    const { errors, ...rest } = await propsOf(visit, input, isPart, stored);
    const props: SeriesFormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      ...rest,
      errors: status === 200 ? {} : { ...errors, ...duplicateErrors(rest.preview) },
      suggestions: [],
      duration,
      draft: visit.user.name,
      unsaved: visit.form.size > 0,
      notice: isPart ? frame.notice : undefined,
      downtime,
    };
    return sendForm(visit, "Edit downtime", props, status);
  };

  /** Passes on the downtime of the path; redirects to its page if it was deleted. */
  const withStored = <Result,>(show: (visit: Visit, stored: Stored) => Promise<Result>) =>
    withId(async (visit, id): Promise<Result | Response> => {
      const [stored] = await downtimes.findAllStored([id]);
      if (!stored) return sendOn(visit.caller.request, `/downtimes/${id}`);
      checkMayChange(services, visit.user, stored.createdBy);
      return show(visit, stored);
    });

  const seenIn = ({ form }: Visit, { downtime: { id } }: Stored) => ({ id, version: Number(form.get("version")) });

  const reshow = (visit: Visit, stored: Stored) =>
    send(visit, readSeriesFormInput(visit.form), stored, { downtime: seenIn(visit, stored) });

  /** The time zone in which the downtime's series is planned, as it is selected. */
  const zoneOf = async ({ frame }: Visit, { downtime, occurrence }: Stored): Promise<string> => {
    const plan = downtime.series === undefined ? undefined : await series.find(downtime.series);
    const rule = plan && partAt(plan, occurrence?.slice(0, 10) ?? "").rule;
    const zone = rule?.kind === "calendar" ? rule.zone : frame.times === "site" ? siteZone : "UTC";
    return zone === findSite(configdb.find(), downtime.site)?.zone ? siteZone : zone === "UTC" ? "" : zone;
  };

  const show = async (visit: Visit, stored: Stored) => {
    const { downtime, version } = stored;
    const zone = await zoneOf(visit, stored);
    const input = {
      ...emptySeriesFormInput,
      ...inputIn(withLocations({ zone }, [downtime]), downtime, visit.now),
      zone,
    };
    const duration = durationOf(input, contextOf(input, visit.now));
    return send(visit, input, stored, { downtime: { id: downtime.id, version }, duration });
  };

  const change = async (visit: Visit, stored: Stored) => {
    const seen = seenIn(visit, stored);
    const input = readSeriesFormInput(visit.form);
    if (stored.version !== seen.version) return sendConflict(visit, input, stored, seen.version);
    if (afterButton(visit.form.get("do") ?? "", input)) return reshow(visit, stored);
    const { draft } = read(input, visit, stored.downtime);
    if (!draft || (await downtimes.findSame(draft, seen.id)))
      return send(visit, input, stored, { downtime: seen, status: 422 });
    const isEnd = stateOf(stored.downtime, visit.now) === "now" && stateOf(draft, visit.now) === "past";
    const after = await saveIfUnchanged(visit, seen, draft, isEnd ? "end" : "edit");
    return after.isConflict ? sendConflict(visit, input, after.stored, seen.version) : undefined;
  };

  /** Saves unless someone else edited the downtime since the user opened it. */
  const saveIfUnchanged = async (
    visit: Visit,
    seen: { readonly id: number; readonly version: number },
    draft: CheckedDraft,
    kind: Kind,
  ) => {
    let isConflict = false;
    const decide = ({ version }: Stored) => {
      isConflict = version !== seen.version;
      return isConflict ? undefined : draft;
    };
    const stored = await downtimes.change(seen.id, visit.author, decide, kind);
    return { isConflict, stored };
  };

  /** Shows both sides' edits. The form combines them; where both edited a field, it keeps the user's input. */
  const sendConflict = async (visit: Visit, sent: SeriesFormInput, stored: Stored, seen: number) => {
    const { id } = stored.downtime;
    const history = await downtimes.history(id);
    const last = history.at(-1);
    const mine = formInputFrom((field) => sent[field] ?? "");
    const theirs = inputIn(sent, stored.downtime, visit.now);
    const before = inputIn(sent, history.find(({ version }) => version === seen) ?? stored.downtime, visit.now);
    const merged = formInputFrom((field) => (mine[field] === before[field] ? theirs : mine)[field]);
    const conflict = { by: last?.by ?? "Someone", at: last ? spellInstant(last.at) : "", before, theirs, mine };
    const downtime = { id, version: stored.version, conflict };
    return send(visit, { ...sent, ...merged }, stored, { downtime, status: 409 });
  };

  const preview = async (visit: Visit) => {
    const [stored] = await downtimes.findAllStored(idsOf(visit.form.getAll("id")));
    const sent = readSeriesFormInput(visit.form);
    const stays = stored && placeFields.every((field) => sent[field] === stored.downtime[field]);
    const [place = emptyPlace] = locationsIn(sent);
    const input = stays ? sent : { ...sent, ...settlePlace(configdb.find(), place) };
    const props = await propsOf(visit, input, true, stored);
    const errors = shownErrors(props.errors, visit.form);
    const shown = { ...props, errors, preview: { ...props.preview, errors }, isSingle: true };
    return sendPage(<SeriesPreview {...shown} />, visit.caller.request);
  };

  return createRoutes("downtime-form")
    .post("/admin/downtimes/preview", action(services, preview))
    .get("/admin/downtimes/:id/change", page(services, withStored(show)))
    .post("/admin/downtimes/:id/change", action(services, withStored(change), withStored(reshow)));
}
