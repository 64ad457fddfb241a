/** `/api/availability/`: when telescopes are blocked and free in a span. */

import type { DowntimeServices } from "../downtime/api.ts";
import type { RequestContext } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { availabilityOf } from "./availability.ts";
import { documentOf } from "./openapi.ts";
import { checkAll, queryRoutes, sendJson, spellings } from "./query-api.ts";
import { AvailabilityQuery, lastDays, readFormat, readPlaces, readSpan } from "./query-params.ts";
import { telescopesOf, withWhole } from "./telescopes.ts";

export function availabilityRoutes({
  auth,
  downtimes,
  configdb,
  clock,
}: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (caller: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastDays(toInstant(clock())), true);
    const filter = readPlaces(parameters, AvailabilityQuery, facility);
    const format = readFormat(parameters, spellings);
    checkAll(span.errors, filter.errors, format.errors);
    const rows = await downtimes.during(withWhole(filter.what), span.what);
    const telescopes = telescopesOf(facility, filter.what, rows);
    return sendJson(availabilityOf(telescopes, span.what), caller, format.what);
  };
  const path = "/api/availability/";
  return queryRoutes({ path, name: "Availability", document: documentOf.availability, auth, answer });
}
