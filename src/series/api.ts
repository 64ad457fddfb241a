/** `/api/series/`: series as JSON. */

import type { StaffPageServices } from "../account/staff-page.ts";
import { type Author, authorOf } from "../auth/change-set-store.ts";
import { mayChange } from "../auth/user.ts";
import type { Downtime } from "../downtime/downtime.ts";
import { defaultLimit } from "../downtime/filter.ts";
import { readPart } from "../downtime/list-query.ts";
import { readJsonBody } from "../http/body.ts";
import { json, pageLinksOf } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { publicUrlOf } from "../http/path.ts";
import { checkIfMatch, createRoutes, etagOf, idOf, type RequestContext } from "../http/request-context.ts";
import { Forbidden, Invalid } from "../input/problem.ts";
import { readChoice } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import { toInstant } from "../time/instant.ts";
import { seriesOperations as of } from "./openapi.ts";
import { type Plan, planEdit, planNew, readReach } from "./plan.ts";
import type { SeriesVersion, StoredSeries } from "./rows.ts";
import { draftOf, kindNames, type Rule } from "./series.ts";
import type { Outcome, SeriesStore } from "./store.ts";
import { countWarnings, type Warning, type WithWarnings } from "./warnings.ts";

export interface SeriesServices extends Pick<StaffPageServices, "auth" | "configdb" | "clock"> {
  readonly series: SeriesStore;
}

type Query = ReturnType<typeof readSeriesQuery>;
/** Checks that the user may edit the series, and that `If-Match` names its version. @throws Forbidden, PreconditionFailed */
type Check = (stored: StoredSeries) => void;
type Write = (context: RequestContext, query: Query, author: Author, check: Check) => Promise<Outcome>;

export function seriesRoutes({ auth, series, configdb, clock }: SeriesServices) {
  const list = async (context: RequestContext) => {
    await auth.identify(context.request);
    const { searchParams } = new URL(context.request.url);
    const part = readPart(searchParams, defaultLimit);
    const { count, results } = await series.list({ ...part, kinds: readKinds(searchParams) });
    const shown = results.map(({ rows, ...one }) => ({ ...showSeries(one), downtimes: rows }));
    return json({ count, ...pageLinksOf(publicUrlOf(context.request), part, count), results: shown });
  };

  const show = async (context: RequestContext) => {
    await auth.identify(context.request);
    const stored = await series.get(idOf(context));
    const history = (await series.history(stored.id)).map(showVersion);
    return json({ ...showSeries(stored), history }, { etag: etagOf(stored.version) });
  };

  const writing = (write: Write, status: number) => async (context: RequestContext) => {
    const { request } = context;
    const user = await auth.requireWriter(request);
    const query = readSeriesQuery(request);
    const check = (stored: StoredSeries) => {
      if (!mayChange(user, auth.writeAccess, stored.createdBy)) throw new Forbidden();
      checkIfMatch(request, stored.version);
    };
    const outcome = await write(context, query, authorOf(user, clock()), check);
    const { id, version } = outcome.series ?? {};
    const own = id ?? Number(context.params?.id ?? 0);
    // An end plans nothing, and needs no ConfigDB.
    const occurrences = outcome.planned.length > 0 ? await series.withWarnings(outcome, configdb.get(), own) : [];
    const headers = {
      ...(version && { etag: etagOf(version) }),
      ...(status === 201 && id && { location: `/api/series/${id}/` }),
    };
    const shown = showOutcome(outcome, occurrences, query.dryRun);
    return Response.json(shown, { status: query.dryRun ? 200 : status, headers });
  };

  const create = writing(async (context, { dryRun }, author) => {
    const planned = planNew(await readJsonBody(context.request), configdb.get(), toInstant(clock()));
    return series[dryRun ? "tryAdd" : "add"](planned, author);
  }, 201);

  const change = writing(async (context, { dryRun, reach }, author, check) => {
    if (reach === "now")
      throw new Invalid({ from: ["`now` is only valid for DELETE. Enter a date, or the name of an occurrence."] });
    const body = await readJsonBody(context.request);
    return series[dryRun ? "tryChange" : "change"](idOf(context), author, (stored) => {
      check(stored);
      return planEdit(stored, body, reach, configdb.get(), toInstant(clock()));
    });
  }, 200);

  const end: Write = (context, { dryRun, reach }, author, check) =>
    series[dryRun ? "tryEnd" : "end"](idOf(context), author, reach, check);

  const one = { GET: [show, of.show], PATCH: [change, of.change], DELETE: [writing(end, 200), of.end] } as const;
  return createRoutes("series")
    .use(resource("/api/series/", "Series", auth, { GET: [list, of.list], POST: [create, of.create] }))
    .use(resource("/api/series/:id/", "Series", auth, one));
}

/** Reads which downtimes are edited or deleted (`now`: the series ends now), and whether it is a preview. @throws Invalid */
export function readSeriesQuery({ url }: Request) {
  const { searchParams } = new URL(url);
  const flag = (name: string) => {
    const text = searchParams.get(name) ?? "";
    if (/^(1|true)$/i.test(text)) return true;
    if (/^(0|false)$/i.test(text)) return false;
    if (text === "") return undefined;
    throw new Invalid({ [name]: ["Enter 1 or 0."] });
  };
  return { reach: readReach(searchParams.get("from") || undefined, flag("begun")), dryRun: flag("dry_run") ?? false };
}

/** The kinds of rules that a list shows: those in `rule`, or else all but closures. @throws Invalid */
export function readKinds(query: URLSearchParams): readonly Rule["kind"][] {
  const sent = query.getAll("rule").filter(Boolean);
  const kinds = sent.length > 0 ? sent.map(readChoice(kindNames)) : kindNames.filter((kind) => kind !== "once");
  return kinds.map((kind) => {
    if (kind instanceof Refusal) throw new Invalid({ rule: [kind.text] });
    return kind;
  });
}

const showPlan = ({ from, earlier, ended, name, ...draft }: Plan) => ({
  ...draftOf(draft),
  from,
  earlier,
  ended,
  ...(name && { name }),
});

const showSeries = ({ id, created, modified, createdBy, ...plan }: StoredSeries) => ({
  id,
  ...showPlan(plan),
  created,
  modified,
  created_by: createdBy,
});

const showVersion = ({ version, unconfirmed, plan, warning, change_set, ...done }: SeriesVersion) => ({
  ...done,
  ...showPlan(plan),
  warning,
  change_set,
});

function showOutcome(outcome: Outcome, occurrences: readonly WithWarnings<Downtime>[], isWhole: boolean) {
  const count = (warning: Warning) => countWarnings(occurrences, (one) => one === warning);
  return {
    series: outcome.series ? showSeries(outcome.series) : null,
    created: outcome.create.length,
    changed: outcome.change.length,
    deleted: outcome.remove.length,
    unchanged: outcome.unchanged,
    begun: outcome.begun,
    // Those that were deleted individually have no id.
    by_hand: [
      ...outcome.byHand.map(({ occurrence, downtime: { created, modified, series, ...rest } }) => ({
        occurrence,
        ...rest,
      })),
      ...outcome.deletedByHand.map(({ occurrence, draft }) => ({ occurrence, id: null, ...draft })),
    ],
    duplicates: outcome.duplicates.length,
    overlaps: count("overlap"),
    own_overlaps: count("own_overlap"),
    light: count("light"),
    inactive: count("inactive"),
    clock: countWarnings(occurrences, (one) => one.startsWith("clock_")),
    absences: outcome.absences,
    ...(isWhole && {
      occurrences: occurrences.map(({ planned: { occurrence, date, draft }, warnings, overlaps, overlapCount }) => ({
        occurrence,
        date,
        ...draft,
        marks: warnings,
        overlaps: overlaps.map(({ id }) => id),
        more_overlaps: overlapCount - overlaps.length,
      })),
    }),
    warning: outcome.warning ?? null,
  };
}
