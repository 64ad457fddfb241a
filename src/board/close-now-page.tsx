/** @jsxImportSource @kitajs/html */
/** `/admin/now`: closes telescopes at short notice, and ends or extends active downtimes. */

import { action } from "../account/staff-form.ts";
import { checkMayChange, page, type StaffPageServices, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { mayChange } from "../auth/user.ts";
import {
  checkChange,
  checkDraft,
  type Downtime,
  describePlace,
  maxReasonLength,
  stateOf,
} from "../downtime/downtime.ts";
import type { Stored } from "../downtime/rows.ts";
import { spellEnd } from "../downtime/state-view.tsx";
import type { Downtimes } from "../downtime/store.ts";
import type { Place } from "../facility/facility.ts";
import { findSite, placeNotices } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Malformed } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { parseDuration } from "../time/duration.ts";
import { type Instant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { type ClosableTelescope, CloseNowPage } from "./close-now-view.tsx";
import { type CloseOption, closeOptionsOf } from "./closing-times.ts";
import { findStillClosed } from "./still-closed.ts";

const later = (at: Instant, millis: number) => toInstant(toMillis(at) + millis);

const telescopeFields = ["site", "enclosure", "telescope"] as const;

export function closeNowRoutes(services: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = services;

  const show = async (visit: Visit, wrong: { reasonError?: string; conflict?: string } = {}) => {
    const { caller, frame, csrf, now, query, form: sent } = visit;
    const untilNotice = await downtimes.untilNotice(now);
    const markup = (
      <CloseNowPage
        {...frame}
        {...wrong}
        csrf={csrf}
        now={now}
        reason={sent.get("reason") ?? ""}
        untilNotice={untilNotice}
        unconfirmed={await findStillClosed(services, visit, untilNotice)}
        telescopes={await findTelescopes(visit, query)}
        sites={configdb.get().codes.site}
        site={query.get("site") ?? ""}
      />
    );
    return sendPage(markup, caller.request, wrong.conflict ? 409 : wrong.reasonError ? 422 : 200);
  };

  /** Returns the telescopes that the query selects. Inactive telescopes are included only while they are down. */
  const findTelescopes = async (visit: Visit, query: URLSearchParams): Promise<ClosableTelescope[]> => {
    const { now } = visit;
    const facility = configdb.get();
    const isSelected = (place: Place) =>
      telescopeFields.every((field) => (query.get(field) || place[field]) === place[field]);
    const allActive = await withPermissions(visit, await downtimes.during({}, { start: now, end: later(now, 1000) }));
    const places = [...facility.places()].filter((place) => place.instrument_type === "" && isSelected(place));
    const telescopes = places.map((place) => {
      const active = allActive.filter((other) => telescopeFields.every((field) => other[field] === place[field]));
      const site = findSite(facility, place.site);
      const options = closeOptionsOf(site, now);
      const last = findExtendable(active);
      return {
        ...place,
        isActive: placeNotices(place, facility).length === 0,
        active,
        extendable: last?.id,
        options: last ? options.filter(({ until }) => until > last.end) : options,
        zone: site?.zone,
      };
    });
    return telescopes.filter(({ isActive, active }) => isActive || active.length > 0);
  };

  /** Adds to each downtime whether the user may edit it. */
  const withPermissions = async ({ user }: Visit, active: readonly Downtime[]) => {
    const stored = await downtimes.findAllStored(active.map(({ id }) => id));
    const createdBy = new Map(stored.map(({ downtime, createdBy }) => [downtime.id, createdBy]));
    return active.map((downtime) => ({
      ...downtime,
      mayChange: mayChange(user, services.auth.writeAccess, createdBy.get(downtime.id) ?? null),
    }));
  };

  /** Returns the downtime of the whole telescope that ends last, of those that the user may edit. */
  const findExtendable = (active: ClosableTelescope["active"]): Downtime | undefined =>
    active
      .filter(({ instrument_type, mayChange }) => instrument_type === "" && mayChange)
      .toSorted((a, b) => (a.end < b.end ? -1 : 1))
      .at(-1);

  const close = async (visit: Visit) => {
    const { now } = visit;
    const choice = new URLSearchParams(visit.form.get("choice") ?? "");
    const reason = readText(visit.form.get("reason") ?? "", maxReasonLength);
    if (reason instanceof Refusal) return show(visit, { reasonError: reason.text });
    const facility = configdb.get();
    const option = optionOf(choice.get("site") ?? "", choice.get("until"), now);
    const place = Object.fromEntries([...choice].filter(([name]) => name !== "until"));
    const draft = checkDraft({ ...place, start: now, end: option.until, reason, category: "closure" }, facility);
    const last = findExtendable(
      await withPermissions(visit, await downtimes.overlapping(draft, now, later(now, 1000))),
    );
    if (last) {
      const end = spellEnd(last, await downtimes.untilNotice(now));
      const conflict = `${describePlace(draft)} is already down ${end}. Nothing was saved. You can extend the downtime below.`;
      return show(visit, { conflict });
    }
    await downtimes.add(draft, visit.author, option.name === "open" ? "until_notice" : "close");
    return undefined;
  };

  const optionOf = (site: string, name: string | null, now: Instant): CloseOption => {
    const found = closeOptionsOf(findSite(configdb.get(), site), now).find((option) => option.name === name);
    if (!found) throw new Malformed("Choose a telescope and a duration.");
    return found;
  };

  /** Sets a new end for an active downtime. @throws Conflict if it isn't active */
  const moveEnd = async (visit: Visit, id: number, kind: Kind, endOf: (downtime: Downtime) => Instant) => {
    const decide = ({ downtime, createdBy }: Stored) => {
      checkMayChange(services, visit.user, createdBy);
      if (stateOf(downtime, visit.now) !== "now") throw new Conflict("This downtime isn't active.");
      return checkChange(downtime, { end: endOf(downtime) }, configdb.get);
    };
    await downtimes.change(id, visit.author, decide, kind);
    return undefined;
  };

  /** Extends by a duration, or until one of the closing times. */
  const extend = (visit: Visit, id: number) => {
    const name = visit.form.get("until");
    if (name !== null)
      return moveEnd(visit, id, name === "open" ? "until_notice" : "extend", ({ site, end }) => {
        const { until } = optionOf(site, name, visit.now);
        if (until <= end) throw new Conflict(`This downtime already lasts until ${spellInstant(end)}.`);
        return until;
      });
    const seconds = parseDuration(visit.form.get("by") ?? "");
    if (seconds === undefined) throw new Malformed("Enter a duration, such as 4 h.");
    return moveEnd(visit, id, "extend", ({ end }) => later(end, seconds * 1000));
  };

  return createRoutes("close-now")
    .get(
      "/admin/now",
      page(services, (visit) => show(visit)),
    )
    .post("/admin/now", action(services, close, show))
    .post(
      "/admin/downtimes/:id/end",
      action(
        services,
        withId((visit, id) => moveEnd(visit, id, "end", () => visit.now)),
      ),
    )
    .post("/admin/downtimes/:id/extend", action(services, withId(extend)));
}
