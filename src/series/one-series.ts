/** Staff pages of one series: only for users who may edit it; those of a deleted series lead to its page. */

import { action } from "../account/staff-form.tsx";
import { checkMayChange, page, type StaffPageServices, sendOn, type Visit, withId } from "../account/staff-page.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { StoredSeries } from "./rows.ts";
import type { SeriesStore } from "./store.ts";

/** What the staff pages of series need. */
export interface SeriesStaffServices extends StaffPageServices {
  readonly downtimes: Downtimes;
  readonly series: SeriesStore;
}

type Show<Result = Response> = (visit: Visit, stored: StoredSeries) => Promise<Result>;

/** Finds the series, and checks that the user may edit it. @throws Forbidden */
const withSeries = <Result>(parts: SeriesStaffServices, show: Show<Result>) =>
  withId(async (visit, id): Promise<Result | Response> => {
    const stored = await parts.series.find(id);
    if (!stored) return sendOn(visit.caller.request, `/series/${id}`);
    checkMayChange(parts, visit.user, stored.createdBy);
    return show(visit, stored);
  });

/** Handles `GET` of a page of one series. */
export const pageOfSeries = (parts: SeriesStaffServices, show: Show) => page(parts, withSeries(parts, show));

/** Handles `POST` of a form of one series. @param reshow as of `action` */
export const actionOnSeries = (parts: SeriesStaffServices, act: Show<Response | undefined>, reshow?: Show) =>
  action(parts, withSeries(parts, act), reshow && withSeries(parts, reshow));
