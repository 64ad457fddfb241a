/** Managing users: `/api/users/`, `/admin/users`, and the rule that a staff user must remain. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { openServices } from "../../src/services.ts";
import { formIn, openForms } from "../forms.ts";
import { as, asBasic, byCommand, engines, posting, type Service, signIn, startService } from "../harness.ts";
import { startPortal } from "../portal.ts";

setDefaultTimeout(30_000);

interface Shown {
  id: number;
  username: string;
  staff: boolean;
  active: boolean;
  portal: boolean;
  password?: string;
}

const patching = (body: unknown, headers = as("ada")): RequestInit => ({ ...posting(body, headers), method: "PATCH" });

for (const engine of engines)
  describe(`users on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
    });
    afterEach(() => service.stop());

    const list = async () =>
      (await service.ask<{ results: Shown[] }>("/api/users/", { headers: as("ada") })).body.results;
    const find = async (name: string) => (await list()).find(({ username }) => username === name) as Shown;
    const change = async (name: string, body: unknown) =>
      service.ask<Shown & { detail: string }>(`/api/users/${(await find(name)).id}/`, patching(body));
    const canSignIn = async (name: string, password: string) =>
      (await service.send("/api/users/", { headers: asBasic(name, password) })).status !== 401;
    /** Presses a button of a page, with the values that the page's form has. */
    const pressing = (fields: Record<string, string>, { cookie, csrf }: { cookie: string; csrf: string }) => ({
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams({ csrf, ...fields }),
    });

    test("are listed without secrets, in the order of their names", async () => {
      const answer = await service.send("/api/users/", { headers: as("ada") });
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      const text = await answer.text();
      expect(text).not.toMatch(/argon|hash|token/);
      expect(JSON.parse(text)).toEqual({
        count: 3,
        next: null,
        previous: null,
        results: [
          { id: expect.any(Number), username: "ada", staff: true, active: true, portal: false },
          { id: expect.any(Number), username: "ben", staff: false, active: true, portal: false },
          { id: expect.any(Number), username: "cleo", staff: true, active: false, portal: false },
        ],
      });
    });

    test("are created with a password of one's own, or a generated one that is returned once", async () => {
      const made = await service.ask<Shown>("/api/users/", posting({ username: "dora", staff: true }));
      expect(made).toMatchObject({ status: 201, body: { username: "dora", staff: true, active: true } });
      expect(await canSignIn("dora", made.body.password as string)).toBe(true);
      const given = await service.ask<Shown>("/api/users/", posting({ username: "emil", password: "my own one" }));
      expect(given.body).toEqual({
        id: expect.any(Number),
        username: "emil",
        staff: false,
        active: true,
        portal: false,
      });
      expect(await canSignIn("emil", "my own one")).toBe(true);
    });

    test("are refused with the field that is wrong, and nothing is stored", async () => {
      const bodies: [unknown, number, string][] = [
        [{}, 400, "username"],
        [{ username: 1 }, 400, "username"],
        [{ username: "dora", staff: "yes" }, 400, "staff"],
        [{ username: "dora", is_staff: true }, 400, "is_staff"],
        [{ username: "d ora" }, 400, "username must"],
        [{ username: "dora", password: "short" }, 400, "have 8 to 1000"],
        [{ username: "dora", password: null }, 400, "password"],
        [[], 400, "dictionary"],
        [{ username: "ben" }, 409, "already exists"],
      ];
      for (const [body, status, text] of bodies) {
        const answer = await service.send("/api/users/", posting(body));
        expect([body, answer.status, await answer.text()]).toEqual([body, status, expect.stringContaining(text)]);
      }
      expect(await list()).toHaveLength(3);
    });

    test("lose sessions and tokens when they are disabled, and get access back when they are enabled", async () => {
      const { reading } = await signIn(service, "ben");
      const read = async (headers: Record<string, string>) => (await service.send("/api/", { headers })).status;
      expect((await change("ben", { active: false })).body).toMatchObject({ username: "ben", active: false });
      expect([await read(as("ben")), await canSignIn("ben", "ben-password")]).toEqual([401, false]);
      expect((await service.send("/account", { headers: reading })).status).toBe(303);
      expect((await change("ben", { active: true, staff: true })).body).toMatchObject({ staff: true, active: true });
      expect([await read(as("ben")), await canSignIn("ben", "ben-password")]).toEqual([200, true]);
    });

    test("get a new password, which ends their sessions", async () => {
      const { reading } = await signIn(service, "ben");
      expect((await change("ben", { password: "another one" })).body.password).toBeUndefined();
      expect([await canSignIn("ben", "ben-password"), await canSignIn("ben", "another one")]).toEqual([false, true]);
      expect((await service.send("/account", { headers: reading })).status).toBe(303);
      expect((await change("ben", { password: "short" })).status).toBe(400);
    });

    test("can't lose the last one of staff, by any way and also not by two requests at once", async () => {
      const { clock, services } = service;
      await services.users.change("ben", { staff: true }, byCommand(clock));
      // Another process with the same database.
      const others = await openServices(readConfig(service.settings), clock, createLog(clock, { write: () => {} }));
      const both = await Promise.allSettled([
        services.users.change("ada", { staff: false }, { by: "ben", at: clock() }),
        others.users.change("ben", { active: false }, { by: "ada", at: clock() }),
      ]);
      await others.close();
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const [last, other] = both[0].status === "fulfilled" ? ["ben", "ada"] : ["ada", "ben"];
      for (const body of [
        { staff: false },
        { active: false },
        { staff: false, active: false, password: "another one" },
      ]) {
        const id = (await service.services.users.findByName(last))?.id;
        const answer = await service.ask(`/api/users/${id}/`, patching(body, as(last as "ada")));
        expect([body, answer.status, answer.body]).toEqual([
          body,
          409,
          { detail: `${last} is the last local staff user who can sign in. Give someone else staff access first.` },
        ]);
      }
      expect(await service.services.users.findByName(last)).toMatchObject({ staff: true, active: true });
      // A command may, since its user can revert it.
      await service.services.users.change(last, { active: false }, byCommand(service.clock));
      expect(await service.services.users.findByName(other)).toBeDefined();
    });

    test("who can't sign in with a password don't count as staff who remain", async () => {
      const { users, clock } = service.services;
      const dora = { staff: true, tokenHash: null };
      await users.add({ ...dora, name: "dora", passwordHash: null }, byCommand(clock));
      await users.add({ ...dora, name: "emil", passwordHash: "!unusable" }, byCommand(clock));
      expect((await change("ada", { staff: false })).status).toBe(409);
      await change("dora", { password: "a good password" });
      expect((await change("ada", { staff: false })).status).toBe(200);
    });

    test("have a history with who, when and what, and without secrets", async () => {
      const made = await service.ask<Shown>("/api/users/", posting({ username: "dora" }));
      service.clock.forward(1000);
      await change("dora", { staff: true, active: false });
      // Nothing changes.
      await change("dora", { staff: true });
      await change("dora", { active: true, password: "another one" });
      const history = (await service.services.users.history()).filter(({ user }) => user === "dora");
      expect(history.map(({ by, action }) => `${by} ${action}`)).toEqual([
        "ada set_password",
        "ada enable",
        "ada disable",
        "ada grant_staff",
        "ada create",
      ]);
      expect(history.map(({ at }) => at).at(-1)).toBe("2026-11-22T12:00:00Z" as never);
      const { cookie } = await signIn(service, "ada");
      const page = await (await service.send("/admin/users", { headers: { cookie } })).text();
      expect(page).toContain("grant staff");
      for (const secret of [made.body.password as string, "another one", "argon2"]) expect(page).not.toContain(secret);
    });

    test("are added by a page, which shows the password once, also after a double click", async () => {
      const ada = await signIn(service, "ada");
      const fields = { once: crypto.randomUUID(), username: " dora ", add_staff: "" };
      const send = async () => (await service.send("/admin/users", pressing(fields, ada))).text();
      const secretIn = (page: string) => /<output[^>]*>\s*([\w-]+)\s*<\/output>/.exec(page)?.[1];
      const [first = "", second = ""] = (await Promise.all([send(), send()])).map(secretIn);
      expect(first).toMatch(/^[\da-f]{5}(-[\da-f]{5}){3}$/);
      expect(second).toBe(first);
      expect(await canSignIn("dora", first)).toBe(true);
      expect(await find("dora")).toMatchObject({ staff: true });
      service.clock.forward(60_000);
      const late = await service.send("/admin/users", pressing(fields, ada));
      expect([late.status, (await late.text()).includes(first)]).toEqual([409, false]);
      // Another button of the same form has another secret, and so has another form.
      const { once } = fields;
      const reset = async (name: string) =>
        secretIn(await (await service.send("/admin/users", pressing({ once, reset_password: name }, ada))).text());
      expect(new Set([first, await reset("ben"), await reset("dora")]).size).toBe(3);
      const again = { once: crypto.randomUUID(), reset_password: "dora" };
      expect(secretIn(await (await service.send("/admin/users", pressing(again, ada))).text())).not.toBe(first);
      expect(await canSignIn("dora", first)).toBe(false);
    });

    test("are disabled, lose staff access and get new passwords only after confirmation", async () => {
      const browser = await openForms(service, "ada");
      await service.services.users.change("ben", { staff: true }, byCommand(service.clock));
      for (const [link, heading] of Object.entries({
        "?reset_password=ben": "Reset the password of ben?",
        "?revoke_staff=ben": "Revoke staff access from ben?",
        "?disable=ben": "Disable ben?",
      })) {
        const before = await find("ben");
        expect((await browser.get("/admin/users")).html).toContain(`href="${link}"`);
        const { html } = await browser.get(`/admin/users${link}`);
        expect(html).toContain(`<h1>${heading}</h1>`);
        expect(await find("ben")).toEqual(before);
        const { action, fields } = formIn(html);
        expect((await browser.post(action, [...fields])).html).toMatch(/Saved ben|New password of ben/);
      }
      expect(await find("ben")).toMatchObject({ staff: false, active: false });
      const history = (await service.services.users.history()).map(({ by, action }) => `${by} ${action}`);
      expect(history.slice(0, 3)).toEqual(["ada disable", "ada revoke_staff", "ada set_password"]);
      // Only what a button asks: any other parameter shows the page.
      expect((await browser.get("/admin/users?enable=ben&constructor=x")).html).toContain("<h1>Users</h1>");
    });

    test("are changed by buttons of a page, which keeps the input when it is refused", async () => {
      const ada = await signIn(service, "ada");
      const press = async (fields: Record<string, string>) => {
        const answer = await service.send("/admin/users", pressing({ once: crypto.randomUUID(), ...fields }, ada));
        return [answer.status, await answer.text()] as const;
      };
      for (const [button, expected] of Object.entries({
        grant_staff: { staff: true },
        disable: { active: false },
        enable: { active: true },
        revoke_staff: { staff: false },
      })) {
        expect((await press({ [button]: "ben" }))[0]).toBe(200);
        expect(await find("ben")).toMatchObject(expected);
      }
      expect((await press({ disable: "ada" }))[0]).toBe(409);
      expect((await press({ disable: "nobody" }))[0]).toBe(404);
      const [status, page] = await press({ username: `"><b>`, add_user: "" });
      expect(status).toBe(400);
      expect(page).toContain('value="&#34;><b>"');
      const [taken, again] = await press({ username: "ben", add_user: "" });
      expect([taken, again]).toEqual([
        409,
        expect.stringContaining('<p class="error" id="username-error">User ben already exists.</p>'),
      ]);
      expect(again).toMatch(/name="username"[^>]*aria-invalid="true"[^>]*aria-describedby="username-error"/);
      expect(await find("ada")).toMatchObject({ active: true });
    });
  });

for (const engine of engines)
  test(`on ${engine}, users of the portal can be disabled here; the portal controls the rest, and its staff doesn't count`, async () => {
    const portal = startPortal({ pia: { password: "pia-password", staff: true, active: true, token: "pia-token" } });
    const service = await startService({ engine, settings: portal.settings });
    const pia = { authorization: "Token pia-token" };
    expect((await service.send("/api/", { headers: asBasic("pia") })).status).toBe(200);
    const { results } = (await service.ask<{ results: Shown[] }>("/api/users/", { headers: pia })).body;
    const idOf = (name: string) => results.find(({ username }) => username === name)?.id;
    expect(results.find(({ username }) => username === "pia")).toMatchObject({ portal: true, staff: true });
    const change = (name: string, body: unknown, headers: Record<string, string>) =>
      service.ask<{ detail: string }>(`/api/users/${idOf(name)}/`, { ...posting(body, headers), method: "PATCH" });
    for (const body of [
      { staff: false },
      { staff: true },
      { password: "another one" },
      { active: false, staff: false },
    ]) {
      const refused = await change("pia", body, as("ada"));
      expect([body, refused.status, refused.body.detail]).toEqual([
        body,
        409,
        expect.stringContaining("Change it there."),
      ]);
    }
    expect((await change("ada", { staff: false }, pia)).status).toBe(409);
    expect((await change("pia", { active: false }, as("ada"))).status).toBe(200);
    expect((await service.send("/api/", { headers: pia })).status).toBe(401);
    expect((await change("pia", { active: true }, as("ada"))).status).toBe(200);
    expect((await service.send("/api/", { headers: pia })).status).toBe(200);
    // While the portal is down, its staff may still act, and the history says so.
    portal.goDown();
    service.clock.forward(10 * 60_000);
    expect((await change("ben", { active: false }, pia)).status).toBe(200);
    const { reading } = await signIn(service, "ada");
    const page = await (await service.send("/admin/users", { headers: reading })).text();
    expect(page).toMatch(/pia \(unconfirmed: portal unreachable\)/);
    await service.stop();
    portal.stop();
  });
