/** `/vosi/availability`: whether a telescope or the service is available, for clients of the Virtual Observatory (IVOA VOSI 1.1). */

import { Type } from "@sinclair/typebox";
import { type Downtime, spellReason } from "../downtime/downtime.ts";
import type { Filter } from "../downtime/filter.ts";
import { telescopeStateNames, telescopeStateOf } from "../downtime/state.ts";
import type { CoreServices } from "../downtime/store.ts";
import { readableByAll } from "../http/json.ts";
import { operation, refusal, textContent } from "../http/openapi.ts";
import { createRoutes } from "../http/request-context.ts";
import { Malformed, NotFound } from "../input/problem.ts";
import { checkTexts, withoutControls } from "../input/text.ts";
import { type Instant, isNear, parseInstant, toInstant } from "../time/instant.ts";
import { inOrder } from "../time/interval.ts";
import { findWhy, type Why, type WhyTelescope } from "./why.ts";

interface VosiServices extends CoreServices {
  /** Runs a small query. @throws if the database doesn't answer */
  readonly ping: () => Promise<void>;
}

type Vosi = { readonly [Time in "upSince" | "downAt" | "backAt"]?: Instant | undefined } & {
  readonly available: boolean;
  readonly notes: readonly string[];
};

export function vosiRoutes({ downtimes, configdb, clock, ping }: VosiServices) {
  const startedAt = toInstant(clock());

  const ofTelescope = async (filter: Filter): Promise<Vosi> => {
    const now = toInstant(clock());
    const found = onlyTelescope(await findWhy(downtimes, configdb.get(), filter, now));
    const { site, enclosure, telescope, active, state, instrument_types } = found;
    const only = { site: [site], enclosure: [enclosure], telescope: [telescope] };
    const until = found.until ?? undefined;
    const notes = inOrder([found, ...instrument_types].flatMap(({ downtimes }) => downtimes)).map(noteOf);
    if (!active) return { available: false, notes: ["Inactive in ConfigDB.", ...notes] };
    if (state === "down") return { available: false, backAt: until, downAt: await nextOf(only, until), notes };
    return { available: true, upSince: await lastEnd(only, now), downAt: until, notes };
  };

  const nextOf = async (place: Filter, from: Instant | undefined): Promise<Instant | undefined> => {
    // Beyond the range of dates that can be queried.
    if (!from || !isNear(from)) return undefined;
    const [then] = (await findWhy(downtimes, configdb.get(), place, from)).telescopes;
    return then?.until ?? undefined;
  };

  const lastEnd = async (place: Filter, now: Instant): Promise<Instant | undefined> => {
    const filter = { ...place, instrument_type: [""], ends_before: now };
    const order = [{ field: "end", descending: true }] as const;
    const { results } = await downtimes.list({ filter, order, limit: 10, offset: 0 });
    // A migrated downtime may end before it starts; it blocked nothing.
    return results.find(({ start, end }) => start < end)?.end;
  };

  const ofService = (): Promise<Vosi> =>
    ping().then(
      () => ({ available: true, upSince: startedAt, notes: [] }),
      () => ({ available: false, notes: ["Can't reach the database."] }),
    );

  const show = async ({ searchParams }: URL) => {
    checkTexts(searchParams.values());
    const given = ["telescope", "site", "enclosure"].map((field) => [field, searchParams.get(field)?.trim()] as const);
    const place: Filter = Object.fromEntries(given.flatMap(([field, code]) => (code ? [[field, [code]]] : [])));
    return new Response(documentOf(place.telescope ? await ofTelescope(place) : await ofService()), {
      headers: { "content-type": "text/xml; charset=utf-8", "cache-control": "no-store", ...readableByAll },
    });
  };

  return createRoutes("vosi").get("/vosi/availability", ({ request }) => show(new URL(request.url)), vosiOperation);
}

/** @throws NotFound if there is no such telescope; Malformed if several telescopes have the code */
function onlyTelescope({ telescopes }: Why): WhyTelescope {
  const [found, ...others] = telescopes.filter(({ known }) => known);
  if (!found) throw new NotFound("Telescope not found in ConfigDB.");
  if (others.length === 0) return found;
  const choices = [found, ...others].map(({ site, enclosure }) => `site=${site}&enclosure=${enclosure}`);
  throw new Malformed(`Several telescopes are named ${found.telescope}. Specify: ${choices.join(", ")}.`);
}

const noteOf = (downtime: Downtime) => {
  const { instrument_type, reason } = downtime;
  const part = instrument_type && `${telescopeStateNames[telescopeStateOf([downtime])]}, only ${instrument_type}: `;
  return `${part}${spellReason(reason)}`;
};

/** Returns the XML document. VOSI prescribes the order of its elements. */
function documentOf({ available, upSince, downAt, backAt, notes }: Vosi): string {
  const elements = [
    ["available", String(available)],
    ...Object.entries({ upSince, downAt, backAt }),
    ...notes.map((note) => ["note", note]),
  ].flatMap(([name, text]) => (text ? [`  <${name}>${escaped(withoutControls(text))}</${name}>`] : []));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<availability xmlns="http://www.ivoa.net/xml/VOSIAvailability/v1.0">',
    ...elements,
    "</availability>",
    "",
  ].join("\n");
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const code = (description: string, example: string) => Type.Optional(Type.String({ description, examples: [example] }));

const vosiOperation = operation("getVosiAvailability", "Get a telescope's availability for the Virtual Observatory", {
  tag: "Operation",
  description:
    "IVOA VOSI 1.1. A telescope is available unless a downtime blocks the whole of it or ConfigDB marks it inactive; downtimes that overlap or touch count as one. Without `telescope`: the service itself.",
  access: "public",
  query: {
    telescope: code("Telescope code.", "1m0a"),
    site: code("Site code, where several telescopes have the same code.", "sud"),
    enclosure: code("Enclosure code, likewise.", "doma"),
  },
  answers: {
    200: {
      description: "The availability.",
      content: textContent(
        "text/xml",
        documentOf({ available: false, backAt: parseInstant("2027-01-15T09:45:00Z"), notes: ["Mirror wash"] }),
      ),
    },
  },
  errors: [
    refusal(
      new Malformed("Several telescopes are named 1m0a. Specify: site=nor&enclosure=doma, site=sud&enclosure=doma."),
      "Several telescopes have this code.",
    ),
    refusal(new NotFound("Telescope not found in ConfigDB."), "Telescope not found."),
  ],
});
