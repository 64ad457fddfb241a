/** Edits one downtime with the form, `/admin/downtimes/{id}/change`; and moves occurrences of a series. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, checkMayDelete, page, sendOn, type Visit, withId } from "../account/staff-page.ts";
import { checkChange, type Draft, stateOf } from "../downtime/downtime.ts";
import { formInputFrom, versionsIn } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, tolerating } from "../input/problem.ts";
import { parseDuration } from "../time/duration.ts";
import { moved, spellInstant } from "../time/instant.ts";
import { createForm } from "./edit-form.tsx";
import { readSeriesFormInput } from "./form-input.ts";
import { actionOnSeries, type SeriesStaffServices } from "./one-series.ts";
import { createSeriesPage } from "./page.tsx";
import type { StoredSeries } from "./rows.ts";

export function downtimeFormRoutes(services: SeriesStaffServices) {
  const { downtimes } = services;
  const form = createForm(services);

  /** Passes on the downtime of the path; redirects to its page if it was deleted. */
  const withStored = <Result>(show: (visit: Visit, stored: Stored) => Promise<Result>) =>
    withId(async (visit, id): Promise<Result | Response> => {
      const [stored] = await downtimes.findAllStored([id]);
      if (!stored) return sendOn(visit.caller.request, `/downtimes/${id}`);
      checkMayChange(services, visit.user, stored.createdBy);
      return show(visit, stored);
    });

  const show = async (visit: Visit, stored: Stored) => form.show(visit, await form.inputOf(visit, stored), { stored });

  const reshow = (visit: Visit, stored: Stored) =>
    stored.version === versionIn(visit)
      ? form.show(visit, readSeriesFormInput(visit.form), { stored })
      : sendConflict(visit, stored);

  const change = async (visit: Visit, stored: Stored) => {
    const [{ id }, seen] = [stored.downtime, versionIn(visit)];
    if (stored.version !== seen) return sendConflict(visit, stored);
    return form.submit(visit, { stored }, async ({ single: { draft } = {} }) => {
      if (!draft || (await downtimes.findSame(draft, id))) return { status: 422 };
      const isEnd = stateOf(stored.downtime, visit.now) === "now" && stateOf(draft, visit.now) === "past";
      let isConflict = false;
      const decide = ({ version }: Stored) => {
        isConflict = version !== seen;
        return isConflict ? undefined : draft;
      };
      const after = await downtimes.change(id, visit.author, decide, isEnd ? "end" : "edit");
      return isConflict ? sendConflict(visit, after) : undefined;
    });
  };

  /** Shows both sides' edits. The form combines them; where both edited a field, it keeps the user's input. */
  const sendConflict = async (visit: Visit, stored: Stored) => {
    const sent = readSeriesFormInput(visit.form);
    const history = await downtimes.history(stored.downtime.id);
    const last = history.at(-1);
    const mine = formInputFrom((field) => sent[field] ?? "");
    const theirs = form.inputIn(sent, stored.downtime, visit);
    const before = form.inputIn(
      sent,
      history.find(({ version }) => version === versionIn(visit)) ?? stored.downtime,
      visit,
    );
    const merged = formInputFrom((field) => (mine[field] === before[field] ? theirs : mine)[field]);
    const differences = { by: last?.by ?? "Someone", at: last ? spellInstant(last.at) : "", before, theirs, mine };
    return form.show(visit, { ...sent, ...merged }, { stored, differences, status: 409 });
  };

  return createRoutes("downtime-form")
    .get("/admin/downtimes/:id/change", page(services, withStored(show)))
    .post("/admin/downtimes/:id/change", action(services, withStored(change), withStored(reshow)));
}

const versionIn = ({ form }: Visit) => Number(form.get("version"));

type ActOnSelected = (visit: Visit, series: StoredSeries, seen: ReadonlyMap<number, number>) => Promise<unknown>;

/** Moves selected occurrences of a series by the same duration, so that each keeps its id, or skips them. */
export function seriesMoveRoutes(services: SeriesStaffServices) {
  const { downtimes, configdb } = services;
  const showSeries = createSeriesPage(services, services.getPageContext);

  /** Shows the series again, as it was filled in, if that is refused. */
  const actOnSelected = (act: ActOnSelected) =>
    actionOnSeries(services, async (visit, series) => {
      const { form, caller } = visit;
      const run = async (): Promise<undefined> => {
        const seen = versionsIn(form);
        if (seen.size === 0) throw new Malformed("Select at least one downtime.");
        await act(visit, series, seen);
      };
      const refused = await run().catch(tolerating(Malformed)).catch(tolerating(Invalid)).catch(tolerating(Conflict));
      return refused ? showSeries(caller, undefined, { form, problem: refused }) : undefined;
    });

  const move: ActOnSelected = async (visit, series, seen) => {
    const ids = [...seen.keys()];
    const millis = millisIn(visit.form.get("by") ?? "");
    const later = ({ start, end }: Draft) => ({ start: moved(start, millis), end: moved(end, millis) });
    for (const { downtime } of await downtimes.findAllStored(ids)) {
      const same = await downtimes.findSame({ ...downtime, ...later(downtime) }, downtime.id);
      if (same && !seen.has(same.id)) throw new Conflict(`An identical downtime already exists (#${same.id}).`);
    }
    const decide = ({ downtime, version, createdBy }: Stored) => {
      checkMayChange(services, visit.user, createdBy);
      if (downtime.series !== series.id || version !== seen.get(downtime.id)) throw new Conflict(staleText);
      return checkChange(downtime, later(downtime), configdb.get);
    };
    await downtimes.changeAll(ids, visit.author, decide);
  };

  const skip: ActOnSelected = async (visit, _series, seen) => {
    const isStale = await downtimes.removeUnless([...seen.keys()], visit.author, ({ downtime, version, createdBy }) => {
      checkMayDelete(services, visit.user, createdBy, downtime.reason);
      return seen.get(downtime.id) !== version;
    });
    if (isStale) throw new Conflict(staleText);
  };

  return createRoutes("series-move")
    .post("/admin/series/:id/move", actOnSelected(move))
    .post("/admin/series/:id/skip", actOnSelected(skip));
}

const staleText = "Someone just changed one of these. Review them, then try again.";

/** Reads a duration that may have a sign. @throws Malformed */
function millisIn(text: string): number {
  const [, sign, size = ""] = /^\s*([+\-−]?)(.*)$/.exec(text) ?? [];
  const seconds = parseDuration(size);
  if (seconds === undefined) throw new Malformed("Enter a duration, such as 1 h or -1 d.");
  return (sign === "-" || sign === "−" ? -seconds : seconds) * 1000;
}
