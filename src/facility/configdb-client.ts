/** ConfigDB's client: asks for all sites once, from wherever the settings say. */

import { unescape as decode } from "node:querystring";
import { megabyte, readLimited } from "../input/limited.ts";
import { type Answer, checkAnswer, type SiteAnswer } from "./configdb-answer.ts";
import exampleObservatory from "./example-observatory.json";

const timeoutMillis = 10_000;
const mostPages = 1000;
/** The largest answer that is read, all of its pages together; real ones have less than 1 MB. */
const mostBytes = 50 * megabyte;
/** Parts of an answer that a message names. */
export const mostNamed = 20;

/** Where the answers come from, for people: without the secrets that the URL may hold. */
export const sourceOf = (url: string | undefined): string =>
  isRemote(url) ? withoutSecrets(new URL(url)) : (url ?? "bundled example observatory");

const withoutSecrets = ({ origin, pathname }: URL): string => (origin + pathname).replace(/\/+$/, "");

export const isRemote = (url: string | undefined): url is string => url !== undefined && /^https?:/i.test(url);

interface Sites {
  readonly sites: readonly SiteAnswer[];
  readonly leftOut: readonly string[];
}

/** All sites. @throws when any page doesn't come, or nothing of use does */
export async function ask(url: string | undefined, closing: AbortSignal): Promise<Sites> {
  const answers = isRemote(url)
    ? await askPages(url, closing)
    : [checkAnswer(url === undefined ? exampleObservatory : await readFile(url))];
  const sites = answers.flatMap(({ results }) => results);
  const leftOut = answers.flatMap((answer) => answer.leftOut);
  const where =
    leftOut.length > 0 ? `; it has parts that can't be read: ${leftOut.slice(0, mostNamed).join(", ")}` : "";
  if (sites.length === 0) throw new Error(`the answer has no sites${where}`);
  const hasTelescopes = sites.some((site) => site.enclosure_set.some(({ telescope_set }) => telescope_set.length > 0));
  if (leftOut.length > 0 && !hasTelescopes) throw new Error(`the answer has no telescopes${where}`);
  return { sites, leftOut };
}

async function readFile(path: string): Promise<unknown> {
  const file = Bun.file(path);
  if (file.size > mostBytes) throw new Error(`the file is larger than ${mostBytes / megabyte} MB`);
  return file.json();
}

/** @throws when a page doesn't come, or when sites came or went in between, which shifts the pages */
async function askPages(url: string, closing: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMillis)]);
  const { base, headers } = withoutCredentials(url);
  let bytesLeft = mostBytes;
  for (let page: URL | undefined = base; page; ) {
    const name = withoutSecrets(page);
    if (seen.size >= mostPages || seen.has(page.href)) throw new Error(`the pages never end: ${name}`);
    seen.add(page.href);
    const response: Response = await fetch(page, { signal, headers }).catch((error: Error) => {
      throw new Error(`${name} can't be read: ${error.message}`);
    });
    if (!response.ok) throw new Error(`status ${response.status} from ${name}`);
    const text = await readLimited(response, bytesLeft);
    bytesLeft -= Buffer.byteLength(text);
    const answer = checkAnswer(JSON.parse(text));
    answers.push(answer);
    page = answer.next ? nextPage(answer.next, new URL(response.url), base) : undefined;
  }
  const sent = answers.reduce((sum, answer) => sum + answer.sent, 0);
  const wrong = answers.find(({ count }) => count !== undefined && count !== sent);
  if (answers.length > 1 && wrong) throw new Error(`the pages hold ${sent} of ${wrong.count} sites`);
  return answers;
}

/** The first page's address. The name and the password go into a header, so that no message can show them. */
function withoutCredentials(url: string) {
  const base = new URL(`${url.replace(/\/+$/, "")}/sites/`);
  const [name, password] = [decode(base.username), decode(base.password)];
  base.username = base.password = "";
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  return { base, headers: { accept: "application/json", ...((name || password) && { authorization }) } };
}

/**
 * The next page's address, which must be where the settings or a redirect led.
 * @throws when the answer leads elsewhere: to a file of this machine, or to another service inside its network
 */
function nextPage(link: string, current: URL, base: URL): URL {
  const next = new URL(link, current);
  // A ConfigDB behind a proxy that ends TLS may not know that it is reached over TLS.
  if (next.protocol === "http:" && next.host === current.host) next.protocol = current.protocol;
  if (next.origin !== current.origin && next.origin !== base.origin)
    throw new Error(`the next page is on another server: ${next.origin}`);
  next.username = next.password = "";
  return next;
}
