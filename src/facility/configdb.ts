/** ConfigDB: asks which sites, enclosures, telescopes and instrument types exist, and keeps the last good answer. */

import { Unavailable } from "../input/problem.ts";
import { dipOf } from "../sky/sun.ts";
import type { Clock } from "../time/instant.ts";
import { checkAnswer, type SiteAnswer, toSite } from "./configdb-answer.ts";
import { ask, isRemote, mostNamed, sourceOf } from "./configdb-client.ts";
import { Facility, type Site } from "./facility.ts";

const stays = "ConfigDB gave no good answer; the last good one stays in use";
const nothing = "ConfigDB gave no good answer, and never did: nobody can write until it does";
const leavesOut = "ConfigDB's answer has parts that can't be read; they are left out";

const freshMillis = 15 * 60_000;
/** After an answer that wasn't good. */
const retryMillis = 60_000;

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
  /** Whether sunset and sunrise are those of the horizon that a site sees from its elevation. */
  readonly horizonDip?: boolean;
  readonly clock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

const withDip = (site: Site): Site => ({ ...site, dip: dipOf(site.elevation ?? 0) });

/**
 * Starts from the remembered answer and asks for a newer one whenever it is 15 minutes old.
 * @throws Unavailable for a file that is no ConfigDB answer: that won't mend itself
 */
export async function openConfigdb({ url, memory, horizonDip, clock, warn }: ConfigdbSettings): Promise<Configdb> {
  let facility: Facility | undefined;
  let heardAt = 0;
  let underWay: Promise<boolean> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const source = sourceOf(url);

  const use = (sites: readonly SiteAnswer[], at: number) => {
    facility = new Facility(sites.map((site) => (horizonDip ? withDip(toSite(site)) : toSite(site))));
    heardAt = at;
  };

  const askOnce = async () => {
    const { sites, leftOut } = await ask(url, closing.signal);
    if (leftOut.length > 0) warn(leavesOut, { source, parts: leftOut.length, left_out: leftOut.slice(0, mostNamed) });
    return sites;
  };

  const askAndKeep = async (): Promise<boolean> => {
    try {
      const sites = await askOnce();
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

  const known = isRemote(url)
    ? await recall(memory, source, warn)
    : { sites: await askOnce().catch((error) => refuseFile(url, error)), at: clock() };
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

/** @throws Unavailable: a file that holds no answer won't mend itself */
function refuseFile(path: string | undefined, error: Error): never {
  throw new Unavailable(
    `CONFIGDB_URL: expected ConfigDB's URL (https://…) or a file with its answer; ${path} is neither: ${error.message}`,
  );
}

/** The remembered answer, unless it came from elsewhere or can't be read any more. */
async function recall(memory: AnswerMemory, url: string, warn: ConfigdbSettings["warn"]) {
  const remembered = await memory.recall();
  if (!remembered) return undefined;
  try {
    const { url: from, sites } = JSON.parse(remembered.value) as { url: string; sites: unknown };
    return from === url ? { sites: checkAnswer({ results: sites }).results, at: Date.parse(remembered.at) } : undefined;
  } catch (error) {
    warn("The remembered answer of ConfigDB can't be read", { error: String(error) });
    return undefined;
  }
}
