/** `/account`: one's own tokens, sessions and password. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { formIn, openForms } from "../forms.ts";
import { as, asBasic, engines, type Service, signIn, startService } from "../harness.ts";
import { startPortal } from "../portal.ts";

setDefaultTimeout(30_000);

type SignedIn = Awaited<ReturnType<typeof signIn>>;

const secretIn = (page: string) => /<output[^>]*>\s*([\w-]+)\s*<\/output>/.exec(page)?.[1] ?? "";

for (const engine of engines)
  describe(`my account on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
    });
    afterEach(() => service.stop());

    const press = async ({ cookie, csrf }: Pick<SignedIn, "cookie" | "csrf">, fields: Record<string, string>) => {
      const body = new URLSearchParams({ csrf, once: crypto.randomUUID(), ...fields });
      const answer = await service.send("/account", { method: "POST", headers: { cookie }, body });
      return { status: answer.status, page: await answer.text() };
    };
    const show = async ({ cookie }: SignedIn) => (await service.send("/account", { headers: { cookie } })).text();
    const statusOf = async (token: string) =>
      (await service.send("/api/", { headers: { authorization: `Token ${token}` } })).status;
    const isSignedIn = async ({ cookie }: SignedIn) =>
      (await service.send("/account", { headers: { cookie } })).status === 200;

    test("creates tokens by name, shows each once, and revokes one without the others", async () => {
      const ben = await signIn(service, "ben");
      const laptop = secretIn((await press(ben, { token_name: " laptop ", create_token: "" })).page);
      const dome = secretIn((await press(ben, { token_name: "dome", create_token: "" })).page);
      expect(laptop).toMatch(/^[\da-f]{40}$/);
      expect(await show(ben)).not.toContain(laptop);
      expect([await statusOf(laptop), await statusOf(dome)]).toEqual([200, 200]);
      expect((await press(ben, { revoke_token: "laptop" })).status).toBe(200);
      expect([await statusOf(laptop), await statusOf(dome), await statusOf("ben-api-token")]).toEqual([401, 200, 200]);
      const tokens = await service.services.tokens.list("ben");
      expect(tokens.map(({ name }) => name)).toEqual(["default", "dome"]);
      expect(tokens[1]?.lastUsed).toBe("2026-11-22T12:00:00Z" as never);
      const history = (await service.services.users.history()).filter(({ token }) => token !== null);
      expect(history.map(({ user, by, action, token }) => [user, by, action, token])).toEqual([
        ["ben", "ben", "revoke_token", "laptop"],
        ["ben", "ben", "create_token", "dome"],
        ["ben", "ben", "create_token", "laptop"],
      ]);
    });

    test("shows the same new token after a double click, and creates one", async () => {
      const ben = await signIn(service, "ben");
      const fields = { once: crypto.randomUUID(), token_name: "laptop", create_token: "" };
      const [first, second] = await Promise.all([press(ben, fields), press(ben, fields)]);
      expect(secretIn(first.page)).toMatch(/^[\da-f]{40}$/);
      expect(secretIn(second.page)).toBe(secretIn(first.page));
      expect(await service.services.tokens.list("ben")).toHaveLength(2);
    });

    test("asks before it revokes a token, also without JavaScript", async () => {
      const browser = await openForms(service, "ben");
      const asked = (await browser.get("/account")).html.match(/<a [^>]*href="([^"]*)"[^>]*>Revoke<\/a>/)?.[1] ?? "";
      expect(asked).toBe("?revoke_token=default");
      const { html } = await browser.get(`/account${asked}`);
      expect(html).toContain("<h1>Revoke the token default?</h1>");
      expect(html).toContain('<a class="button quiet" href="/account">Cancel</a>');
      expect(await statusOf("ben-api-token")).toBe(200);
      const form = formIn(html);
      expect(form.action).toBe("/account");
      expect((await browser.post(form.action, [...form.fields])).html).toContain("Revoked default.");
      expect(await statusOf("ben-api-token")).toBe(401);
    });

    test("refuses names that are taken, reserved or empty, and tokens of others", async () => {
      const ben = await signIn(service, "ben");
      for (const [fields, status] of [
        [{ token_name: "default", create_token: "" }, 409],
        [{ token_name: "portal", create_token: "" }, 409],
        [{ token_name: "", create_token: "" }, 400],
        [{ token_name: "x".repeat(101), create_token: "" }, 400],
        [{ revoke_token: "none" }, 404],
        [{}, 400],
      ] as [Record<string, string>, number][])
        expect([fields, (await press(ben, fields)).status]).toEqual([fields, status]);
      // The name stays in its field, and what is wrong stands below it.
      const { page } = await press(ben, { token_name: "default", create_token: "" });
      expect(page).toMatch(/name="token_name"[^>]*autofocus[^>]*value="default"/);
      expect(page).toMatch(/token_name-hint(?:(?!<h2).)*<p class="error" id="token_name-error">[^<]*default/);
      expect(await statusOf("ben-api-token")).toBe(200);
      expect(await service.services.tokens.list("ben")).toHaveLength(1);
    });

    test("needs the CSRF token of the session", async () => {
      const ben = await signIn(service, "ben");
      expect((await press({ ...ben, csrf: "wrong" }, { token_name: "laptop", create_token: "" })).status).toBe(403);
      expect(await service.services.tokens.list("ben")).toHaveLength(1);
    });

    test("lists sessions with browser, address and times, and ends one or all others", async () => {
      const agents = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0": "Firefox",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0":
          "Edge",
        "curl/8.5.0": "curl",
      };
      const cookies: SignedIn[] = [];
      for (const agent of Object.keys(agents)) {
        const send = (path: string, init: RequestInit = {}) =>
          service.send(path, {
            ...init,
            headers: { "user-agent": agent, ...(init.headers as Record<string, string>) },
          });
        cookies.push(await signIn({ send }, "ben"));
      }
      const [first, second, third] = cookies as [SignedIn, SignedIn, SignedIn];
      const page = await show(first);
      expect(page).toContain("Firefox (this one)");
      for (const text of ["Edge", "curl", "127.0.0.1", "2026-11-22 12:00Z"]) expect(page).toContain(text);
      const [, edge = ""] = /name="end_session" value="(\w+)"[^>]*aria-label="End session of Edge/.exec(page) ?? [];
      const ada = await signIn(service, "ada");
      // Nobody else's.
      await press(ada, { end_session: edge });
      expect(await isSignedIn(second)).toBe(true);
      await press(first, { end_session: edge });
      expect([await isSignedIn(first), await isSignedIn(second), await isSignedIn(third)]).toEqual([true, false, true]);
      await press(first, { end_others: "" });
      expect([await isSignedIn(first), await isSignedIn(third), await isSignedIn(ada)]).toEqual([true, false, true]);
    });

    test("doesn't list sessions that have expired", async () => {
      await signIn(service, "ben");
      service.clock.forward(11 * 3_600_000);
      const ben = await signIn(service, "ben");
      service.clock.forward(2 * 3_600_000);
      expect((await show(ben)).match(/\(this one\)|End session of/g)).toEqual(["(this one)"]);
    });

    test("changes the password if the current one is right, and ends other sessions but no tokens", async () => {
      const [ben, other] = await Promise.all([signIn(service, "ben"), signIn(service, "ben")]);
      const set = (old_password: string, new_password: string, once: string = crypto.randomUUID()) =>
        press(ben, { once, old_password, new_password, set_password: "" });
      const guessed = await set("guess", "a good password");
      expect(guessed.status).toBe(422);
      expect(guessed.page).toMatch(/new_password(?:(?!<h2).)*<p class="error" role="alert">The current password/);
      expect(guessed.page).not.toMatch(/guess|a good password/);
      expect((await set("", "a good password")).status).toBe(422);
      expect((await set("ben-password", "short")).status).toBe(400);
      expect(await isSignedIn(other)).toBe(true);
      const once = crypto.randomUUID();
      const changed = await set("ben-password", "a good password", once);
      expect(changed.status).toBe(200);
      expect(changed.page).toContain("Password changed.");
      // Sent again, as by a double click.
      expect((await set("ben-password", "a good password", once)).page).toContain("Password changed.");
      expect([await isSignedIn(ben), await isSignedIn(other), await statusOf("ben-api-token")]).toEqual([
        true,
        false,
        200,
      ]);
      const read = async (password: string) =>
        (await service.send("/api/", { headers: asBasic("ben", password) })).status;
      expect([await read("ben-password"), await read("a good password")]).toEqual([401, 200]);
      expect(changed.page).not.toContain("a good password");
    });

    test("limits guesses of the current password", async () => {
      const ben = await signIn(service, "ben");
      const statuses: number[] = [];
      for (let time = 0; time < 11; time++) {
        const fields = { old_password: `guess ${time}`, new_password: "a good password", set_password: "" };
        statuses.push((await press(ben, fields)).status);
      }
      expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
    });

    test("carries no password through the sign-in when the session has ended", async () => {
      const ben = await signIn(service, "ben");
      service.clock.forward(13 * 3_600_000);
      const fields = { old_password: "ben-password", new_password: "a good password", set_password: "" };
      const { status, page } = await press(ben, fields);
      expect(status).toBe(200);
      expect(page).toContain("Sign in");
      expect(page).not.toMatch(/ben-password|a good password/);
    });
  });

test("users of the portal have tokens and sessions here, and their password there", async () => {
  const portal = startPortal({ pia: { password: "pia-password", staff: true, active: true, token: "pia-token" } });
  const service = await startService({ settings: portal.settings });
  const pia = await signIn(service, "pia");
  const page = await (await service.send("/account", { headers: pia.reading })).text();
  expect(page).toContain("Change your password there.");
  expect(page).not.toContain('name="revoke_token" value="portal"');
  const body = { csrf: pia.csrf, token_name: "laptop", create_token: "" };
  const made = await service.send("/account", {
    method: "POST",
    headers: pia.reading,
    body: new URLSearchParams(body),
  });
  const headers = { authorization: `Token ${secretIn(await made.text())}` };
  expect((await service.send("/api/users/", { headers })).status).toBe(200);
  expect((await service.send("/api/users/", { headers: as("ben") })).status).toBe(403);
  const fields = { csrf: pia.csrf, old_password: "pia-password", new_password: "a good password", set_password: "" };
  const set = await service.send("/account", {
    method: "POST",
    headers: pia.reading,
    body: new URLSearchParams(fields),
  });
  expect(set.status).toBe(409);
  await service.stop();
  portal.stop();
});
