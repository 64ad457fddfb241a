/** @jsxImportSource @kitajs/html */
/** `/admin/now`: down from this moment on; and ending or extending what runs. */

import { endedAt, savedAt } from "../account/landing.ts";
import { action } from "../account/staff-form.ts";
import { checkMayChange, page, type StaffPageServices, sendOn, type Visit, withId } from "../account/staff-page.ts";
import type { Kind } from "../auth/change-set-store.ts";
import { mayChange } from "../auth/user.ts";
import { checkChange, checkDraft, type Downtime, describePlace, longestReason, stateOf } from "../downtime/downtime.ts";
import { parseDuration } from "../downtime/form-input.ts";
import type { Stored } from "../downtime/rows.ts";
import { spellEnd } from "../downtime/state-view.tsx";
import type { Downtimes } from "../downtime/store.ts";
import type { Place } from "../facility/facility.ts";
import { findSite, placeNotices } from "../facility/places.ts";
import { createRoutes } from "../http/request-context.ts";
import { Conflict, Malformed } from "../input/problem.ts";
import { Refusal, readText } from "../input/text.ts";
import { type Instant, spellInstant, toInstant, toMillis } from "../time/instant.ts";
import { sendPage } from "../ui/page-context.ts";
import { NowPage, type TelescopeNow } from "./close-now-view.tsx";
import { type Closing, closingsOf } from "./closing-times.ts";
import { findStillClosed } from "./still-closed.ts";

const later = (at: Instant, millis: number) => toInstant(toMillis(at) + millis);

const telescopeFields = ["site", "enclosure", "telescope"] as const;

export function nowRoutes(parts: StaffPageServices & { readonly downtimes: Downtimes }) {
  const { downtimes, configdb } = parts;

  const show = async (visit: Visit, wrong: { reasonError?: string; refusal?: string } = {}) => {
    const { caller, frame, csrf, now, query, form: sent } = visit;
    const untilNotice = await downtimes.untilNotice(now);
    const markup = (
      <NowPage
        {...frame}
        {...wrong}
        csrf={csrf}
        now={now}
        reason={sent.get("reason") ?? ""}
        untilNotice={untilNotice}
        questionable={await findStillClosed(parts, visit, untilNotice)}
        telescopes={await telescopesNow(visit, query)}
        sites={configdb.get().codes.site}
        site={query.get("site") ?? ""}
      />
    );
    return sendPage(markup, caller.request, wrong.refusal ? 409 : wrong.reasonError ? 422 : 200);
  };

  /** The telescopes that the query names, or all; of those that ConfigDB marks inactive only what is down. */
  const telescopesNow = async (visit: Visit, query: URLSearchParams): Promise<TelescopeNow[]> => {
    const { now } = visit;
    const facility = configdb.get();
    const isAsked = (place: Place) =>
      telescopeFields.every((field) => (query.get(field) || place[field]) === place[field]);
    const active = await withRights(visit, await downtimes.during({}, { start: now, end: later(now, 1000) }));
    const places = [...facility.places()].filter((place) => place.instrument_type === "" && isAsked(place));
    const telescopes = places.map((place) => {
      const running = active.filter((other) => telescopeFields.every((field) => other[field] === place[field]));
      const site = findSite(facility, place.site);
      const closings = closingsOf(site, now);
      const last = findExtendable(running);
      return {
        ...place,
        isActive: placeNotices(place, facility).length === 0,
        running,
        extendable: last?.id,
        closings: last ? closings.filter(({ until }) => until > last.end) : closings,
        zone: site?.zone,
      };
    });
    return telescopes.filter(({ isActive, running }) => isActive || running.length > 0);
  };

  /** The downtimes, each with whether the user may change it. */
  const withRights = async ({ user }: Visit, active: readonly Downtime[]) => {
    const makers = await downtimes.findAllStored(active.map(({ id }) => id));
    const createdBy = new Map(makers.map((stored) => [stored.downtime.id, stored.createdBy]));
    return active.map((downtime) => ({
      ...downtime,
      mayChange: mayChange(user, parts.auth.writeAccess, createdBy.get(downtime.id) ?? null),
    }));
  };

  /** Of the downtimes that block a whole telescope the one that ends last, among those that the user may change. */
  const findExtendable = (running: TelescopeNow["running"]): Downtime | undefined =>
    running
      .filter(({ instrument_type, mayChange }) => instrument_type === "" && mayChange)
      .toSorted((a, b) => (a.end < b.end ? -1 : 1))
      .at(-1);

  const begin = async (visit: Visit) => {
    const { now } = visit;
    const choice = new URLSearchParams(visit.form.get("choice") ?? "");
    const reason = readText(visit.form.get("reason") ?? "", longestReason);
    if (reason instanceof Refusal) return show(visit, { reasonError: reason.text });
    const facility = configdb.get();
    const closing = closingOf(choice.get("site") ?? "", choice.get("until"), now);
    const place = Object.fromEntries([...choice].filter(([name]) => name !== "until"));
    const draft = checkDraft({ ...place, start: now, end: closing.until, reason, category: "closure" }, facility);
    const last = findExtendable(await withRights(visit, await downtimes.overlapping(draft, now, later(now, 1000))));
    if (last) {
      const end = spellEnd(last, await downtimes.untilNotice(now));
      const refusal = `${describePlace(draft)} is already down ${end}. Nothing was added; you can extend that below.`;
      return show(visit, { refusal });
    }
    const { id } = await downtimes.add(draft, visit.author, closing.name === "open" ? "until_notice" : "close");
    return sendOn(visit.caller.request, savedAt(id));
  };

  const closingOf = (site: string, name: string | null, now: Instant): Closing => {
    const found = closingsOf(findSite(configdb.get(), site), now).find((closing) => closing.name === name);
    if (!found) throw new Malformed("Choose a telescope and a duration.");
    return found;
  };

  /** Moves the end of an active downtime. @throws Conflict when it isn't active */
  const moveEnd = async (visit: Visit, id: number, kind: Kind, endOf: (downtime: Downtime) => Instant) => {
    const decide = ({ downtime, createdBy }: Stored) => {
      checkMayChange(parts, visit.user, createdBy);
      if (stateOf(downtime, visit.now) !== "now") throw new Conflict("This downtime isn't active.");
      return checkChange(downtime, { end: endOf(downtime) }, configdb.get);
    };
    await downtimes.change(id, visit.author, decide, kind);
    return sendOn(visit.caller.request, kind === "end" ? endedAt(id) : savedAt(id));
  };

  /** By a duration, or until one of the closing times. */
  const extend = (visit: Visit, id: number) => {
    const name = visit.form.get("until");
    if (name !== null)
      return moveEnd(visit, id, name === "open" ? "until_notice" : "extend", ({ site, end }) => {
        const { until } = closingOf(site, name, visit.now);
        if (until <= end) throw new Conflict(`This downtime lasts until ${spellInstant(end)} already.`);
        return until;
      });
    const seconds = parseDuration(visit.form.get("by") ?? "");
    if (seconds === undefined) throw new Malformed("Enter a duration, such as 4 h.");
    return moveEnd(visit, id, "extend", ({ end }) => later(end, seconds * 1000));
  };

  return createRoutes("down-now")
    .get(
      "/admin/now",
      page(parts, (visit) => show(visit)),
    )
    .post("/admin/now", action(parts, begin, show))
    .post(
      "/admin/downtimes/:id/end",
      action(
        parts,
        withId((visit, id) => moveEnd(visit, id, "end", () => visit.now)),
      ),
    )
    .post("/admin/downtimes/:id/extend", action(parts, withId(extend)));
}
