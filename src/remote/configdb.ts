/** ConfigDB: asks which sites, enclosures, telescopes and instrument types exist, and keeps the last good answer. */

import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Facility, type Site } from "../domain/facility.ts";
import type { Clock } from "../domain/instant.ts";
import { Unavailable } from "../domain/problem.ts";
import exampleObservatory from "./example-observatory.json";

const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null()]));
const code = Type.String({ minLength: 1 });

/** A page of `GET {CONFIGDB_URL}/sites/`, as far as it is used. Older servers leave out most of what is optional here. */
const AnswerSchema = Type.Object({
  next: maybe(Type.String()),
  results: Type.Array(
    Type.Object({
      code,
      name: maybe(Type.String()),
      active: maybe(Type.Boolean()),
      lat: maybe(Type.Number({ minimum: -90, maximum: 90 })),
      long: maybe(Type.Number({ minimum: -180, maximum: 360 })),
      elevation: maybe(Type.Number()),
      tz: maybe(Type.String()),
      enclosure_set: Type.Array(
        Type.Object({
          code,
          name: maybe(Type.String()),
          active: maybe(Type.Boolean()),
          telescope_set: Type.Array(
            Type.Object({
              code,
              name: maybe(Type.String()),
              active: maybe(Type.Boolean()),
              instrument_set: Type.Array(
                Type.Object({ state: maybe(Type.String()), instrument_type: Type.Object({ code }) }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});
type Answer = Static<typeof AnswerSchema>;
type SiteAnswer = Answer["results"][number];
type InstrumentAnswer = SiteAnswer["enclosure_set"][number]["telescope_set"][number]["instrument_set"][number];

const stays = "ConfigDB gave no good answer; the last good one stays in use";
const nothing = "ConfigDB gave no good answer, and never did: nobody can write until it does";

const freshMillis = 15 * 60_000;
/** After an answer that wasn't good. */
const retryMillis = 60_000;
const timeoutMillis = 10_000;
const mostPages = 1000;

/** What the service needs of whoever remembers the last answer. */
export interface AnswerMemory {
  recall(): Promise<{ value: string; at: string } | undefined>;
  remember(answer: string, now: number): Promise<void>;
}

/** How things stand with ConfigDB. */
export interface ConfigdbState {
  /** For people: a URL, a file, or the example. */
  readonly source: string;
  /** Whether this is the bundled example: nobody's real telescopes. */
  readonly isExample: boolean;
  /** Seconds since the answer that is in use; undefined when there was never one. */
  readonly ageSeconds: number | undefined;
}

export interface Configdb {
  /** The facility as last heard; undefined when ConfigDB has never answered. */
  find(): Facility | undefined;
  /** @throws Unavailable when ConfigDB has never answered */
  get(): Facility;
  state(): ConfigdbState;
  /** Asks now. Resolves to whether a good answer came; a bad one is logged and the last good one stays. */
  renew(): Promise<boolean>;
  /** No longer asks. Nothing is remembered once this has resolved. */
  close(): Promise<void>;
}

export interface ConfigdbSettings {
  /** ConfigDB's base URL, or a JSON file's path; undefined: the bundled example. */
  readonly url: string | undefined;
  readonly memory: AnswerMemory;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

/** Starts from the remembered answer and asks for a newer one whenever it is 15 minutes old. */
export async function openConfigdb({ url, memory, clock, warn }: ConfigdbSettings): Promise<Configdb> {
  let facility: Facility | undefined;
  let heardAt = 0;
  let underWay: Promise<boolean> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const source = sourceOf(url);

  const use = (sites: readonly SiteAnswer[], at: number) => {
    facility = new Facility(sites.map(toSite));
    heardAt = at;
  };

  const askAndKeep = async (): Promise<boolean> => {
    try {
      const sites = await ask(url, closing.signal);
      use(sites, clock());
      await keep(sites);
      return true;
    } catch (error) {
      if (!closing.signal.aborted) warn(facility ? stays : nothing, { source, error: String(error) });
      return false;
    }
  };

  const keep = async (sites: readonly SiteAnswer[]) => {
    if (!isRemote(url)) return;
    await memory.remember(JSON.stringify({ url: source, sites }), clock()).catch((error) => {
      if (!closing.signal.aborted) warn("ConfigDB's answer could not be stored", { source, error: String(error) });
    });
  };

  const renew = (): Promise<boolean> => {
    underWay ??= askAndKeep().finally(() => {
      underWay = undefined;
      schedule();
    });
    return underWay;
  };

  const schedule = () => {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    const wait = Math.max(heardAt + freshMillis - clock(), retryMillis);
    timer = setTimeout(renew, Math.min(wait, freshMillis));
    timer.unref();
  };

  const known = isRemote(url) ? await recall(memory, source, warn) : undefined;
  if (known) use(known.sites, known.at);
  if (clock() - heardAt < freshMillis) schedule();
  else {
    const first = renew();
    // With an old answer at hand nobody needs to wait; without one the first requests would be refused.
    if (!facility) await first;
  }

  return {
    find: () => facility,
    get: () => {
      if (facility) return facility;
      throw new Unavailable(
        "ConfigDB has never answered, so nobody can say which telescopes exist. Try again when it is back.",
        60,
      );
    },
    state: () => ({
      source,
      isExample: url === undefined,
      ageSeconds: facility && Math.max(0, Math.round((clock() - heardAt) / 1000)),
    }),
    renew,
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await underWay;
    },
  };
}

/** Where the answers come from, for people: without the name and the password that the URL may hold. */
function sourceOf(url: string | undefined): string {
  if (!isRemote(url)) return url ?? "bundled example observatory";
  const bare = new URL(url);
  bare.username = bare.password = "";
  return bare.href.replace(/\/+$/, "");
}

const isRemote = (url: string | undefined): url is string => url !== undefined && /^https?:/i.test(url);

/** The remembered answer, unless it came from elsewhere or can't be read any more. */
async function recall(memory: AnswerMemory, url: string, warn: ConfigdbSettings["warn"]) {
  const remembered = await memory.recall();
  if (!remembered) return undefined;
  try {
    const { url: from, sites } = JSON.parse(remembered.value) as { url: string; sites: unknown };
    return from === url ? { sites: check({ results: sites }).results, at: Date.parse(remembered.at) } : undefined;
  } catch (error) {
    warn("The remembered answer of ConfigDB can't be read", { error: String(error) });
    return undefined;
  }
}

/** All sites. @throws when any page doesn't come, or isn't what ConfigDB sends */
async function ask(url: string | undefined, closing: AbortSignal): Promise<SiteAnswer[]> {
  if (url === undefined) return check(exampleObservatory).results;
  if (!isRemote(url)) return check(await Bun.file(url).json()).results;
  const sites: SiteAnswer[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMillis)]);
  for (let page: string | null | undefined = `${url.replace(/\/+$/, "")}/sites/`; page; ) {
    if (seen.size >= mostPages || seen.has(page)) throw new Error(`the pages never end: ${page}`);
    seen.add(page);
    const response = await fetch(page, { signal, headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status} from ${page}`);
    const answer = check(await response.json());
    sites.push(...answer.results);
    page = answer.next && new URL(answer.next, page).href;
  }
  if (sites.length === 0) throw new Error("the answer has no sites");
  return sites;
}

function check(answer: unknown): Answer {
  const error = Value.Errors(AnswerSchema, answer).First();
  if (error) throw new Error(`${error.message} at ${error.path || "the top"}`);
  return answer as Answer;
}

/** The site as the domain knows it. */
export function toSite(site: SiteAnswer): Site {
  return {
    code: site.code,
    name: site.name ?? "",
    active: site.active ?? true,
    ...(typeof site.lat === "number" && { latitude: site.lat }),
    ...(typeof site.long === "number" && { longitude: site.long > 180 ? site.long - 360 : site.long }),
    ...(typeof site.elevation === "number" && { elevation: site.elevation }),
    ...(isZone(site.tz) && { zone: site.tz }),
    enclosures: site.enclosure_set.map((enclosure) => ({
      code: enclosure.code,
      name: enclosure.name ?? "",
      active: enclosure.active ?? true,
      telescopes: enclosure.telescope_set.map((telescope) => ({
        code: telescope.code,
        name: telescope.name ?? "",
        active: telescope.active ?? true,
        instrumentTypes: toInstrumentTypes(telescope.instrument_set),
      })),
    })),
  };
}

function toInstrumentTypes(instruments: readonly InstrumentAnswer[]) {
  const active = new Map<string, boolean>();
  for (const { state, instrument_type } of instruments)
    active.set(instrument_type.code, active.get(instrument_type.code) || state !== "DISABLED");
  return [...active].map(([code, isActive]) => ({ code, active: isActive }));
}

/** A zone that this runtime doesn't know would break every page that shows a local time. */
function isZone(zone: string | null | undefined): zone is string {
  try {
    return Boolean(zone && new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}
