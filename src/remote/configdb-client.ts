/** ConfigDB's client: asks for all sites once, from wherever the settings say. */

import { type Answer, checkAnswer, type SiteAnswer } from "./configdb-answer.ts";
import exampleObservatory from "./example-observatory.json";

const timeoutMillis = 10_000;
const mostPages = 1000;
/** Parts of an answer that a message names. */
export const mostNamed = 20;

/** Where the answers come from, for people: without the name and the password that the URL may hold. */
export function sourceOf(url: string | undefined): string {
  if (!isRemote(url)) return url ?? "bundled example observatory";
  const bare = new URL(url);
  bare.username = bare.password = "";
  return bare.href.replace(/\/+$/, "");
}

export const isRemote = (url: string | undefined): url is string => url !== undefined && /^https?:/i.test(url);

interface Sites {
  readonly sites: readonly SiteAnswer[];
  readonly leftOut: readonly string[];
}

/** All sites. @throws when any page doesn't come, or nothing of use does */
export async function ask(url: string | undefined, closing: AbortSignal): Promise<Sites> {
  const answers = isRemote(url)
    ? await askPages(url, closing)
    : [checkAnswer(url === undefined ? exampleObservatory : await Bun.file(url).json())];
  const sites = answers.flatMap(({ results }) => results);
  const leftOut = answers.flatMap((answer) => answer.leftOut);
  const where =
    leftOut.length > 0 ? `; it has parts that can't be read: ${leftOut.slice(0, mostNamed).join(", ")}` : "";
  if (sites.length === 0) throw new Error(`the answer has no sites${where}`);
  const hasTelescopes = sites.some((site) => site.enclosure_set.some(({ telescope_set }) => telescope_set.length > 0));
  if (leftOut.length > 0 && !hasTelescopes) throw new Error(`the answer has no telescopes${where}`);
  return { sites, leftOut };
}

/** @throws when a page doesn't come, or when sites came or went in between, which shifts the pages */
async function askPages(url: string, closing: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMillis)]);
  for (let page: string | null | undefined = `${url.replace(/\/+$/, "")}/sites/`; page; ) {
    if (seen.size >= mostPages || seen.has(page)) throw new Error(`the pages never end: ${page}`);
    seen.add(page);
    const response = await fetch(page, { signal, headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`status ${response.status} from ${page}`);
    const answer = checkAnswer(await response.json());
    answers.push(answer);
    page = answer.next && new URL(answer.next, page).href;
  }
  const sent = answers.reduce((sum, answer) => sum + answer.sent, 0);
  const wrong = answers.find(({ count }) => count !== undefined && count !== sent);
  if (answers.length > 1 && wrong) throw new Error(`the pages hold ${sent} of ${wrong.count} sites`);
  return answers;
}
