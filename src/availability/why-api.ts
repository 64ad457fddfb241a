/** `/api/why/`: whether a telescope is down at a given time, and why. */

import type { DowntimeServices } from "../downtime/api.ts";
import { bySoonest, type Filter, narrowed } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import type { RequestContext } from "../http/request-context.ts";
import { dayMillis, type Instant, toInstant, toMillis } from "../time/instant.ts";
import { availabilityOperations } from "./openapi.ts";
import { queryRoutes, sendJson, throwIfInvalid, timeFormats } from "./query-api.ts";
import { readAt, readFilter, readFormat, WhyQuery } from "./query-params.ts";
import { telescopesOf } from "./telescopes.ts";
import { type StatusAt, statusAt, telescopeStatusAt, type Why, whyOf } from "./why.ts";

/** The window of the first query; nearly always long enough to find the next change. */
const horizonMillis = 32 * dayMillis;

type Reading = Pick<Downtimes, "during" | "list" | "findAllStored">;

/** Returns for each telescope that matches a filter why it is down at a time, or until when it is available. */
export async function findWhy(
  downtimes: Reading,
  facility: Facility | undefined,
  filter: Filter,
  at: Instant,
): Promise<Why> {
  const horizon = toInstant(toMillis(at) + horizonMillis);
  const candidates = telescopesOf(facility, filter, await downtimes.during(filter, { start: at, end: horizon }))
    .map((telescope) => telescopeStatusAt(telescope, at, horizon))
    // Telescopes that aren't in ConfigDB are listed only while they are down.
    .filter(({ telescope, whole, byType }) => telescope.name.known || whole.blocking.length + byType.size > 0);
  const telescopes = [];
  for (const { telescope, whole, byType } of candidates) {
    const { site, enclosure, telescope: code } = telescope.name;
    const finish = (status: StatusAt, type: string) => {
      const only = { site: [site], enclosure: [enclosure], telescope: [code], instrument_type: [type] };
      return status.isFinal ? status : readFurther(downtimes, only, at);
    };
    const types = new Map<string, StatusAt>();
    for (const [type, status] of byType) types.set(type, await finish(status, type));
    telescopes.push({ telescope, whole: await finish(whole, ""), byType: types });
  }
  const ids = telescopes.flatMap(({ whole, byType }) =>
    [whole, ...byType.values()].flatMap(({ blocking }) => blocking.map(({ id }) => id)),
  );
  const creators = new Map(
    (await downtimes.findAllStored(ids)).map(({ downtime, createdBy }) => [downtime.id, createdBy]),
  );
  return whyOf(telescopes, at, (id) => creators.get(id));
}

/** Upcoming downtimes to read, step by step. A later step is needed only if all before are adjacent or overlap. */
const rowLimits = [100, 10_000, Number.MAX_SAFE_INTEGER] as const;

/** Reads upcoming downtimes until the time of the next change is certain. */
async function readFurther(downtimes: Reading, filter: Filter, at: Instant): Promise<StatusAt> {
  let status = statusAt([], at, undefined);
  for (const limit of rowLimits) {
    const listing = { filter: narrowed(filter, { from: at }), order: bySoonest, limit, offset: 0 };
    const { results } = await downtimes.list(listing);
    status = statusAt(results, at, results.length < limit ? undefined : results.at(-1)?.start);
    if (status.isFinal) break;
  }
  return status;
}

export function whyRoutes({ auth, downtimes, configdb, clock }: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (context: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const filter = readFilter(parameters, WhyQuery, facility);
    const at = readAt(parameters, toInstant(clock()));
    const format = readFormat(parameters, timeFormats);
    const missing = parameters.has("telescope") ? {} : { telescope: ["This field is required."] };
    throwIfInvalid(missing, filter.errors, at.errors, format.errors);
    return sendJson(await findWhy(downtimes, facility, filter.value, at.value), context, format.value);
  };
  return queryRoutes({ path: "/api/why/", name: "Why", document: availabilityOperations.why, auth, answer });
}
