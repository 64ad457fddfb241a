/** `/api/why/`: whether a telescope is blocked at an instant, and why. */

import type { DowntimeServices } from "../downtime/api.ts";
import { bySoonest, type Filter, narrowed } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import type { RequestContext } from "../http/request-context.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { documentOf } from "./openapi.ts";
import { checkAll, queryRoutes, sendJson, spellings } from "./query-api.ts";
import { readAt, readFormat, readPlaces, WhyQuery } from "./query-params.ts";
import { telescopesOf } from "./telescopes.ts";
import { type Standing, standingAt, telescopeStanding, type Why, whyOf } from "./why.ts";

/** How far one looks at first: nearly always that is enough. */
const nearMillis = 32 * dayMillis;

type Reading = Pick<Downtimes, "during" | "list" | "findAllStored">;

/** Why the telescopes that a filter asks for are blocked at an instant, or until when they are free. */
export async function askWhy(
  downtimes: Reading,
  facility: Facility | undefined,
  filter: Filter,
  at: Instant,
): Promise<Why> {
  const horizon = toInstant(toMillis(at) + nearMillis);
  const near = telescopesOf(facility, filter, await downtimes.during(filter, { start: at, end: horizon }))
    .map((telescope) => telescopeStanding(telescope, at, horizon))
    // One that ConfigDB doesn't know is of interest only while something blocks it.
    .filter(({ telescope, whole, byType }) => telescope.name.known || whole.blocking.length + byType.size > 0);
  const settled = [];
  for (const { telescope, whole, byType } of near) {
    const { site, enclosure, telescope: code } = telescope.name;
    const settle = (standing: Standing, type: string) => {
      const only = { site: [site], enclosure: [enclosure], telescope: [code], instrument_type: [type] };
      return standing.isSettled ? standing : lookFurther(downtimes, only, at);
    };
    const types = new Map<string, Standing>();
    for (const [type, standing] of byType) types.set(type, await settle(standing, type));
    settled.push({ telescope, whole: await settle(whole, ""), byType: types });
  }
  const ids = settled.flatMap(({ whole, byType }) =>
    [whole, ...byType.values()].flatMap(({ blocking }) => blocking.map(({ id }) => id)),
  );
  const makers = new Map(
    (await downtimes.findAllStored(ids)).map(({ downtime, createdBy }) => [downtime.id, createdBy]),
  );
  return whyOf(settled, at, (id) => makers.get(id));
}

/** How many of the coming downtimes one reads then: more only where those before follow each other without a gap. */
const furtherRows = [100, 10_000, Number.MAX_SAFE_INTEGER] as const;

/** Reads as many of the coming downtimes as it takes. */
async function lookFurther(downtimes: Reading, filter: Filter, at: Instant): Promise<Standing> {
  let standing = standingAt([], at, undefined);
  for (const limit of furtherRows) {
    const listing = { filter: narrowed(filter, { from: at }), order: bySoonest, limit, offset: 0 };
    const { results } = await downtimes.list(listing);
    standing = standingAt(results, at, results.length < limit ? undefined : results.at(-1)?.start);
    if (standing.isSettled) break;
  }
  return standing;
}

export function whyRoutes({ auth, downtimes, configdb, clock }: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (caller: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const filter = readPlaces(parameters, WhyQuery, facility);
    const at = readAt(parameters, toInstant(clock()));
    const format = readFormat(parameters, spellings);
    const missing = parameters.has("telescope") ? {} : { telescope: ["This field is required."] };
    checkAll(missing, filter.errors, at.errors, format.errors);
    return sendJson(await askWhy(downtimes, facility, filter.what, at.what), caller, format.what);
  };
  return queryRoutes({ path: "/api/why/", name: "Why", document: documentOf.why, auth, answer });
}
