/** ConfigDB: asks which sites, enclosures, telescopes and instrument types exist, and keeps the last good answer. */

import { Facility } from "../domain/facility.ts";
import type { Clock } from "../domain/instant.ts";
import { Unavailable } from "../domain/problem.ts";
import { checkAnswer, type SiteAnswer, toSite } from "./configdb-answer.ts";
import exampleObservatory from "./example-observatory.json";

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

/**
 * Starts from the remembered answer and asks for a newer one whenever it is 15 minutes old.
 * @throws Unavailable for a file that is no ConfigDB answer: that won't mend itself
 */
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

  const known = isRemote(url)
    ? await recall(memory, source, warn)
    : { sites: await readFirst(url, closing.signal), at: clock() };
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

/** What the file holds when the service starts. */
const readFirst = (path: string | undefined, closing: AbortSignal): Promise<SiteAnswer[]> =>
  ask(path, closing).catch((error) => {
    throw new Unavailable(
      `CONFIGDB_URL: expected ConfigDB's URL (https://…) or a file with its answer; ${path} is neither: ${error.message}`,
    );
  });

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

/** All sites. @throws when any page doesn't come, or isn't what ConfigDB sends */
async function ask(url: string | undefined, closing: AbortSignal): Promise<SiteAnswer[]> {
  if (url === undefined) return checkAnswer(exampleObservatory).results;
  const sites = isRemote(url) ? await askPages(url, closing) : checkAnswer(await Bun.file(url).json()).results;
  if (sites.length === 0) throw new Error("the answer has no sites");
  return sites;
}

async function askPages(url: string, closing: AbortSignal): Promise<SiteAnswer[]> {
  const sites: SiteAnswer[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMillis)]);
  for (let page: string | null | undefined = `${url.replace(/\/+$/, "")}/sites/`; page; ) {
    if (seen.size >= mostPages || seen.has(page)) throw new Error(`the pages never end: ${page}`);
    seen.add(page);
    const response = await fetch(page, { signal, headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status} from ${page}`);
    const answer = checkAnswer(await response.json());
    sites.push(...answer.results);
    page = answer.next && new URL(answer.next, page).href;
  }
  return sites;
}
