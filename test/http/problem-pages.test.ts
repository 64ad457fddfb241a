/** The pages after 403 and 500: what they say, and where they lead. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { engines, type Service, signIn, startService } from "../harness.ts";

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&#x27;", "'")
    .replace(/\s+/g, " ");
const actionsIn = (html: string) =>
  [...html.matchAll(/<a class="button[^"]*" href="([^"]*)">([^<]*)/g)].map(([, href, label]) => `${label}: ${href}`);
const asPage = { accept: "text/html" };

describe.each(["staff", "authenticated"])("403 where %s users write", (writeAccess) => {
  let service: Service;
  let ben: Awaited<ReturnType<typeof signIn>>;
  let id = 0;
  beforeAll(async () => {
    service = await startService({ settings: { WRITE_ACCESS: writeAccess } });
    ben = await signIn(service, "ben");
    id = (await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z" })).id;
  });
  afterAll(() => service.stop());
  const read = async (path: string, init: RequestInit = {}) => {
    const response = await service.send(path, { headers: { ...asPage, cookie: ben.cookie }, ...init });
    return { status: response.status, html: await response.text() };
  };

  test("a page for others says which access it needs, and leads to the schedule and out", async () => {
    for (const path of ["/admin/users", "/admin/notifications", ...(writeAccess === "staff" ? ["/admin/now"] : [])]) {
      const { status, html } = await read(path);
      expect([path, status]).toEqual([path, 403]);
      expect(html).toContain("<h1>You don&#x27;t have permission</h1>");
      expect(textOf(html)).toMatch(/You need staff access to [\w ]+\. Contact your administrator\./);
      expect(actionsIn(html)).toEqual(["Go to schedule: /", "Sign out: /admin/sign-out"]);
      // Signed in, with the usual header.
      expect(html).toContain('aria-label="Account: ben"');
    }
  });

  test.each(["end", "extend"])("%s of someone else's downtime leads back to the page of the button", async (button) => {
    const { origin } = new URL(service.url);
    const post = (referer: string) =>
      read(`/admin/downtimes/${id}/${button}`, {
        method: "POST",
        headers: { ...asPage, ...ben.writing, origin, referer },
        body: new URLSearchParams({ csrf: ben.csrf, by: "1 h" }),
      });
    const { status, html } = await post(`${service.url}/sites/ogg?a=1&b=2`);
    expect(status).toBe(403);
    expect(textOf(html)).toMatch(/You need staff access|You can only edit downtimes you created/);
    expect(html).toContain('name="next" value="/sites/ogg?a=1&amp;b=2"');
    expect((await post("http://elsewhere.example/sites/ogg")).html).toContain('name="next" value="/"');
    expect((await service.services.downtimes.getStored(id)).downtime).toMatchObject({ end: "2026-11-22T14:00:00Z" });
  });
});

for (const engine of engines)
  describe(`500 by a database that fails on ${engine}`, () => {
    let service: Service;
    let cookies: Readonly<Record<string, string>>;
    let id = 0;
    let fail: (sql: string) => Promise<unknown>;
    beforeAll(async () => {
      service = await startService({ engine });
      const [ada, ben] = [await signIn(service, "ada"), await signIn(service, "ben")];
      cookies = { nobody: "theme=red", ada: ada.cookie, ben: ben.cookie };
      id = (await service.add()).id;
      const { DB_NAME = "", DATABASE_URL = "" } = service.settings;
      fail = async (text) => {
        if (engine === "postgres") return new SQL(DATABASE_URL, { max: 1 }).unsafe(text);
        using database = new Database(DB_NAME);
        return database.run(text);
      };
      await fail("ALTER TABLE downtime RENAME TO moved");
    });
    afterAll(async () => {
      await fail("ALTER TABLE moved RENAME TO downtime");
      await service.stop();
    });

    const pages = ["/?site=ogg", "/?view=timeline", "/?kiosk", "/sites/ogg", "/telescopes/ogg/clma/2m0a", "/report"];
    test.each([...pages, "/why?telescope=2m0a", "/admin/downtimes", "/admin/now"])(
      "%s says so, leads on, and names the request without its cause",
      async (path) => {
        for (const [name, cookie] of Object.entries(cookies)) {
          if (path.startsWith("/admin") && name !== "ada") continue;
          for (const part of [{}, { "hx-request": "true", "hx-request-type": "partial" }]) {
            const response = await service.send(path, { headers: { ...asPage, cookie, ...part } });
            const html = await response.text();
            expect([name, path, response.status]).toEqual([name, path, 500]);
            expect(html).toContain("<h1>The service failed to answer</h1>");
            expect(textOf(html)).toContain(`Request ID: ${response.headers.get("x-request-id")}`);
            expect(html).toContain("send the request ID to your administrator.");
            expect(html).not.toMatch(/no such table|does not exist|SELECT/);
            const escaped = path.replaceAll("&", "&amp;");
            const signIn = name === "nobody" ? [`Sign in: /admin/sign-in?next=${encodeURIComponent(path)}`] : [];
            expect(actionsIn(html)).toEqual(["Go to schedule: /", `Try again: ${escaped}`, ...signIn]);
          }
        }
      },
    );

    test("a button leads back to its page", async () => {
      const ada = await signIn(service, "ada");
      const response = await service.send(`/admin/downtimes/${id}/end`, {
        method: "POST",
        headers: { ...asPage, ...ada.writing, origin: service.url, referer: `${service.url}/sites/ogg` },
        body: new URLSearchParams({ csrf: ada.csrf }),
      });
      expect(response.status).toBe(500);
      expect(actionsIn(await response.text())).toEqual(["Go to schedule: /", "Try again: /sites/ogg"]);
    });
  });
