/** `/api/availability/`: when telescopes are down and available between two times. */

import type { DowntimeServices } from "../downtime/api.ts";
import type { RequestContext } from "../http/request-context.ts";
import { toInstant } from "../time/instant.ts";
import { availabilityOf } from "./availability.ts";
import { availabilityOperations } from "./openapi.ts";
import { queryRoutes, sendJson, throwIfInvalid, timeFormats } from "./query-api.ts";
import { AvailabilityQuery, lastWholeDays, readFilter, readFormat, readSpan } from "./query-params.ts";
import { telescopesOf, withWholeTelescope } from "./telescopes.ts";

export function availabilityRoutes({
  auth,
  downtimes,
  configdb,
  clock,
}: Omit<DowntimeServices, "answers" | "cutNotice">) {
  const answer = async (context: RequestContext, parameters: URLSearchParams) => {
    const facility = configdb.find();
    const span = readSpan(parameters, lastWholeDays(toInstant(clock())), true);
    const filter = readFilter(parameters, AvailabilityQuery, facility);
    const format = readFormat(parameters, timeFormats);
    throwIfInvalid(span.errors, filter.errors, format.errors);
    const rows = await downtimes.during(withWholeTelescope(filter.value), span.value);
    const telescopes = telescopesOf(facility, filter.value, rows);
    return sendJson(availabilityOf(telescopes, span.value), context, format.value);
  };
  const path = "/api/availability/";
  return queryRoutes({ path, name: "Availability", document: availabilityOperations.availability, auth, answer });
}
