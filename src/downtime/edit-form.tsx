/** @jsxImportSource @kitajs/html */
/** The form that edits a downtime, `/admin/downtimes/{id}/change`, and the preview while typing. */

import { action } from "../account/staff-form.ts";
import {
  asksForPart,
  checkMayChange,
  idsOf,
  page,
  type StaffPageServices,
  sendOn,
  type Visit,
  withId,
} from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { placeFields } from "../facility/facility.ts";
import { placeChoices, settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { spellInstant } from "../time/instant.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import type { ConflictProps } from "./differences-view.tsx";
import { type CheckedDraft, stateOf } from "./downtime.ts";
import { DowntimeForm, FormPage, type FormProps, Preview } from "./edit-form-view.tsx";
import {
  emptyFormInput,
  type FormInput,
  formInputFrom,
  formInputOf,
  type ParsedInput,
  readFormInput,
} from "./form-input.ts";
import type { Stored } from "./rows.ts";
import type { Downtimes } from "./store.ts";
import { duplicateErrors, summaryOf } from "./summary.ts";

export function formRoutes(services: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = services;

  const send = async (
    visit: Visit,
    reading: ParsedInput,
    more: Pick<FormProps, "edited" | "conflict">,
    status = 200,
  ) => {
    const { caller, csrf, frame } = visit;
    const summary = await summaryOf(downtimes, configdb.find(), reading, visit.now, { exceptId: more.edited.id });
    const isPartial = asksForPart(caller.request);
    const props: FormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      input: reading.input,
      errors: status === 200 ? {} : { ...reading.errors, ...duplicateErrors(summary) },
      choices: placeChoices(configdb.find(), isPartial ? reading.input : emptyFormInput),
      summary,
      unsaved: status !== 200 || frame.notice !== undefined,
      notice: isPartial ? frame.notice : undefined,
      ...more,
    };
    const markup = isPartial ? <DowntimeForm {...props} /> : <FormPage {...frame} title="Edit downtime" form={props} />;
    return sendPage(markup, caller.request, status);
  };

  /** Passes on the downtime of the path; redirects to its page if it was deleted. */
  const withStored = <Result,>(show: (visit: Visit, stored: Stored) => Promise<Result>) =>
    withId(async (visit, id): Promise<Result | Response> => {
      const [stored] = await downtimes.findAllStored([id]);
      if (!stored) return sendOn(visit.caller.request, `/downtimes/${id}`);
      checkMayChange(services, visit.user, stored.createdBy);
      return show(visit, stored);
    });

  const showEditAgain = (visit: Visit, { downtime }: Stored) => {
    const reading = readFormInput(inputFrom(visit.form), visit.now, configdb.get, downtime);
    const edited = { id: downtime.id, version: Number(visit.form.get("version")) };
    return send(visit, reading, { edited });
  };

  const showEdit = (visit: Visit, { downtime, version }: Stored) => {
    const reading = readFormInput(formInputOf(downtime), visit.now, configdb.get, downtime);
    return send(visit, reading, { edited: { id: downtime.id, version } });
  };

  const change = async (visit: Visit, stored: Stored) => {
    const { id } = stored.downtime;
    const seen = Number(visit.form.get("version"));
    const input = inputFrom(visit.form);
    const reading = readFormInput(input, visit.now, configdb.get, stored.downtime);
    if (stored.version !== seen) return sendConflict(visit, input, stored, seen);
    const { draft } = reading;
    if (!draft || (await downtimes.findSame(draft, id)))
      return send(visit, reading, { edited: { id, version: seen } }, 422);
    const isEnd = stateOf(stored.downtime, visit.now) === "now" && stateOf(draft, visit.now) === "past";
    const after = await saveIfUnchanged(visit, id, seen, draft, isEnd ? "end" : "edit");
    return after.isConflict ? sendConflict(visit, input, after.stored, seen) : undefined;
  };

  /** Saves unless someone else edited the downtime since the user opened it. */
  const saveIfUnchanged = async (visit: Visit, id: number, seen: number, draft: CheckedDraft, kind: Kind) => {
    let isConflict = false;
    const decide = ({ version }: Stored) => {
      isConflict = version !== seen;
      return isConflict ? undefined : draft;
    };
    const stored = await downtimes.change(id, visit.author, decide, kind);
    return { isConflict, stored };
  };

  /** Shows both sides' edits. The form combines them; where both edited a field, it keeps the user's input. */
  const sendConflict = async (visit: Visit, mine: FormInput, stored: Stored, seen: number) => {
    const { id } = stored.downtime;
    const history = await downtimes.history(id);
    const last = history.at(-1);
    const theirs = formInputOf(stored.downtime);
    const before = formInputOf(history.find(({ version }) => version === seen) ?? stored.downtime);
    const merged = mergeInputs(before, theirs, mine);
    const conflict: ConflictProps = {
      by: last?.by ?? "Someone",
      at: last ? spellInstant(last.at) : "",
      before,
      theirs,
      mine,
    };
    const reading = readFormInput(merged, visit.now, configdb.get, stored.downtime);
    return send(visit, reading, { edited: { id, version: stored.version }, conflict }, 409);
  };

  const preview = async (visit: Visit) => {
    const facility = configdb.find();
    const [stored] = await downtimes.findAllStored(idsOf(visit.form.getAll("id")));
    const sent = inputFrom(visit.form);
    const stays = stored && placeFields.every((field) => sent[field] === stored.downtime[field]);
    const input = stays ? sent : { ...sent, ...settlePlace(facility, sent) };
    const reading = readFormInput(input, visit.now, configdb.get, stored?.downtime);
    const summary = await summaryOf(downtimes, facility, reading, visit.now, { exceptId: stored?.downtime.id });
    const errors = shownErrors(reading.errors, visit.form);
    const props = { input, errors, choices: placeChoices(facility, input), summary };
    return sendPage(<Preview {...props} />, visit.caller.request);
  };

  return createRoutes("downtime-form")
    .post("/admin/downtimes/preview", action(services, preview))
    .get("/admin/downtimes/:id/change", page(services, withStored(showEdit)))
    .post("/admin/downtimes/:id/change", action(services, withStored(change), withStored(showEditAgain)));
}

const inputFrom = (fields: URLSearchParams) => formInputFrom((field) => fields.get(field) ?? "");

/** Combines both sides' edits; where both edited a field, mine wins. */
const mergeInputs = (before: FormInput, theirs: FormInput, mine: FormInput): FormInput =>
  formInputFrom((field) => (mine[field] === before[field] ? theirs[field] : mine[field]));
