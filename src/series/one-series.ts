/** Staff pages of one series or downtime: only for users who may edit it; those of a deleted one lead to its page. */

import { checkMayChange, type StaffPageServices, sendOn, type Visit, withId } from "../account/staff-page.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { SeriesStore } from "./store.ts";

/** What the staff pages of series need. */
export interface SeriesStaffServices extends StaffPageServices {
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
}

const finding =
  <Found extends { readonly createdBy: string | null }>(
    parts: SeriesStaffServices,
    page: string,
    find: (id: number) => Promise<Found | undefined>,
  ) =>
  <Result>(show: (visit: Visit, found: Found) => Promise<Result>) =>
    withId(async (visit, id): Promise<Result | Response> => {
      const found = await find(id);
      if (!found) return sendOn(visit.caller.request, `${page}/${id}`);
      checkMayChange(parts, visit.user, found.createdBy);
      return show(visit, found);
    });

/** Passes the series in the path to a page or an action. @throws Forbidden */
export const withSeries = (parts: SeriesStaffServices) => finding(parts, "/series", parts.series.find);

/** Passes the downtime in the path to a page or an action. @throws Forbidden */
export const withDowntime = (parts: SeriesStaffServices) =>
  finding(parts, "/downtimes", async (id) => (await parts.downtimes.findAllStored([id]))[0]);
