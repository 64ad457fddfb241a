/** `/vosi/availability`: whether a telescope can be used, or the service itself, as the Virtual Observatory asks. */

import type { Downtime } from "../domain/downtime.ts";
import { type Clock, type Instant, toInstant, toMillis } from "../domain/instant.ts";
import { Malformed, NotFound } from "../domain/problem.ts";
import { findTelescopes, type KnownTelescope, standingAt, type WantedTelescope } from "../domain/standing.ts";
import type { Configdb } from "../remote/configdb.ts";
import type { Downtimes } from "../store/downtimes.ts";
import { type VosiProps, vosiOf } from "../views/vosi.ts";
import { readableByAll } from "./api/downtimes.ts";
import { createRoutes } from "./caller.ts";
import { vosiDetail } from "./vosi-document.ts";

export interface VosiParts {
  readonly downtimes: Pick<Downtimes, "stream" | "list">;
  readonly configdb: Configdb;
  readonly clock: Clock;
  /** Asks the database something small. @throws when it doesn't answer */
  readonly ping: () => Promise<void>;
}

const headers = { "content-type": "text/xml; charset=utf-8", "cache-control": "no-store", ...readableByAll };

export function vosiRoutes({ downtimes, configdb, clock, ping }: VosiParts) {
  const startedAt = toInstant(clock());

  const show = async ({ searchParams }: URL) => {
    const given = (name: string) => searchParams.get(name)?.trim() || undefined;
    const telescope = given("telescope");
    const props = telescope
      ? await ofTelescope(getTelescope({ telescope, site: given("site"), enclosure: given("enclosure") }))
      : await ofService();
    return new Response(vosiOf(props), { headers });
  };

  const getTelescope = (wanted: WantedTelescope): KnownTelescope => {
    const [found, ...others] = findTelescopes(configdb.get(), wanted);
    if (!found) throw new NotFound("ConfigDB knows no such telescope.");
    if (others.length === 0) return found;
    const choices = [found, ...others].map(({ site, enclosure }) => `site=${site}&enclosure=${enclosure}`);
    throw new Malformed(`There are several telescopes ${wanted.telescope}. Say which: ${choices.join(", ")}.`);
  };

  const ofTelescope = async ({ active, site, enclosure, telescope }: KnownTelescope): Promise<VosiProps> => {
    const now = toInstant(clock());
    const place = { site: [site], enclosure: [enclosure], telescope: [telescope] };
    const notOver = { ...place, ends_after: toInstant(toMillis(now) + 1000) };
    const standing = await standingAt(downtimes.stream({ filter: notOver, order: bySoonest }), now);
    const notes = standing.now.map(noteOf);
    if (!active) return { available: false, notes: ["ConfigDB calls it inactive.", ...notes] };
    const { backAt, downAt } = standing;
    const available = backAt === undefined;
    return { available, upSince: available ? await lastEnd(place, now) : undefined, downAt, backAt, notes };
  };

  /** When what last blocked a whole telescope ended. */
  const lastEnd = async (place: object, now: Instant): Promise<Instant | undefined> => {
    const filter = { ...place, instrument_type: [""], ends_before: now };
    const { results } = await downtimes.list({ filter, order: byLastEnd, limit: 10, offset: 0 });
    // What was moved in may end before it starts, and blocked nothing.
    return results.find(({ start, end }) => start < end)?.end;
  };

  const ofService = (): Promise<VosiProps> =>
    ping().then(
      () => ({ available: true, upSince: startedAt, notes: [] }),
      () => ({ available: false, notes: ["The database doesn't answer."] }),
    );

  return createRoutes("vosi").get("/vosi/availability", ({ request }) => show(new URL(request.url)), vosiDetail);
}

const bySoonest = [{ field: "start", descending: false }] as const;
const byLastEnd = [{ field: "end", descending: true }] as const;

const noteOf = ({ instrument_type, reason }: Downtime) =>
  `${instrument_type ? `${instrument_type} alone is down: ` : ""}${reason || "No reason given"}`;
