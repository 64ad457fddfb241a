/** Buttons that end or extend an active downtime, or a whole closure. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { checkChange, type Downtime, endingNow, stateOf } from "../downtime/downtime.ts";
import { createDowntimePage } from "../downtime/page.tsx";
import type { Stored } from "../downtime/rows.ts";
import { findSite } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Malformed, NotFound, tolerating } from "../input/problem.ts";
import { createSeriesDescriber } from "../series/describe.ts";
import { extended, type OnceRule } from "../series/once-rule.ts";
import { actionOnSeries, type SeriesStaffServices } from "../series/one-series.ts";
import { createSeriesPage } from "../series/page.tsx";
import { planEdit } from "../series/plan.ts";
import type { StoredSeries } from "../series/rows.ts";
import { parseDuration } from "../time/duration.ts";
import { type Instant, moved, spellInstant } from "../time/instant.ts";
import { closeOptionsOf, endOf } from "./closures.ts";

export function extendRoutes(services: SeriesStaffServices) {
  const { downtimes, series, configdb, getPageContext } = services;
  const showDowntime = createDowntimePage(
    { ...services, describeSeries: createSeriesDescriber(series) },
    getPageContext,
  );
  const showSeries = createSeriesPage(services, getPageContext);

  /** Sets a new end for an active downtime. If it isn't active any more, shows how it is now. */
  const moveEnd = async (visit: Visit, id: number, kind: Kind, endAt: (downtime: Downtime) => Instant) => {
    const decide = ({ downtime, createdBy }: Stored) => {
      checkMayChange(services, visit.user, createdBy);
      if (stateOf(downtime, visit.now) !== "now") throw new Conflict("This downtime isn't active.");
      return checkChange(downtime, { end: endAt(downtime) }, configdb.get);
    };
    const refused = await downtimes
      .change(id, visit.author, decide, kind)
      .then(() => undefined, tolerating(NotFound))
      .catch(tolerating(Conflict));
    if (!refused) return undefined;
    return showDowntime(visit.caller, refused instanceof Conflict ? refused.detail : "This downtime was deleted.");
  };

  /** Extends by a duration, or until one of the closing times. */
  const extend = (visit: Visit, id: number) => {
    const name = visit.form.get("until");
    if (name === null) {
      const millis = millisIn(visit);
      return moveEnd(visit, id, "extend", ({ end }) => moved(end, millis));
    }
    return moveEnd(visit, id, name === "open" ? "until_notice" : "extend", ({ site, end }) => {
      const options = closeOptionsOf(findSite(configdb.get(), site), visit.now);
      const until = options.find((option) => option.name === name)?.until;
      if (!until) throw new Malformed("Choose a telescope and a duration.");
      if (until <= end) throw new Conflict(`This downtime already lasts until ${spellInstant(end)}.`);
      return until;
    });
  };

  /** Extends a closure by a duration, or sets its end: until sunrise or further notice. */
  const extendClosure = async (visit: Visit, { id }: StoredSeries) => {
    const rows = await series.rows(id);
    if (!rows.some(({ downtime, byHand }) => !byHand && stateOf(downtime, visit.now) === "now"))
      return showSeries(visit.caller, "This closure isn't active.");
    await series.change(id, visit.author, (stored) => {
      checkMayChange(services, visit.user, stored.createdBy);
      if (stored.rule.kind !== "once") throw new Conflict("Only a closure can be extended. Edit the series instead.");
      const planned = planEdit(stored, { rule: ruleIn(visit, stored.rule) }, {}, configdb.get(), visit.now);
      return { ...planned, kind: planned.kind ?? "extend" };
    });
    return undefined;
  };

  return createRoutes("extend")
    .post(
      "/admin/downtimes/:id/end",
      action(
        services,
        withId((visit, id) => moveEnd(visit, id, "end", (downtime) => endingNow(downtime, visit.now))),
      ),
    )
    .post("/admin/downtimes/:id/extend", action(services, withId(extend)))
    .post("/admin/series/:id/extend", actionOnSeries(services, extendClosure));
}

function millisIn({ form }: Visit): number {
  const seconds = parseDuration(form.get("by") ?? "");
  if (seconds === undefined) throw new Malformed("Enter a duration, such as 4 h.");
  return seconds * 1000;
}

/** The rule with the end that a button sets. @throws Malformed, Conflict */
function ruleIn(visit: Visit, rule: OnceRule): object {
  const until = visit.form.get("until");
  if (until === null) {
    if (rule.end === null) throw new Conflict("This closure lasts until further notice already.");
    return extended(rule, millisIn(visit));
  }
  const end = endOf(until);
  if (end === undefined) throw new Malformed("Choose a duration.");
  return { kind: rule.kind, start: rule.start, end };
}
