/** @jsxImportSource @kitajs/html */
/** `/admin/now`: down from this moment on; and ending or extending what runs. */

import { narrowed } from "../../../domain/agenda.ts";
import { checkChange, checkDraft, longestReason, stateOf } from "../../../domain/downtime.ts";
import { parseDuration } from "../../../domain/entry.ts";
import type { Place, Site } from "../../../domain/facility.ts";
import { bySoonest } from "../../../domain/filter.ts";
import { type Instant, toInstant, toMillis } from "../../../domain/instant.ts";
import { nextSunrise } from "../../../domain/night.ts";
import { findSite, placeNotices, spotOf } from "../../../domain/places.ts";
import { Conflict, Malformed } from "../../../domain/problem.ts";
import { Refusal, readText } from "../../../domain/text.ts";
import type { Stored } from "../../../store/changes.ts";
import { NowPage, type TelescopeNow, type Until } from "../../../views/admin/now.tsx";
import { createRoutes, serving } from "../../caller.ts";
import { idOf, servingOne } from "../../id.ts";
import { sendPage } from "../frame.ts";
import { savedAt } from "./landing.ts";
import { type AdminParts, action, checkMayChange, page, sendOn, type Visit } from "./staff.ts";

const hidden = { detail: { hide: true } };
const form = { parse: "none" as const, ...hidden };

const hourMillis = 3_600_000;
/** An open downtime ends as well, so that nobody forgets it for ever. */
const openDays = 30;

/** The next whole minute: nobody wants to read seconds of a sunrise. */
const wholeMinute = (at: Instant) => toInstant(Math.ceil(toMillis(at) / 60_000) * 60_000);

const later = (at: Instant, millis: number) => toInstant(toMillis(at) + millis);

/** The moments until which a telescope of the site can be down. */
function untilsOf(site: Site | undefined, now: Instant): readonly Until[] {
  const spot = spotOf(site);
  const sunrise = spot && nextSunrise(spot, now);
  return [
    { name: "1h", at: later(now, hourMillis) },
    { name: "4h", at: later(now, 4 * hourMillis) },
    ...(sunrise ? [{ name: "sunrise" as const, at: wholeMinute(sunrise) }] : []),
    { name: "open", at: later(now, openDays * 24 * hourMillis) },
  ];
}

const telescopeFields = ["site", "enclosure", "telescope"] as const;

export function nowRoutes(parts: AdminParts) {
  const { downtimes, configdb } = parts;

  const show = async (visit: Visit, reasonError?: string) => {
    const { caller, frame, csrf, now, query, form: sent } = visit;
    const markup = (
      <NowPage
        {...frame}
        csrf={csrf}
        now={now}
        reason={sent.get("reason") ?? ""}
        reasonError={reasonError}
        telescopes={await telescopesNow(query, now)}
        sites={configdb.get().codes.site}
        site={query.get("site") ?? ""}
      />
    );
    return sendPage(markup, caller.request, reasonError ? 422 : 200);
  };

  /** The telescopes that the query names, or all; of those that ConfigDB marks inactive only what is down. */
  const telescopesNow = async (query: URLSearchParams, now: Instant): Promise<TelescopeNow[]> => {
    const facility = configdb.get();
    const untils = new Map(facility.sites.map((site) => [site.code, untilsOf(site, now)]));
    const isAsked = (place: Place) =>
      telescopeFields.every((field) => (query.get(field) || place[field]) === place[field]);
    const { results } = await downtimes.list({
      filter: narrowed({ starts_before: now }, { from: now }),
      order: bySoonest,
      limit: 1000,
      offset: 0,
    });
    return [...facility.places()]
      .filter((place) => place.instrument_type === "" && isAsked(place))
      .map((place) => ({
        ...place,
        isActive: placeNotices(place, facility).length === 0,
        running: results.filter((other) => telescopeFields.every((field) => other[field] === place[field])),
        untils: untils.get(place.site) ?? [],
      }))
      .filter(({ isActive, running }) => isActive || running.length > 0);
  };

  const begin = async (visit: Visit) => {
    const choice = new URLSearchParams(visit.form.get("choice") ?? "");
    const reason = readText(visit.form.get("reason") ?? "", longestReason);
    if (reason instanceof Refusal) return show(visit, reason.text);
    const facility = configdb.get();
    const until = untilsOf(findSite(facility, choice.get("site") ?? ""), visit.now).find(
      ({ name }) => name === choice.get("until"),
    );
    if (!until) throw new Malformed("Press one of the buttons of a telescope.");
    const place = Object.fromEntries([...choice].filter(([name]) => name !== "until"));
    const draft = checkDraft({ ...place, start: visit.now, end: until.at, reason }, facility);
    const { id } = await downtimes.add(draft, visit.author, "close");
    return sendOn(visit.caller.request, savedAt(id));
  };

  /** Moves the end of one that runs. @throws Conflict when it doesn't run (any more) */
  const moveEnd = async (visit: Visit, id: number, kind: "end" | "extend", endOf: (end: Instant) => Instant) => {
    const decide = ({ downtime, createdBy }: Stored) => {
      checkMayChange(parts, visit.user, createdBy);
      if (stateOf(downtime, visit.now) !== "now")
        throw new Conflict("This downtime isn't running any more, or not yet.");
      return checkChange(downtime, { end: endOf(downtime.end) }, configdb.get);
    };
    await downtimes.change(id, visit.author, decide, kind);
    return sendOn(visit.caller.request, savedAt(id));
  };

  const extend = (visit: Visit, id: number) => {
    const seconds = parseDuration(visit.form.get("by") ?? "");
    if (seconds === undefined) throw new Malformed("Say by how much, such as 4 h.");
    return moveEnd(visit, id, "extend", (end) => later(end, seconds * 1000));
  };

  return createRoutes("down-now")
    .get("/admin/now", serving(page(parts, (visit) => show(visit))), hidden)
    .post("/admin/now", serving(action(parts, begin)), form)
    .post(
      "/admin/downtimes/:id/end",
      servingOne((c) => action(parts, (visit) => moveEnd(visit, idOf(c), "end", () => visit.now))(c)),
      form,
    )
    .post(
      "/admin/downtimes/:id/extend",
      servingOne((c) => action(parts, (visit) => extend(visit, idOf(c)))(c)),
      form,
    );
}
