/** Finds the series or downtime of a staff page, for users who may edit it. If it was deleted, redirects to its own page. */

import { checkMayChange, type StaffPageServices, sendOn, type Visit, withId } from "../account/staff-page.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { SeriesStore } from "./store.ts";

/** The services of the staff pages of series. */
export interface SeriesStaffServices extends StaffPageServices {
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
}

const finding =
  <Found extends { readonly createdBy: string | null }>(
    services: SeriesStaffServices,
    page: string,
    find: (id: number) => Promise<Found | undefined>,
  ) =>
  <Result>(show: (visit: Visit, found: Found) => Promise<Result>) =>
    withId(async (visit, id): Promise<Result | Response> => {
      const found = await find(id);
      if (!found) return sendOn(visit.context.request, `${page}/${id}`);
      checkMayChange(services, visit.user, found.createdBy);
      return show(visit, found);
    });

/** Passes the series in the path to a page or an action. @throws Forbidden */
export const withSeries = (services: SeriesStaffServices) => finding(services, "/series", services.series.find);

/** Passes the downtime in the path to a page or an action. @throws Forbidden */
export const withDowntime = (services: SeriesStaffServices) =>
  finding(services, "/downtimes", async (id) => (await services.downtimes.findAllStored([id]))[0]);
