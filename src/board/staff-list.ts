/** What the staff list shows: a page of downtimes, and what the user may do with each. */

import { offsetOf, type Visit } from "../account/staff-page.ts";
import { mayChange, mayDelete } from "../auth/user.ts";
import { choiceFields, type Listing, narrowed } from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { withoutEmpty, withParameters } from "../ui/link.ts";
import { findStillClosed } from "./closures.ts";

const pageSize = 50;

export type StaffList = Awaited<ReturnType<typeof findStaffList>>;

export async function findStaffList(services: SeriesStaffServices, visit: Visit) {
  const { query, user, now } = visit;
  const { downtimes, configdb, auth } = services;
  const facility = configdb.find();
  const includesPast = query.has("past");
  const words = ["reason", ...choiceFields].map((field) => [field, (query.get(field) ?? "").trim()]);
  const search = withoutEmpty(new URLSearchParams(words));
  const offset = offsetOf(query);
  const { filter } = tryListing(search, facility).listing;
  const listing: Listing = {
    filter: includesPast ? filter : narrowed(filter, { from: now }),
    order: [{ field: "start", descending: includesPast }],
    limit: pageSize,
    offset,
  };
  const { count, results } = await downtimes.list(listing);
  const at = (start: number) =>
    `/admin/downtimes?${withParameters(query, { offset: String(start), saved: undefined })}`;
  const untilNotice = await downtimes.untilNotice(now);
  const stored = await downtimes.findAllStored(results.map(({ id }) => id));
  return {
    ...{ now, search, includesPast, count, untilNotice },
    downtimes: results,
    codes: facility?.codes,
    pages: { offset, pageSize, at },
    creators: new Map(stored.map(({ createdBy, downtime: { id } }) => [id, createdBy])),
    /** What the user may do, by downtime ID. */
    permissions: new Map(
      stored.map(({ createdBy, downtime: { id, reason } }) => [
        id,
        {
          change: mayChange(user, auth.writeAccess, createdBy),
          delete: mayDelete(user, auth.writeAccess, createdBy, reason),
        },
      ]),
    ),
    unconfirmed: await findStillClosed(services, visit, untilNotice),
  };
}
