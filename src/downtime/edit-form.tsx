/** @jsxImportSource @kitajs/html */
/** The form of a downtime: `/admin/downtimes/new`, `/admin/downtimes/{id}/change`, and the preview while one types. */

import { addedAt, endedAt, savedAt } from "../account/landing.ts";
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
import { placeFields } from "../facility/facility.ts";
import { placeChoices, settlePlace } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { spellInstant } from "../time/instant.ts";
import { shownErrors } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import type { DifferencesProps } from "./differences-view.tsx";
import { type CheckedDraft, stateOf } from "./downtime.ts";
import { DowntimeForm, FormPage, type FormProps, Preview } from "./edit-form-view.tsx";
import {
  emptyFormInput,
  type FormInput,
  formInputFrom,
  formInputOf,
  type Reading,
  readFormInput,
} from "./form-input.ts";
import type { Stored } from "./rows.ts";
import type { Downtimes } from "./store.ts";
import { summaryOf } from "./summary.ts";

export function formRoutes(parts: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = parts;

  const send = async (visit: Visit, title: string, reading: Reading, more: Partial<FormProps> = {}, status = 200) => {
    const { caller, csrf, frame } = visit;
    const exceptId = more.changing?.id;
    const summary = await summaryOf(downtimes, configdb.find(), reading, visit.now, { exceptId, copyOf: more.copyOf });
    const errors = summary.same
      ? { ...reading.errors, reason: "The very same downtime is stored already." }
      : reading.errors;
    const narrow = asksForPart(caller.request);
    const props: FormProps = {
      action: new URL(caller.request.url).pathname,
      csrf,
      entry: reading.entry,
      errors: status === 200 ? {} : errors,
      choices: placeChoices(configdb.find(), narrow ? reading.entry : emptyFormInput),
      summary,
      unsaved: status !== 200 || frame.notice !== undefined,
      notice: narrow ? frame.notice : undefined,
      ...more,
    };
    const markup = narrow ? <DowntimeForm {...props} /> : <FormPage {...frame} title={title} form={props} />;
    return sendPage(markup, caller.request, status);
  };

  const showNew = async (visit: Visit) => {
    const [from] = idsFrom(visit.query);
    const entry = from === undefined ? entryFrom(visit.query) : formInputOf((await downtimes.getStored(from)).downtime);
    const copy = from !== undefined && { copyOf: from };
    return send(visit, newTitle, readFormInput(entry, visit.now, configdb.get), { ...copy });
  };

  const add = async (visit: Visit) => {
    const reading = readFormInput(entryFrom(visit.form), visit.now, configdb.get);
    if (!reading.draft || (await downtimes.findSame(reading.draft))) return send(visit, newTitle, reading, {}, 422);
    const { id } = await downtimes.add(reading.draft, visit.author);
    return sendOn(visit.caller.request, addedAt(id, visit.form));
  };

  /** What was typed, for another look: neither is the token good, nor is anything saved. */
  const reshowNew = (visit: Visit) => {
    const [copyOf] = idsFrom(visit.form);
    const reading = readFormInput(entryFrom(visit.form), visit.now, configdb.get);
    return send(visit, newTitle, reading, copyOf === undefined ? {} : { copyOf });
  };

  /** Shows the downtime that the path names; one that is deleted leads to its page. */
  const withStored = (show: (visit: Visit, stored: Stored) => Promise<Response>) =>
    withId(async (visit, id) => {
      const [stored] = await downtimes.findAllStored([id]);
      if (!stored) return sendOn(visit.caller.request, `/downtimes/${id}`);
      checkMayChange(parts, visit.user, stored.createdBy);
      return show(visit, stored);
    });

  const reshowChange = (visit: Visit, { downtime }: Stored) => {
    const reading = readFormInput(entryFrom(visit.form), visit.now, configdb.get, downtime);
    const changing = { id: downtime.id, version: Number(visit.form.get("version")) };
    return send(visit, changeTitle, reading, { changing });
  };

  const showChange = (visit: Visit, { downtime, version }: Stored) => {
    const reading = readFormInput(formInputOf(downtime), visit.now, configdb.get, downtime);
    return send(visit, changeTitle, reading, { changing: { id: downtime.id, version } });
  };

  const change = async (visit: Visit, stored: Stored) => {
    const { id } = stored.downtime;
    const seen = Number(visit.form.get("version"));
    const entry = entryFrom(visit.form);
    const reading = readFormInput(entry, visit.now, configdb.get, stored.downtime);
    if (stored.version !== seen) return sendConflict(visit, entry, stored, seen);
    const { draft } = reading;
    if (!draft || (await downtimes.findSame(draft, id)))
      return send(visit, changeTitle, reading, { changing: { id, version: seen } }, 422);
    const after = await saveUnlessOvertaken(visit, id, seen, draft);
    if (after.overtaken) return sendConflict(visit, entry, after.stored, seen);
    const isEnded =
      stateOf(stored.downtime, visit.now) === "now" && stateOf(after.stored.downtime, visit.now) === "past";
    return sendOn(visit.caller.request, isEnded ? endedAt(id) : savedAt(id));
  };

  /** Writes over the version that was seen, and over no other. */
  const saveUnlessOvertaken = async (visit: Visit, id: number, seen: number, draft: CheckedDraft) => {
    let overtaken = false;
    const stored = await downtimes.change(id, visit.author, ({ version }) => {
      overtaken = version !== seen;
      return overtaken ? undefined : draft;
    });
    return { overtaken, stored };
  };

  /** Both sides, field by field; the form then holds what either changed, and on the same field what was typed. */
  const sendConflict = async (visit: Visit, mine: FormInput, stored: Stored, seen: number) => {
    const { id } = stored.downtime;
    const history = await downtimes.history(id);
    const last = history.at(-1);
    const theirs = formInputOf(stored.downtime);
    const before = formInputOf(history.find(({ version }) => version === seen) ?? stored.downtime);
    const merged = mergeEntries(before, theirs, mine);
    const conflict: DifferencesProps = {
      by: last?.by ?? "Somebody",
      at: last ? spellInstant(last.at) : "",
      before,
      theirs,
      mine,
    };
    const reading = readFormInput(merged, visit.now, configdb.get, stored.downtime);
    return send(visit, changeTitle, reading, { changing: { id, version: stored.version }, conflict }, 409);
  };

  const preview = async (visit: Visit) => {
    const facility = configdb.find();
    const [stored] = await downtimes.findAllStored(idsFrom(visit.form, "id"));
    const typed = entryFrom(visit.form);
    const stays = stored && placeFields.every((field) => typed[field] === stored.downtime[field]);
    const entry = stays ? typed : { ...typed, ...settlePlace(facility, typed) };
    const reading = readFormInput(entry, visit.now, configdb.get, stored?.downtime);
    const [copyOf] = idsFrom(visit.form);
    const summary = await summaryOf(downtimes, facility, reading, visit.now, { exceptId: stored?.downtime.id, copyOf });
    const errors = shownErrors(reading.errors, visit.form);
    const props = { entry, errors, choices: placeChoices(facility, entry), summary };
    return sendPage(<Preview {...props} />, visit.caller.request);
  };

  return createRoutes("downtime-form")
    .get("/admin/downtimes/new", page(parts, showNew))
    .post("/admin/downtimes/new", action(parts, add, reshowNew))
    .post("/admin/downtimes/preview", action(parts, preview))
    .get("/admin/downtimes/:id/change", page(parts, withStored(showChange)))
    .post("/admin/downtimes/:id/change", action(parts, withStored(change), withStored(reshowChange)));
}

const newTitle = "New downtime";
const changeTitle = "Change a downtime";

const entryFrom = (fields: URLSearchParams) => formInputFrom((field) => fields.get(field) ?? "");

const idsFrom = (fields: URLSearchParams, name = "from"): number[] => idsOf(fields.getAll(name));

/** What either side changed; where both did, mine. */
const mergeEntries = (before: FormInput, theirs: FormInput, mine: FormInput): FormInput =>
  formInputFrom((field) => (mine[field] === before[field] ? theirs[field] : mine[field]));
