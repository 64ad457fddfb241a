/** ConfigDB client: fetches all sites from a URL, a file or the bundled example. */

import { unescape as decode } from "node:querystring";
import { type Static, Type } from "@sinclair/typebox";
import { maybe, megabyte, mismatchOf, readLimited, readTolerantly } from "../input/tolerant.ts";
import { isZone } from "../time/zone.ts";
import { exampleObservatory } from "./example-observatory.ts";
import type { Site } from "./facility.ts";

const code = Type.String({ minLength: 1 });
const part = { code, name: maybe(Type.String()), active: maybe(Type.Boolean()) };
const InstrumentSchema = Type.Object({ state: maybe(Type.String()), instrument_type: Type.Object({ code }) });
const TelescopeSchema = Type.Object({ ...part, instrument_set: Type.Array(InstrumentSchema) });
const EnclosureSchema = Type.Object({ ...part, telescope_set: Type.Array(TelescopeSchema) });
/** The fields of a site that are used here. Older servers omit most of the optional ones. */
const SiteSchema = Type.Object({
  ...part,
  lat: maybe(Type.Number({ minimum: -90, maximum: 90 })),
  long: maybe(Type.Number({ minimum: -180, maximum: 360 })),
  elevation: maybe(Type.Number()),
  tz: maybe(Type.String()),
  enclosure_set: Type.Array(EnclosureSchema),
});
export type SiteAnswer = Static<typeof SiteSchema>;

/** A page of `GET {CONFIGDB_URL}/sites/`. */
const PageSchema = Type.Object({ next: maybe(Type.String()), results: Type.Array(Type.Unknown()) });

/**
 * Reads a page of sites: the valid ones, without their invalid parts (`leftOut`); how many it has (`sent`), and all pages
 * together, if the server says so (`count`). @throws Error if this isn't such a page
 */
export function checkAnswer(answer: unknown) {
  const mismatch = mismatchOf(PageSchema, answer);
  if (mismatch) throw new Error(mismatch);
  const { count, next, results: all } = answer as Static<typeof PageSchema> & { count?: unknown };
  const leftOut: string[] = [];
  const results = readTolerantly(Type.Array(SiteSchema), all, (path) => leftOut.push(path)) as SiteAnswer[];
  return { count: typeof count === "number" ? count : undefined, next, results, sent: all.length, leftOut };
}

export function toSite(site: SiteAnswer): Site {
  return {
    ...toPart(site),
    ...(typeof site.lat === "number" && { latitude: site.lat }),
    ...(typeof site.long === "number" && { longitude: site.long > 180 ? site.long - 360 : site.long }),
    ...(typeof site.elevation === "number" && { elevation: site.elevation }),
    ...(site.tz && isZone(site.tz) && { zone: site.tz }),
    enclosures: site.enclosure_set.map((enclosure) => ({
      ...toPart(enclosure),
      telescopes: enclosure.telescope_set.map((telescope) => ({
        ...toPart(telescope),
        instrumentTypes: toInstrumentTypes(telescope.instrument_set),
      })),
    })),
  };
}

const toPart = ({ code, name, active }: Pick<SiteAnswer, "code" | "name" | "active">) => {
  return { code, name: name ?? "", active: active ?? true };
};

const toInstrumentTypes = (instruments: readonly Static<typeof InstrumentSchema>[]) =>
  [...Map.groupBy(instruments, ({ instrument_type }) => instrument_type.code)].map(([code, ofType]) => ({
    code,
    active: ofType.some(({ state }) => state !== "DISABLED"),
  }));

const timeoutMillis = 10_000;
/** For all pages together; a real ConfigDB sends less than 1 MB. */
const maxBytes = 50 * megabyte;
/** How many invalid parts a message lists. */
export const maxNamed = 20;

export const isRemote = (url: string | undefined): url is string => url !== undefined && /^https?:/i.test(url);

/** The source of the sites for people, without credentials. */
export const sourceOf = (url: string | undefined): string =>
  isRemote(url) ? withoutSecrets(new URL(url)) : (url ?? "bundled example observatory");
const withoutSecrets = ({ origin, pathname }: URL): string => (origin + pathname).replace(/\/+$/, "");

/** Fetches all sites. @throws Error if a page fails, or if there are no sites or telescopes */
export async function fetchSites(url: string | undefined, closing: AbortSignal) {
  const answers = isRemote(url)
    ? await fetchPages(url, closing)
    : [checkAnswer(url === undefined ? exampleObservatory : await Bun.file(url).json())];
  const sites = answers.flatMap(({ results }) => results);
  const leftOut = answers.flatMap((answer) => answer.leftOut);
  const where = leftOut.length > 0 ? `; invalid parts: ${leftOut.slice(0, maxNamed).join(", ")}` : "";
  const hasTelescopes = sites.some((site) => site.enclosure_set.some(({ telescope_set }) => telescope_set.length > 0));
  if (sites.length === 0 || (leftOut.length > 0 && !hasTelescopes))
    throw new Error(`the response has no ${sites.length === 0 ? "sites" : "telescopes"}${where}`);
  return { sites, leftOut };
}

/** @throws Error if a page fails, or if sites were added or removed between pages, which shifts their content */
async function fetchPages(url: string, closing: AbortSignal) {
  const answers: ReturnType<typeof checkAnswer>[] = [];
  const seen = new Set<string>();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMillis)]);
  const { base, headers } = withoutCredentials(url);
  let bytesLeft = maxBytes;
  for (let page: URL | undefined = base; page; ) {
    const name = withoutSecrets(page);
    if (seen.has(page.href)) throw new Error(`endless pagination: ${name}`);
    seen.add(page.href);
    const response: Response = await fetch(page, { signal, headers }).catch((error: Error) => {
      throw new Error(`can't fetch ${name}: ${error.message}`);
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

/** The URL of the first page, with the credentials in a header instead, so that no message can contain them. */
function withoutCredentials(url: string) {
  const base = new URL(`${url.replace(/\/+$/, "")}/sites/`);
  const [name, password] = [decode(base.username), decode(base.password)];
  base.username = base.password = "";
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  return { base, headers: { accept: "application/json", ...((name || password) && { authorization }) } };
}

/** @throws Error for any other server: a response must not make us read local files or internal services */
function nextPage(link: string, current: URL, base: URL): URL {
  const next = new URL(link, current);
  // Behind a proxy that terminates TLS, ConfigDB may build http links.
  if (next.protocol === "http:" && next.host === current.host) next.protocol = current.protocol;
  if (next.origin !== current.origin && next.origin !== base.origin)
    throw new Error(`the next page is on another server: ${next.origin}`);
  next.username = next.password = "";
  return next;
}
