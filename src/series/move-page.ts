/** Moves or skips selected occurrences of a series. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, checkMayDelete, type Visit } from "../account/staff-page.ts";
import { checkChange, type Draft } from "../downtime/downtime.ts";
import { versionsIn } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Invalid, Malformed, tolerating } from "../input/problem.ts";
import { parseDuration } from "../time/duration.ts";
import { moved } from "../time/instant.ts";
import { type SeriesStaffServices, withSeries } from "./one-series.ts";
import { createSeriesPage } from "./page.tsx";
import type { StoredSeries } from "./rows.ts";

type ActOnSelected = (visit: Visit, series: StoredSeries, seen: ReadonlyMap<number, number>) => Promise<unknown>;

/** Moves selected occurrences of a series by the same duration, so that each keeps its id, or skips them. */
export function seriesMoveRoutes(services: SeriesStaffServices) {
  const { downtimes, configdb } = services;
  const showSeries = createSeriesPage(services, services.getPageContext);

  /** Shows the series again, as it was filled in, if that is refused. */
  const actOnSelected = (act: ActOnSelected) => {
    const handle = withSeries(services)(async (visit, series) => {
      const { form, context } = visit;
      const run = async (): Promise<undefined> => {
        const seen = versionsIn(form);
        if (seen.size === 0) throw new Malformed("Select at least one downtime.");
        await act(visit, series, seen);
      };
      const problem = await run().catch(tolerating(Malformed)).catch(tolerating(Invalid)).catch(tolerating(Conflict));
      return problem && showSeries(context, undefined, { form, problem });
    });
    return action(services, handle);
  };

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
    await downtimes.changeAll(ids, visit.author, decide, "move");
  };

  const skip: ActOnSelected = async (visit, _series, seen) => {
    const isChanged = ({ downtime, version, createdBy }: Stored) => {
      checkMayDelete(services, visit.user, createdBy, downtime.reason);
      return seen.get(downtime.id) !== version;
    };
    if (await downtimes.removeUnless([...seen.keys()], visit.author, isChanged, "skip")) throw new Conflict(staleText);
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
