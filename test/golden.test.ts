/** Golden answers: every page and state, byte for byte as recorded, while the code behind them is moved and renamed. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { as, noon, posting, type Service, signIn, startService } from "./harness.ts";

// `GOLDEN=record` records anew. `GOLDEN_DIR` names a folder for the answers as text, to compare two runs.
const file = join(import.meta.dir, "fixtures/golden.json");
const recording = process.env.GOLDEN === "record";
const folder = process.env.GOLDEN_DIR;
const recorded: Record<string, string> = recording ? {} : await Bun.file(file).json();

let service: Service;
let browser: Awaited<ReturnType<typeof signIn>>;
let installation = "";

const html = { accept: "text/html" };
const part = { ...html, "hx-request": "true", "hx-request-type": "partial" };

const night = {
  reason: "Education",
  scopes: [{ site: "coj", telescope: "2m0a" }],
  rule: {
    kind: "night",
    first: "2026-11-24",
    last: "2026-12-10",
    weekdays: ["TU", "WE"],
    from: { event: "astronomical_dusk", offset_minutes: 30 },
    minutes: 30,
  },
  breaks: [{ from: "2026-12-01", to: "2026-12-01", name: "Holiday" }],
};
const weekly = {
  reason: "Mirror wash",
  scopes: [{ site: "ogg" }],
  rule: {
    kind: "calendar",
    start: "2026-11-24T09:00",
    minutes: 240,
    rrule: "FREQ=WEEKLY;COUNT=4",
    zone: "Pacific/Honolulu",
  },
};

/** A downtime of each state and shape, two series, and a history of every kind. */
async function seed() {
  const add = async (fields: Record<string, unknown>) => service.add(fields);
  await add({});
  await add({ start: "2026-11-22T10:00:00Z", end: "2026-11-22T16:00:00Z", reason: 'Wind <b>&amp; "dust"' });
  await add({ start: "2026-11-22T11:00:00Z", end: "2026-11-23T00:00:00Z", site: "coj", enclosure: "clma", reason: "" });
  await add({ start: "2026-11-01T11:00:00Z", end: "2026-11-02T00:00:00Z", reason: "Past" });
  await add({ start: "2026-11-25T11:00:00Z", end: "2026-11-25T12:00:00Z", reason: "To be deleted" });
  await add({ start: "2026-12-25T11:00:00Z", end: "2026-12-26T12:00:00Z", reason: "To be edited" });
  service.clock.forward(60_000);
  await service.send("/api/6/", { ...posting({ reason: "Edited" }), method: "PATCH" });
  service.clock.forward(60_000);
  await service.send("/api/5/", { method: "DELETE", headers: as("ada") });
  await service.send("/api/series/", posting(night));
  await service.send("/api/series/", posting(weekly));
  service.clock.set(noon + 10 * 60_000);
}

type Request = readonly [path: string, init?: RequestInit & { readonly signedIn?: boolean }];

const gets: readonly string[] = [
  "/api/",
  "/api/?limit=2",
  "/api/?limit=2&offset=2&order=-start",
  "/api/?site=ogg&reason=wash",
  "/api/?ends_after=2026-11-22&starts_before=2026-11-29",
  "/api/?site=nop",
  "/api/?order=nop",
  "/api/?starts_after=nop",
  "/api/1/",
  "/api/5/",
  "/api/999/",
  "/api/nop/",
  "/api/series/",
  "/api/series/1/",
  "/api/series/2/",
  "/api/series/99/",
  "/api/changes/?limit=3",
  "/api/changes/?since=nop",
  "/api/availability/?start=2026-11-22&end=2026-11-24",
  "/api/availability/?site=ogg&telescope=2m0a&start=2026-11-22&end=2026-11-23&format=mjd",
  "/api/availability/?start=nop",
  "/api/why/?telescope=2m0a",
  "/api/why/?telescope=2m0a&site=ogg&at=2026-11-22T12:00:00Z",
  "/api/why/",
  "/api/report/?start=2026-11-01&end=2026-12-01",
  "/api/report/?start=2026-11-01&end=2026-12-01&format=csv",
  "/vosi/availability",
  "/vosi/availability?telescope=2m0a&site=ogg",
  "/vosi/availability?telescope=nop",
  "/calendar.ics",
  "/calendar.ics?site=ogg",
  "/calendar.ics?series=1",
  "/calendar.ics?site=nop",
  "/downtimes.csv",
  "/downtimes.csv?site=coj",
  "/openapi.json",
  "/health",
  "/api",
  "/nop",
  "/api/nop/nop",
];
const pages: readonly string[] = [
  "/",
  "/?when=all",
  "/?when=now",
  "/?site=ogg",
  "/?reason=zz",
  "/?site=nop",
  "/?window=day",
  "/?window=month",
  "/?order=-end",
  "/downtimes/1",
  "/downtimes/2",
  "/downtimes/5",
  "/downtimes/6",
  "/downtimes/7",
  "/downtimes/999",
  "/series/1",
  "/series/2",
  "/series/99",
  "/why",
  "/why?telescope=2m0a&site=ogg",
  "/why?telescope=nop",
  "/why?telescope=2m0a",
  "/report?start=2026-11-01&end=2026-12-01",
  "/report",
  "/report?start=nop",
  "/docs/",
  "/admin/",
  "/admin/sign-in",
  "/nop",
];
const staffPages: readonly string[] = [
  "/",
  "/downtimes/2",
  "/downtimes/5",
  "/series/1",
  "/admin/downtimes",
  "/admin/downtimes?when=all",
  "/admin/downtimes?reason=zz",
  "/admin/downtimes/new",
  "/admin/downtimes/new?site=ogg&telescope=2m0a",
  "/admin/downtimes/1/change",
  "/admin/downtimes/5/change",
  "/admin/now",
  "/admin/now?site=ogg",
  "/admin/series",
  "/admin/series/new",
  "/admin/series/1/change",
  "/admin/series/2/change",
  "/admin/series/1/end",
  "/admin/series/1/delete",
  "/admin/sign-out",
];
const form = (fields: Record<string, string>): RequestInit => ({ method: "POST", body: new URLSearchParams(fields) });

const requests: readonly Request[] = [
  ...gets.map((path): Request => [path]),
  ...pages.map((path): Request => [path, { headers: html }]),
  ["/", { headers: part }],
  ...staffPages.map((path): Request => [path, { headers: html, signedIn: true }]),
  ...["/api/", "/api/1/", "/api/series/", "/api/series/1/", "/calendar.ics", "/admin/downtimes", "/health"].map(
    (path): Request => [path, { method: "OPTIONS" }],
  ),
  ["/api/", { method: "HEAD" }],
  ["/api/", posting({}, {})],
  ["/api/", posting({}, { authorization: "Token nop" })],
  ["/api/", posting({}, as("ben"))],
  ["/api/", posting({})],
  ["/api/", posting([1])],
  [
    "/api/",
    posting({ start: "x", end: "2026-01-01", site: "nop", enclosure: null, telescope: true, reason: "x".repeat(3001) }),
  ],
  ["/api/", { ...posting({}), body: "{" }],
  ["/api/", { method: "PUT", headers: as("ada") }],
  ["/api/", { ...posting("x"), headers: { ...as("ada"), "content-type": "text/plain" } }],
  ["/api/1/", { ...posting({ end: "2020-01-01" }), method: "PATCH" }],
  ["/api/1/", { ...posting({}), method: "PATCH", headers: { ...as("ada"), "if-match": '"nop"' } }],
  ["/api/series/", posting({ reason: "x" })],
  ["/api/series/?dry_run=1", posting(night)],
  ["/api/series/?dry_run=1", posting({ ...weekly, rule: { ...weekly.rule, rrule: "FREQ=NOP" } })],
  ["/api/series/1/?dry_run=1", { ...posting({ reason: "Changed" }), method: "PATCH" }],
  ["/api/series/1/?dry_run=1", { method: "DELETE", headers: as("ada") }],
  [
    "/admin/downtimes/new",
    { ...form({ start: "x", end: "", site: "ogg", reason: "kept" }), headers: html, signedIn: true },
  ],
  [
    "/admin/downtimes/preview",
    {
      ...form({ start: "2026-11-23 08:00", end: "4 h", site: "ogg", enclosure: "clma", telescope: "2m0a" }),
      headers: html,
      signedIn: true,
    },
  ],
  ["/admin/series/new", { ...form({ reason: "kept" }), headers: html, signedIn: true }],
  ["/admin/sign-in", { ...form({ name: "nop", password: "guess" }), headers: html }],
];

beforeAll(async () => {
  service = await startService();
  installation = service.parts.installation;
  await seed();
  browser = await signIn(service, "ada");
});
afterAll(async () => {
  await service?.stop();
  if (recording) await Bun.write(file, `${JSON.stringify(recorded, null, 1)}\n`);
});

/** The answer without what differs from run to run. */
async function answerOf([path, { signedIn, ...init } = {}]: Request): Promise<string> {
  const headers = new Headers(init.headers);
  if (signedIn) headers.set("cookie", browser.cookie);
  if (signedIn && init.body instanceof URLSearchParams) init.body.set("csrf", browser.csrf);
  const response = await service.send(path, { ...init, headers });
  const names = ["x-request-id", "date", "set-cookie", "content-length"];
  const head = [...response.headers].filter(([name]) => !names.includes(name)).map((pair) => pair.join(": "));
  return `${response.status}\n${head.sort().join("\n")}\n\n${await response.text()}`
    .replaceAll(service.url, "BASE")
    .replaceAll(new URL(service.url).host, "HOST")
    .replaceAll(installation, "INSTALLATION")
    .replaceAll(service.configdb.url, "CONFIGDB")
    .replace(/etag: W\/"\w+"/g, "etag: ETAG")
    .replace(/name="once" value="[^"]*"/g, 'name="once" value="ONCE"')
    .replaceAll(browser.csrf, "CSRF")
    .replace(/\d+-[0-9a-f]{8}\b/g, "CURSOR")
    .replace(/Request \S+\./, "Request ID.")
    .replace(/("|=)[\w-]{43}(")/g, "$1SECRET$2");
}

for (const [index, request] of requests.entries()) {
  const [path, { method = "GET", signedIn } = {}] = request;
  const name = `${index} ${method} ${path}${signedIn ? " signed in" : ""}`;
  test(name, async () => {
    const answer = await answerOf(request);
    const hash = new Bun.CryptoHasher("sha256").update(answer).digest("hex").slice(0, 24);
    if (folder) await Bun.write(join(folder, `${index}.txt`), `${name}\n${answer}`);
    if (recording) recorded[name] = hash;
    expect(hash).toBe(recorded[name] as string);
  });
}
