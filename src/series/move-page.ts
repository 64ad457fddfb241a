/** Moves selected occurrences of a series by the same duration; each keeps its id. */

import { checkMayChange, type Visit } from "../account/staff-page.ts";
import { checkChange, type Draft } from "../downtime/downtime.ts";
import { versionsIn } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Malformed } from "../input/problem.ts";
import { parseDuration } from "../time/duration.ts";
import { moved } from "../time/instant.ts";
import { actionOnSeries, type SeriesStaffServices } from "./one-series.ts";
import type { StoredSeries } from "./rows.ts";

export function seriesMoveRoutes(services: SeriesStaffServices) {
  const { downtimes, configdb } = services;

  const move = async (visit: Visit, series: StoredSeries) => {
    const seen = versionsIn(visit.form);
    const ids = [...seen.keys()];
    const millis = millisIn(visit.form.get("by") ?? "");
    const later = ({ start, end }: Draft) => ({ start: moved(start, millis), end: moved(end, millis) });
    for (const { downtime } of await downtimes.findAllStored(ids)) {
      const same = await downtimes.findSame({ ...downtime, ...later(downtime) }, downtime.id);
      if (same && !seen.has(same.id)) throw new Conflict(`An identical downtime already exists (#${same.id}).`);
    }
    const decide = ({ downtime, version, createdBy }: Stored) => {
      checkMayChange(services, visit.user, createdBy);
      if (downtime.series !== series.id || version !== seen.get(downtime.id))
        throw new Conflict("Someone just changed one of these. Reload, then try again.");
      return checkChange(downtime, later(downtime), configdb.get);
    };
    await downtimes.changeAll(ids, visit.author, decide);
    return undefined;
  };

  return createRoutes("series-move").post("/admin/series/:id/move", actionOnSeries(services, move));
}

/** Reads a duration that may have a sign. @throws Malformed */
function millisIn(text: string): number {
  const [, sign, size = ""] = /^\s*([+\-−]?)(.*)$/.exec(text) ?? [];
  const seconds = parseDuration(size);
  if (seconds === undefined) throw new Malformed("Enter a duration, such as 1 h or -1 d.");
  return (sign === "-" || sign === "−" ? -seconds : seconds) * 1000;
}
