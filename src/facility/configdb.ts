/** ConfigDB: keeps the facility up to date, and keeps using the last valid response while ConfigDB is down. */

import { Unavailable } from "../input/problem.ts";
import { type DarkLimits, darkLimitAt } from "../sky/dark-limit.ts";
import { dipOf } from "../sky/sun.ts";
import type { Clock } from "../time/instant.ts";
import { checkAnswer, fetchSites, isRemote, maxNamed, type SiteAnswer, sourceOf, toSite } from "./configdb-client.ts";
import { Facility, type Site } from "./facility.ts";

const stale = "can't refresh sites from ConfigDB; still using the last valid response";
const missing = "can't load sites from ConfigDB; downtimes can't be created until it responds";

const freshMillis = 15 * 60_000;
/** After a failed request. */
const retryMillis = 60_000;

export type Configdb = Awaited<ReturnType<typeof openConfigdb>>;
export type ConfigdbState = ReturnType<Configdb["state"]>;

interface ConfigdbSettings {
  /** ConfigDB's base URL, or a JSON file's path; undefined: the bundled example. */
  readonly url: string | undefined;
  /** Stores the last response across restarts. */
  readonly store: {
    get(): Promise<{ value: string; at: string } | undefined>;
    set(answer: string, now: number): Promise<void>;
  };
  /** Whether a site's elevation lowers its horizon, which makes sunset later and sunrise earlier. */
  readonly horizonDip?: boolean;
  readonly darkLimits?: DarkLimits;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

const withSky = (site: Site, { horizonDip, darkLimits }: ConfigdbSettings): Site => ({
  ...site,
  ...(horizonDip && { dip: dipOf(site.elevation ?? 0) }),
  ...(darkLimits && { darkLimit: darkLimitAt(darkLimits, site.code) }),
});

/** @throws Unavailable if ConfigDB has never been reached */
export function reached(facility: Facility | undefined): Facility {
  if (facility) return facility;
  throw new Unavailable(
    "ConfigDB hasn't been reached yet, so telescopes can't be verified. Try again when it is back.",
    60,
  );
}

/** Refreshes the stored response every 15 minutes. @throws Unavailable if `url` is a file without a valid response */
export async function openConfigdb(settings: ConfigdbSettings) {
  const { url, store, clock, warn } = settings;
  let facility: Facility | undefined;
  let updatedAt = 0;
  let failures = 0;
  let inFlight: Promise<boolean> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const source = sourceOf(url);

  const use = (sites: readonly SiteAnswer[], at: number) => {
    facility = new Facility(sites.map((site) => withSky(toSite(site), settings)));
    updatedAt = at;
  };

  const report = (message: string, error: unknown) => {
    if (!closing.signal.aborted) warn(message, { source, error: String(error) });
  };

  const load = async () => {
    const { sites, leftOut } = await fetchSites(url, closing.signal);
    const details = { source, parts: leftOut.length, ignored: leftOut.slice(0, maxNamed) };
    if (leftOut.length > 0) warn("ignored invalid parts of ConfigDB's response", details);
    use(sites, clock());
    return sites;
  };

  const refresh = async (): Promise<boolean> => {
    try {
      const answer = JSON.stringify({ url: source, sites: await load() });
      const storing = isRemote(url) ? store.set(answer, clock()) : undefined;
      await storing?.catch((error) => report("can't store ConfigDB's response", error));
      return true;
    } catch (error) {
      failures++;
      report(facility ? stale : missing, error);
      return false;
    }
  };

  const renew = (): Promise<boolean> => {
    inFlight ??= refresh().finally(() => {
      inFlight = undefined;
      schedule();
    });
    return inFlight;
  };

  const schedule = () => {
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    const wait = Math.max(updatedAt + freshMillis - clock(), retryMillis);
    timer = setTimeout(renew, Math.min(wait, freshMillis));
    timer.unref();
  };

  /** Uses the stored response, unless it came from another URL. */
  const useStored = async () => {
    const stored = await store.get();
    const { url: from, sites } = JSON.parse(stored?.value ?? "{}") as { url?: string; sites?: unknown };
    if (stored && from === source) use(checkAnswer({ results: sites }).results, Date.parse(stored.at));
  };

  const rejectFile = ({ message }: Error): never => {
    const expected = "CONFIGDB_URL must be ConfigDB's URL (https://…) or a file with its response";
    throw new Unavailable(`${expected}; ${url} is neither: ${message}`);
  };
  if (isRemote(url)) await useStored().catch((error) => report("can't read ConfigDB's stored response", error));
  else await load().catch(rejectFile);
  if (clock() - updatedAt < freshMillis) schedule();
  else {
    const first = renew();
    // Without a stored response, the first requests would fail unless this waits.
    if (!facility) await first;
  }

  return {
    /** Returns the facility; undefined if ConfigDB has never been reached. */
    find: (): Facility | undefined => facility,
    /** @throws Unavailable if ConfigDB has never been reached */
    get: (): Facility => reached(facility),
    /** Where the facility comes from, for people, and its age in seconds; undefined if ConfigDB has never been reached. */
    state: () => ({
      source,
      isExample: url === undefined,
      ageSeconds: facility && Math.max(0, Math.round((clock() - updatedAt) / 1000)),
    }),
    /** How many refreshes have failed since the start. */
    failures: () => failures,
    /** Refreshes now. Resolves to false after a failure, which is logged; the last valid response stays in use. */
    renew,
    /** Stops refreshing. Nothing is stored after this has resolved. */
    close: async () => {
      closing.abort();
      clearTimeout(timer);
      await inFlight;
    },
  };
}
