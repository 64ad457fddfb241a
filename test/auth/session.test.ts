import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { StoredUser } from "../../src/auth/user.ts";
import { safeNext } from "../../src/http/path.ts";
import { formIn } from "../forms.ts";
import {
  as,
  asBasic,
  byCommand,
  createClock,
  draft,
  engines,
  noon,
  posting,
  type Service,
  signIn,
  startService,
} from "../harness.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(30_000);

const hour = 3_600_000;

for (const engine of engines)
  describe(`sessions on ${engine}`, () => {
    let service: Service;
    const clock = createClock();
    beforeAll(async () => {
      service = await startService({ engine, clock });
    });
    afterEach(() => clock.set(noon));
    afterAll(() => service.stop());

    const isSignedIn = async (cookie: string) =>
      (await (await service.send("/admin/sign-in", { headers: { cookie } })).status) === 303;

    const signInForm = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      service.send("/admin/sign-in", { method: "POST", body: new URLSearchParams(fields), headers });

    test("a sign-in redirects to the requested page, with an HttpOnly cookie", async () => {
      const answer = await signInForm({ name: "ada", password: "ada-password", next: "/downtimes?site=ogg" });
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toBe("/downtimes?site=ogg");
      expect(answer.headers.get("set-cookie")).toMatch(
        /^downtime=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/,
      );
    });

    test("users who sign in on the way of a form that isn't for them aren't signed in, and read why", async () => {
      const form = { name: "ben", password: "ben-password", username: "dora", add_user: "" };
      const send = (name: string, password: string) =>
        service.send("/admin/users", { method: "POST", body: new URLSearchParams({ ...form, name, password }) });
      const refused = await send("ben", "ben-password");
      expect([refused.status, refused.headers.get("set-cookie")]).toEqual([403, null]);
      const page = await refused.text();
      expect(page).toContain('role="alert">You need staff access to do this. Contact your administrator.');
      expect(formIn(page).fields.get("username")).toBe("dora");
      expect((await send("ada", "ada-password")).headers.get("set-cookie")).toStartWith("downtime=");
      for (const next of ["/admin/users", "/admin/now?site=ogg"])
        expect((await signInForm({ name: "ada", password: "ada-password", next })).headers.get("location")).toBe(next);
    });

    test("a wrong password shows an error at the field and keeps only the username", async () => {
      const answer = await signInForm({ name: "ada", password: "guess-7" });
      const page = await answer.text();
      expect(answer.status).toBe(422);
      expect(answer.headers.get("set-cookie")).toBeNull();
      expect(page).toContain("Incorrect username or password.");
      expect(page).toMatch(/<input id="name"[^>]*value="ada"/);
      expect(page).toMatch(/<input id="password"[^>]*autofocus[^>]*aria-invalid="true"/);
      expect(page).not.toContain("guess-7");
    });

    test("an empty form shows what is missing, and isn't counted as a failed sign-in", async () => {
      for (let time = 0; time < 12; time++) expect((await signInForm({ name: "", password: "" })).status).toBe(422);
    });

    test("markup in the form is escaped", async () => {
      const page = await (await signInForm({ name: '"><script>x</script>&lt;', password: "", next: '/"><b>' })).text();
      expect(page).not.toContain('"><script>');
      expect(page).not.toContain('"><b>');
      expect(page).toContain("&amp;lt;");
    });

    test("the database contains neither the session's id nor anything to derive it from", async () => {
      const { cookie } = await signIn(service, "ada");
      const id = cookie.split("=")[1] as string;
      expect(await isSignedIn(cookie)).toBe(true);
      const bytes = await Bun.file(service.services.description.replace(/^SQLite, /, ""))
        .bytes()
        .catch(() => new Uint8Array());
      expect(Buffer.from(bytes).includes(id)).toBe(false);
    });

    test("a write with a session needs the CSRF token in a header, also with JSON", async () => {
      const { cookie, csrf } = await signIn(service, "ada");
      const post = (headers: Record<string, string>) => service.ask("/api/", posting(draft, { cookie, ...headers }));
      const refusal = {
        status: 403,
        body: { detail: "CSRF token missing or invalid. Reload the page, then try again." },
      };
      expect(await post({})).toEqual(refusal);
      expect(await post({ "x-csrf-token": "" })).toEqual(refusal);
      expect(await post({ "x-csrf-token": `${csrf}x` })).toEqual(refusal);
      expect((await post({ "x-csrf-token": csrf })).status).toBe(201);
    });

    test("a CSRF token is invalid in every other session, even the same user's", async () => {
      const [one, other, bens] = await Promise.all([
        signIn(service, "ada"),
        signIn(service, "ada"),
        signIn(service, "ben"),
      ]);
      expect(new Set([one.csrf, other.csrf, bens.csrf]).size).toBe(3);
      for (const { csrf } of [other, bens])
        expect((await service.ask("/api/", posting(draft, { cookie: one.cookie, "x-csrf-token": csrf }))).status).toBe(
          403,
        );
    });

    test("credentials in a header take precedence over the cookie", async () => {
      const { cookie, writing } = await signIn(service, "ada");
      expect((await service.ask("/api/", posting(draft, { ...as("ada"), cookie }))).status).toBe(201);
      expect((await service.ask("/api/", posting(draft, { ...asBasic("ada"), cookie }))).status).toBe(201);
      expect((await service.ask("/api/", posting(draft, { ...as("ben"), ...writing }))).status).toBe(403);
      expect((await service.ask("/api/", { headers: { authorization: "Token nonsense", cookie } })).status).toBe(401);
    });

    test("forged, truncated and foreign cookies are ignored", async () => {
      const { cookie } = await signIn(service, "ada");
      const forged = [
        `downtime=${"A".repeat(43)}`,
        cookie.slice(0, -1),
        `${cookie}x`,
        `__Host-${cookie}`,
        "downtime=",
        cookie.replace("downtime", "Downtime"),
      ];
      for (const one of forged) expect([one, await isSignedIn(one)]).toEqual([one, false]);
      expect((await service.ask("/api/", posting(draft, { cookie: forged[0] as string }))).status).toBe(401);
      expect((await service.ask("/api/", { headers: { cookie: forged[0] as string } })).status).toBe(200);
    });

    test("signing in creates a new id and ends the old session", async () => {
      const before = await signIn(service, "ben");
      const answer = await signInForm({ name: "ada", password: "ada-password" }, { cookie: before.cookie });
      const after = answer.headers.get("set-cookie")?.split(";")[0] as string;
      expect(after).not.toBe(before.cookie);
      expect(await isSignedIn(before.cookie)).toBe(false);
      expect(await isSignedIn(after)).toBe(true);
    });

    test("signing in never adopts an id from the request", async () => {
      const planted = `downtime=${"B".repeat(43)}`;
      await signInForm({ name: "ada", password: "ada-password" }, { cookie: planted });
      expect(await isSignedIn(planted)).toBe(false);
    });

    test("signing out ends the session on the server, so a copy of the cookie is useless", async () => {
      const { cookie, csrf, writing } = await signIn(service, "ada");
      const signOut = (fields: Record<string, string>) =>
        service.send("/admin/sign-out", { method: "POST", body: new URLSearchParams(fields), headers: { cookie } });
      expect((await signOut({})).status).toBe(403);
      expect(await isSignedIn(cookie)).toBe(true);
      const answer = await signOut({ csrf });
      expect(answer.status).toBe(303);
      expect(answer.headers.get("set-cookie")).toStartWith("downtime=; Path=/; Max-Age=0;");
      expect(await isSignedIn(cookie)).toBe(false);
      expect((await service.ask("/api/", posting(draft, writing))).status).toBe(401);
    });

    test("signing out everywhere ends all sessions of the user, and no others", async () => {
      const [here, there, bens] = await Promise.all([
        signIn(service, "ada"),
        signIn(service, "ada"),
        signIn(service, "ben"),
      ]);
      const body = new URLSearchParams({ csrf: here.csrf, everywhere: "yes" });
      await service.send("/admin/sign-out", { method: "POST", body, headers: { cookie: here.cookie } });
      expect(await Promise.all([here, there, bens].map(({ cookie }) => isSignedIn(cookie)))).toEqual([
        false,
        false,
        true,
      ]);
    });

    test("a session expires after twelve hours without a request", async () => {
      const [used, unused] = await Promise.all([signIn(service, "ada"), signIn(service, "ada")]);
      clock.set(noon + 11 * hour);
      expect(await isSignedIn(used.cookie)).toBe(true);
      clock.set(noon + 12 * hour - 1);
      expect(await isSignedIn(used.cookie)).toBe(true);
      clock.set(noon + 12 * hour);
      expect([await isSignedIn(unused.cookie), await isSignedIn(used.cookie)]).toEqual([false, true]);
    });

    test("a session expires after seven days even if it is used", async () => {
      const { cookie } = await signIn(service, "ada");
      for (let hours = 11; hours < 168; hours += 11) {
        clock.set(noon + hours * hour);
        expect(await isSignedIn(cookie)).toBe(true);
      }
      clock.set(noon + 168 * hour);
      expect(await isSignedIn(cookie)).toBe(false);
      clock.set(noon);
      expect(await isSignedIn(cookie)).toBe(false);
    });

    test("a new password ends all sessions", async () => {
      const { users } = service.services;
      const { cookie } = await signIn(service, "ada");
      const { passwordHash } = (await users.findByName("ada")) as StoredUser;
      expect(await isSignedIn(cookie)).toBe(true);
      await users.change("ada", { passwordHash: passwordHash as string }, byCommand(service.clock));
      expect(await isSignedIn(cookie)).toBe(false);
    });

    test("disabling a user ends all sessions at once", async () => {
      const { cookie, writing } = await signIn(service, "ada");
      await service.services.users.change("ada", { active: false }, byCommand(service.clock));
      expect(await isSignedIn(cookie)).toBe(false);
      expect((await service.ask("/api/", posting(draft, writing))).status).toBe(401);
      await service.services.users.change("ada", { active: true }, byCommand(service.clock));
      // Enabled again, the user has to sign in again.
      expect(await isSignedIn(cookie)).toBe(false);
    });

    test("a sign-in from another site's page is rejected", async () => {
      const right = { name: "ada", password: "ada-password" };
      const statusOf = async (headers: Record<string, string>) => (await signInForm(right, headers)).status;
      expect(await statusOf({ "sec-fetch-site": "cross-site" })).toBe(403);
      expect(await statusOf({ "sec-fetch-site": "same-site" })).toBe(403);
      expect(await statusOf({ origin: "https://elsewhere.example" })).toBe(403);
      expect(await statusOf({ origin: "null" })).toBe(403);
      expect(await statusOf({ origin: service.url })).toBe(303);
      expect(await statusOf({ "sec-fetch-site": "same-origin" })).toBe(303);
    });

    test("wrong passwords in the form and in Basic count together", async () => {
      for (let time = 0; time < 5; time++) {
        await service.send("/api/", posting({}, asBasic("dora", `guess ${time}`)));
        await signInForm({ name: "dora", password: `other guess ${time}` });
      }
      const answer = await signInForm({ name: "dora", password: "one more" });
      expect(answer.status).toBe(429);
      expect(answer.headers.get("retry-after")).toBe("60");
      expect(await answer.text()).toContain("Too many failed sign-ins. Try again in 60 s.");
    });
  });

test("after signing in, redirects stay within this service", () => {
  for (const path of ["/", "/admin/?a=b&c=d#e", "/a%20b", "/a/../b"]) expect(safeNext(path)).toStartWith("/");
  expect(safeNext("/admin/?site=ogg#x")).toBe("/admin/?site=ogg#x");
  for (const bad of [
    null,
    "",
    "admin",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "/\t/elsewhere.example",
    "/.//elsewhere.example",
    "/a/..//elsewhere.example",
    "https://elsewhere.example",
    "javascript:alert(1)",
    " //elsewhere.example",
    "/\r\nset-cookie: a=b//",
    "///elsewhere.example",
    "/%2e//elsewhere.example",
  ])
    expect([bad, safeNext(bad)]).toEqual([bad, expect.not.stringMatching(/^[/\\]{2}|:\/\/|[\r\n]|^$|^[^/]/)]);
});
