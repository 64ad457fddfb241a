/** `/api/series/`: series as JSON. */

import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { mayChange, type User } from "../auth/user.ts";
import { defaultLimit } from "../downtime/filter.ts";
import { readPart } from "../downtime/list-query.ts";
import { readJsonBody } from "../http/body.ts";
import { json, pageLinksOf, written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { publicUrlOf } from "../http/path.ts";
import { addressOf, checkIfMatch, createRoutes, etagOf, idOf, type RequestContext } from "../http/request-context.ts";
import { Forbidden, Invalid } from "../input/problem.ts";
import { toInstant } from "../time/instant.ts";
import { readKinds, readSeriesQuery, showOutcome, showSeries, showVersion } from "./json.ts";
import { seriesOperations } from "./openapi.ts";
import { planEdit, planNew } from "./plan.ts";
import type { StoredSeries } from "./rows.ts";
import type { Outcome, SeriesStore } from "./store.ts";
import { addWarnings } from "./warnings.ts";

export interface SeriesServices extends Pick<StaffPageServices, "auth" | "configdb" | "clock"> {
  readonly series: SeriesStore;
}

export function seriesRoutes({ auth, series, configdb, clock }: SeriesServices) {
  const list = async (caller: RequestContext) => {
    await auth.identify(caller.request, addressOf(caller));
    const { searchParams } = new URL(caller.request.url);
    const part = readPart(searchParams, defaultLimit);
    const { count, results } = await series.list({ ...part, kinds: readKinds(searchParams) });
    const shown = results.map(({ rows, ...one }) => ({ ...showSeries(one), downtimes: rows }));
    return json({ count, ...pageLinksOf(publicUrlOf(caller.request), part, count), results: shown });
  };

  const show = async (caller: RequestContext) => {
    await auth.identify(caller.request, addressOf(caller));
    const stored = await series.get(idOf(caller));
    const history = (await series.history(stored.id)).map(showVersion);
    return json({ ...showSeries(stored), history }, 200, { etag: etagOf(stored.version) });
  };

  /** Sends what a write did, or would do. */
  const sendOutcome = async (outcome: Outcome, status: number, isTried: boolean, id?: number) => {
    const marked =
      outcome.planned.length > 0
        ? addWarnings(outcome, await series.overlapping(outcome.planned, outcome.series?.id ?? id), configdb.get())
        : [];
    const shown = showOutcome(outcome, marked, isTried);
    const stored = outcome.series;
    return written(shown, status, {
      ...(stored && { etag: etagOf(stored.version) }),
      ...(stored && status === 201 && { location: `/api/series/${stored.id}/` }),
    });
  };

  const create = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    const { dryRun } = readSeriesQuery(caller.request);
    const planned = planNew(await readJsonBody(caller.request), configdb.get(), toInstant(clock()));
    if (dryRun) return sendOutcome(await series.tryAdd(planned, clock()), 200, true);
    return sendOutcome(await series.add(planned, authorOf(user, clock())), 201, false);
  };

  /** Checks that the user may edit the series, and that `If-Match` names its version. @throws Forbidden, PreconditionFailed */
  const allow = (request: Request, user: User) => (stored: StoredSeries) => {
    if (!mayChange(user, auth.writeAccess, stored.createdBy)) throw new Forbidden();
    checkIfMatch(request, stored.version);
  };

  const change = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    const { dryRun, reach } = readSeriesQuery(caller.request);
    if (reach === "now")
      throw new Invalid({ from: ["`now` is only valid for DELETE. Enter a date, or the name of an occurrence."] });
    const body = await readJsonBody(caller.request);
    const check = allow(caller.request, user);
    const decide = (stored: StoredSeries) => {
      check(stored);
      return planEdit(stored, body, reach, configdb.get(), toInstant(clock()));
    };
    const id = idOf(caller);
    const outcome = dryRun
      ? await series.tryChange(id, clock(), decide)
      : await series.change(id, authorOf(user, clock()), decide);
    return sendOutcome(outcome, 200, dryRun, id);
  };

  const end = async (caller: RequestContext) => {
    const user = await auth.requireWriter(caller.request, addressOf(caller));
    const { dryRun, reach } = readSeriesQuery(caller.request);
    const check = allow(caller.request, user);
    const id = idOf(caller);
    const outcome = dryRun
      ? await series.tryEnd(id, clock(), reach, check)
      : await series.end(id, authorOf(user, clock()), reach, check);
    return sendOutcome(outcome, 200, dryRun, id);
  };

  const of = seriesOperations;
  const one = { GET: [show, of.show], PATCH: [change, of.change], DELETE: [end, of.end] } as const;
  return createRoutes("series")
    .use(resource("/api/series/", "Series", auth, { GET: [list, of.list], POST: [create, of.create] }))
    .use(resource("/api/series/:id/", "Series", auth, one));
}
