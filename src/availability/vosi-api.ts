/** `/vosi/availability`: whether a telescope or the service is available, for clients of the Virtual Observatory. */

import type { Downtime } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import type { CoreServices } from "../downtime/store.ts";
import { telescopeStateNames, telescopeStateOf } from "../downtime/telescope-state.ts";
import { readableByAll } from "../http/json.ts";
import { createRoutes } from "../http/request-context.ts";
import { Malformed, NotFound } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { type Instant, isNear, toInstant } from "../time/instant.ts";
import { inOrder } from "../time/interval.ts";
import { availabilityOperations } from "./openapi.ts";
import { type VosiProps, vosiOf } from "./vosi.ts";
import { findWhy, type Why, type WhyTelescope } from "./why.ts";

interface VosiServices extends CoreServices {
  /** Runs a small query. @throws if the database doesn't answer */
  readonly ping: () => Promise<void>;
}

const headers = { "content-type": "text/xml; charset=utf-8", "cache-control": "no-store", ...readableByAll };

export function vosiRoutes({ downtimes, configdb, clock, ping }: VosiServices) {
  const startedAt = toInstant(clock());

  const show = async ({ searchParams }: URL) => {
    checkTexts(searchParams.values());
    const telescope = searchParams.get("telescope")?.trim();
    const props = telescope ? await ofTelescope(placeOf(telescope, searchParams)) : await ofService();
    return new Response(vosiOf(props), { headers });
  };

  const ofTelescope = async (place: Filter): Promise<VosiProps> => {
    const now = toInstant(clock());
    const telescope = onlyTelescope(await findWhy(downtimes, configdb.get(), place, now));
    const { active, state, instrument_types } = telescope;
    const until = telescope.until ?? undefined;
    const notes = inOrder([telescope, ...instrument_types].flatMap(({ downtimes }) => downtimes)).map(noteOf);
    if (!active) return { available: false, notes: ["Inactive in ConfigDB.", ...notes] };
    if (state === "down")
      return { available: false, backAt: until, downAt: until && (await nextOf(telescope, until)), notes };
    return { available: true, upSince: await lastEnd(filterOf(telescope), now), downAt: until, notes };
  };

  /** Returns the start of the next downtime after the telescope becomes available. */
  const nextOf = async (telescope: WhyTelescope, from: Instant): Promise<Instant | undefined> => {
    // Beyond the range of dates that can be queried.
    if (!isNear(from)) return undefined;
    const [then] = (await findWhy(downtimes, configdb.get(), filterOf(telescope), from)).telescopes;
    return then?.until ?? undefined;
  };

  /** Returns the end of the last downtime of the whole telescope. */
  const lastEnd = async (place: Filter, now: Instant): Promise<Instant | undefined> => {
    const filter = { ...place, instrument_type: [""], ends_before: now };
    const { results } = await downtimes.list({ filter, order: byLastEnd, limit: 10, offset: 0 });
    // A migrated downtime may end before it starts; it blocked nothing.
    return results.find(({ start, end }) => start < end)?.end;
  };

  const ofService = (): Promise<VosiProps> =>
    ping().then(
      () => ({ available: true, upSince: startedAt, notes: [] }),
      () => ({ available: false, notes: ["Can't reach the database."] }),
    );

  return createRoutes("vosi").get(
    "/vosi/availability",
    ({ request }) => show(new URL(request.url)),
    availabilityOperations.vosi,
  );
}

/** @throws NotFound if there is no such telescope; Malformed if several telescopes have the code */
function onlyTelescope({ telescopes }: Why): WhyTelescope {
  const [found, ...others] = telescopes.filter(({ known }) => known);
  if (!found) throw new NotFound("Telescope not found in ConfigDB.");
  if (others.length === 0) return found;
  const choices = [found, ...others].map(({ site, enclosure }) => `site=${site}&enclosure=${enclosure}`);
  throw new Malformed(`Several telescopes are named ${found.telescope}. Specify: ${choices.join(", ")}.`);
}

/** Returns the filter for a telescope's code, with the site and enclosure if given. */
function placeOf(telescope: string, parameters: URLSearchParams): Filter {
  const given = (name: "site" | "enclosure") => {
    const code = parameters.get(name)?.trim();
    return code ? { [name]: [code] } : {};
  };
  return { telescope: [telescope], ...given("site"), ...given("enclosure") };
}

const filterOf = ({ site, enclosure, telescope }: WhyTelescope): Filter => ({
  site: [site],
  enclosure: [enclosure],
  telescope: [telescope],
});

const byLastEnd = [{ field: "end", descending: true }] as const;

const noteOf = (downtime: Downtime) => {
  const { instrument_type, reason } = downtime;
  const part = instrument_type && `${telescopeStateNames[telescopeStateOf([downtime])]}, only ${instrument_type}: `;
  return `${part}${reason || "No reason given"}`;
};
