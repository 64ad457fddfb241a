import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { BrowserContextOptions } from "playwright-core";
import { as, type Service, startService } from "../harness.ts";
import { axeViolations, hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

/** Console messages about statuses that the forms handle. */
const isExpected = (complaint: string) => /status of (409|422)/.test(complaint);

/** Texts that break forms without correct escaping. */
const hostile = [
  `<script>alert(1)</script> "onmouseover="alert(1)" x=' &lt;b&gt; &amp;amp; &#34; </textarea><img src=x onerror=alert(1)>`,
  "🔭 👩‍🚀 naïve Ω مرآة التلسكوب قيد التنظيف \u202etxet sdrawkcab",
  "two\nlines, and  two spaces",
  `${"x".repeat(2992)} the end`,
];

describe.skipIf(!hasBrowser)("the forms in a browser", () => {
  let service: Service;
  let signedIn: Visit;

  /** Opens a window in which ada is signed in. */
  const open = async (path: string, options: BrowserContextOptions = {}) => {
    const storageState = await signedIn.page.context().storageState();
    return visit(service, path, { storageState, ...options });
  };
  const inWindow = async (path: string, work: (it: Visit) => Promise<void>, options?: BrowserContextOptions) => {
    const it = await open(path, options);
    await work(it);
    expect(it.complaints.filter((complaint) => !isExpected(complaint))).toEqual([]);
    await it.close();
  };
  const stored = async () => (await service.ask<{ results: Record<string, unknown>[] }>("/api/")).body.results;

  beforeAll(async () => {
    service = await startService();
    signedIn = await visit(service, "/admin/downtimes");
    const { page } = signedIn;
    await page.fill("#name", "ada");
    await page.fill("#password", "ada-password");
    await page.press("#password", "Enter");
    await page.waitForURL("**/admin/downtimes");
  });
  afterAll(async () => {
    await signedIn.close();
    await service.stop();
  });
  beforeEach(async () => {
    for (const { id } of await stored())
      await service.services.downtimes.remove(Number(id), { by: "ada", at: service.clock() });
  });

  test("a form's buttons are disabled while it is sent, and enabled when the page is restored", () =>
    inWindow("/admin/now", async ({ page }) => {
      await page.locator("form.now .actions button").first().waitFor();
      // Recorded by the page itself, because playwright can't query a page that is being left.
      await page.evaluate(() => {
        const enabled = () => document.querySelectorAll("form.now button:enabled").length;
        document.addEventListener("submit", () => setTimeout(() => sessionStorage.setItem("seen", `${enabled()}`)));
      });
      await page.check("[name=telescope] >> nth=0");
      await page.locator("form.now .actions button").first().click();
      await page.waitForURL("**/admin/now?saved=*");
      expect(await page.evaluate(() => sessionStorage.getItem("seen"))).toBe("0");
      await page.goBack();
      await page.locator("form.now .actions button:enabled").first().waitFor();
    }));

  test("a form with errors can be sent again", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      await page.click("text=Save");
      await page.locator("#form-error").waitFor();
      await page.locator("button.primary:enabled").waitFor();
    }));

  test("creating a downtime: errors keep the input, then it is saved", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      await page.selectOption("#site", "ogg");
      // The other selects follow: ogg has one enclosure.
      await page.locator("#enclosure").and(page.locator(":has(option[value=clma]:checked)")).waitFor();
      expect(await page.locator("#telescope option").allTextContents()).toEqual(["All", "0m4b", "2m0a"]);
      await page.fill("#start", "tomorrow");
      await page.locator("#preview", { hasText: "Enter a date and time in UTC" }).waitFor();
      await page.fill("#end", "4 h");
      await page.fill("#reason", "Mirror wash");
      await page.click("button.primary");
      await page.locator("#start-error").waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("start");
      expect(await page.locator("[aria-invalid=true]").evaluateAll((all) => all.map(({ id }) => id))).toEqual([
        "start",
      ]);
      expect(await page.inputValue("#start")).toBe("tomorrow");
      expect(await page.inputValue("#reason")).toBe("Mirror wash");
      await page.selectOption("#telescope", "2m0a");
      await page.fill("#start", "2026-11-23 08:15");
      await page.locator("#preview", { hasText: "Mon 2026-11-23 08:15–12:15Z" }).waitFor();
      // Corrected fields are no longer marked.
      expect(await page.locator("#form .error, [aria-invalid=true]").count()).toBe(0);
      await page.click("button.primary");
      await page.waitForURL("**/admin/downtimes?saved=*");
      expect(await stored()).toEqual([
        expect.objectContaining({ start: "2026-11-23T08:15:00Z", end: "2026-11-23T12:15:00Z", telescope: "2m0a" }),
      ]);
    }));

  test("the summary warns of an overlap while typing, and the input keeps the focus", async () => {
    await service.add({ reason: "RTI" });
    await inWindow("/admin/downtimes/new?site=ogg&enclosure=clma&telescope=2m0a", async ({ page }) => {
      await page.fill("#start", "2026-11-23 09:00Z");
      await page.focus("#end");
      await page.keyboard.type("2 h", { delay: 120 });
      await page.locator("#preview", { hasText: "for RTI" }).waitFor();
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("end");
      expect(await page.inputValue("#end")).toBe("2 h");
      expect(await page.locator("#preview").innerText()).toContain("2 h, all dark time");
    });
  });

  test("the date picker fills in the field", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      await page.locator("#start ~ .picker").evaluate((picker: HTMLInputElement) => {
        picker.value = "2026-11-23T08:15";
        picker.dispatchEvent(new Event("input", { bubbles: true }));
      });
      expect(await page.inputValue("#start")).toBe("2026-11-23 08:15Z");
    }));

  test("two windows edit the same downtime: the second one gets a conflict with both versions", async () => {
    const { id } = await service.add();
    await inWindow(`/admin/downtimes/${id}/change`, async (first) => {
      await inWindow(`/admin/downtimes/${id}/change`, async (second) => {
        await first.page.fill("#reason", "The first");
        await first.page.click("button.primary");
        await first.page.waitForURL("**/admin/downtimes?saved=*");
        await second.page.fill("#reason", "The second");
        await second.page.fill("#end", "2026-11-23 10:00Z");
        await second.page.click("button.primary");
        const conflict = second.page.locator("#conflict");
        await conflict.waitFor();
        expect(await conflict.locator("tbody tr").allInnerTexts()).toEqual([
          "Reason\tMirror wash\tThe first\tThe second",
          "End or duration\t2026-11-23 09:30Z\t2026-11-23 09:30Z\t2026-11-23 10:00Z",
        ]);
        expect(await stored()).toEqual([expect.objectContaining({ reason: "The first", end: "2026-11-23T09:30:00Z" })]);
        expect(await axeViolations(second.page)).toEqual([]);
        await second.page.click("button.primary");
        await second.page.waitForURL("**/admin/downtimes?saved=*");
        expect(await stored()).toEqual([
          expect.objectContaining({ reason: "The second", end: "2026-11-23T10:00:00Z" }),
        ]);
      });
    });
  });

  test("several downtimes are deleted after confirmation, and restored from the message", async () => {
    for (const reason of ["One", "Two", "Three"]) await service.add({ reason });
    await inWindow("/admin/downtimes", async ({ page }) => {
      await page.locator("tr", { hasText: "One" }).locator("input").check();
      await page.locator("tr", { hasText: "Three" }).locator("input").check();
      await page.click("text=Delete selected");
      expect(await page.locator(".selected li").count()).toBe(2);
      expect(await axeViolations(page)).toEqual([]);
      await page.click("main button.danger");
      await page.locator("[role=status]", { hasText: "2 downtimes deleted" }).waitFor();
      expect((await stored()).map(({ reason }) => reason)).toEqual(["Two"]);
      await page.click("text=Undo");
      await page.locator("[role=status]", { hasText: "Undone: 2 downtimes restored" }).waitFor();
      expect((await stored()).map(({ reason }) => reason)).toEqual(["One", "Two", "Three"]);
    });
  });

  test("a downtime is deleted from its form, and restored from its history", async () => {
    const { id } = await service.add();
    await inWindow(`/admin/downtimes/${id}/change`, async ({ page }) => {
      await page.click("text=Delete");
      await page.click("main button.danger");
      await page.waitForURL("**/admin/downtimes?saved=*");
      await page.click("[role=status] a");
      await page.waitForURL(`**/downtimes/${id}`);
      expect(await stored()).toEqual([]);
      await page.click("text=Restore");
      await page.waitForURL(`**/downtimes/${id}?saved=*`);
      expect(await stored()).toHaveLength(1);
    });
  });

  test("an active downtime is extended and ended from the menu of its row", () =>
    inWindow("/admin/downtimes", async ({ page }) => {
      await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T18:54:00Z", reason: "Clouds" });
      await page.reload();
      await page.locator(".more summary").first().click();
      await page.click("text=+1 h");
      await page.locator("[role=status]", { hasText: "11:00–19:54Z" }).waitFor();
      await page.locator(".more summary").first().click();
      await page.click("text=End now");
      await page.locator("[role=status]", { hasText: "11:00–12:00Z" }).waitFor();
    }));

  test("a downtime is created with the keyboard only", () =>
    inWindow("/", async ({ page }) => {
      await page.keyboard.press("n");
      await page.waitForURL("**/admin/downtimes/new");
      expect(await page.evaluate(() => document.activeElement?.id)).toBe("site");
      await page.keyboard.type("coj");
      // The other selects follow.
      await page.locator('#telescope:not(:has(option[value="0m4b"]))').waitFor();
      for (const keys of ["clma", "2m0a"]) {
        await page.keyboard.press("Tab");
        await page.keyboard.type(keys);
      }
      await page.locator("#preview", { hasText: "Start: Enter a start time." }).waitFor();
      // Past the instrument type, and the button that adds a location.
      for (let tab = 0; tab < 3; tab++) await page.keyboard.press("Tab");
      await page.keyboard.type("2026-11-23 12:00");
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toContain("open calendar");
      await page.keyboard.press("Tab");
      await page.keyboard.type("90 min");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/admin/downtimes?saved=*");
      expect(await stored()).toEqual([
        expect.objectContaining({ site: "coj", telescope: "2m0a", end: "2026-11-23T13:30:00Z" }),
      ]);
    }));

  test("the forms work without JavaScript", () =>
    inWindow(
      "/admin/downtimes/new",
      async ({ page }) => {
        for (const [field, code] of [
          ["site", "coj"],
          ["enclosure", "doma"],
          ["telescope", "2m0a"],
        ] as const)
          await page.selectOption(`#${field}`, code);
        await page.fill("#start", "2026-11-23 12:00");
        await page.fill("#end", "1 h");
        await page.click("button.primary");
        expect(await page.innerText("#telescope-error")).toBe("This telescope isn't in ConfigDB.");
        await page.selectOption("#telescope", "1m0a");
        await page.click("text=Save and add another");
        await page.waitForURL("**/admin/downtimes/new?from=*");
        expect(await page.inputValue("#telescope")).toBe("1m0a");
        expect(await stored()).toHaveLength(1);
      },
      { javaScriptEnabled: false },
    ));

  test("every form returns a reason exactly as it was typed", async () => {
    const { id } = await service.add();
    await inWindow(`/admin/downtimes/${id}/change`, async ({ page }) => {
      for (const reason of hostile) {
        await page.goto(`/admin/downtimes/${id}/change`);
        await page.fill("#reason", reason);
        await page.fill("#end", "soon");
        await page.click("button.primary");
        await page.locator("#end-error").waitFor();
        expect(await page.inputValue("#reason")).toBe(reason);
        await page.fill("#end", "2 h");
        await page.click("button.primary");
        await page.waitForURL("**/admin/downtimes?saved=*");
        expect(await stored()).toEqual([expect.objectContaining({ reason })]);
        expect(await page.locator("#selected .reason bdi").textContent()).toBe(reason);
        await page.goto(`/admin/downtimes/delete?id=${id}`);
        expect(await page.locator("bdi").textContent()).toBe(reason);
        await page.goto(`/admin/downtimes/new?from=${id}`);
        expect(await page.inputValue("#reason")).toBe(reason);
      }
    });
  });

  test("the other fields return their input too, and run no script", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      for (const text of hostile.filter((line) => !line.includes("\n"))) {
        await page.fill("#start", text);
        await page.fill("#end", text);
        // The form with the previous errors looks like the expected one.
        await page.locator("#form").evaluate((form) => form.setAttribute("data-sent", ""));
        await page.click("button.primary");
        await page.locator("#form:not([data-sent]) #end-error").waitFor();
        expect([await page.inputValue("#start"), await page.inputValue("#end")]).toEqual([text, text]);
      }
      await page.goto(
        `/admin/downtimes/new?${new URLSearchParams({ site: hostile[0] ?? "", telescope: hostile[1] ?? "" })}`,
      );
      expect([await page.inputValue("#site"), await page.inputValue("#telescope")]).toEqual([
        hostile[0] ?? "",
        hostile[1] ?? "",
      ]);
    }));

  test("the pages pass axe in all themes and on a phone", async () => {
    const { id } = await service.add({ start: "2026-11-22T11:00:00Z", reason: hostile[0] });
    await service.add({ start: "2026-11-22T10:00:00Z", end: "2026-11-22T11:00:00Z", reason: hostile[3] });
    const paths = [
      `/admin/downtimes?past=yes&saved=${(await service.services.downtimes.history(id))[0]?.change_set}`,
      `/admin/downtimes/new?from=${id}`,
      `/admin/downtimes/delete?id=${id}`,
      "/admin/now",
      `/downtimes/${id}`,
    ];
    await inWindow("/admin/downtimes/new", async ({ page }) => {
      await page.click("button.primary");
      await page.locator("#end-error").waitFor();
      expect(await violationsInAllThemes(page)).toEqual([]);
      for (const path of paths) {
        await page.goto(path);
        expect({ path, found: await violationsInAllThemes(page) }).toEqual({ path, found: [] });
      }
    });
  });

  test("leaving a form with unsaved input asks for confirmation", () =>
    inWindow("/admin/downtimes/new", async ({ page }) => {
      const asked: string[] = [];
      page.on("dialog", (dialog) => {
        asked.push(dialog.type());
        void dialog.dismiss();
      });
      await page.fill("#reason", "Wash");
      await page.getByRole("link", { name: "Cancel" }).click();
      while (asked.length === 0) await page.waitForTimeout(20);
      expect(asked).toEqual(["beforeunload"]);
      expect(await page.inputValue("#reason")).toBe("Wash");
      // A form with errors still asks; a saved one doesn't.
      await page.click("button.primary");
      await page.locator("#start-error").waitFor();
      await page.getByRole("link", { name: "Cancel" }).click();
      while (asked.length === 1) await page.waitForTimeout(20);
      for (const [field, code] of [
        ["site", "coj"],
        ["enclosure", "doma"],
        ["telescope", "1m0a"],
      ] as const)
        await page.selectOption(`#${field}`, code);
      await page.fill("#start", "2026-11-23 12:00");
      await page.fill("#end", "1 h");
      await page.click("button.primary");
      await page.waitForURL("**/admin/downtimes?saved=*");
      await page.goto("/admin/downtimes/new");
      await page.getByRole("link", { name: "Cancel" }).click();
      await page.waitForURL("**/admin/downtimes");
      expect(asked).toHaveLength(2);
    }));

  test("input is kept when the session ends, and when another session starts in a second window", async () => {
    for (const path of ["/admin/downtimes/new", "/admin/series/new"]) {
      const it = await open(path);
      const { page } = it;
      await page.fill("#reason", hostile[1] ?? "");
      await page.context().clearCookies();
      await page.click("#form > .actions button.primary");
      // The password first: the form of a series also has a name, until the sign-in form replaces it.
      await page.fill("#password", "ada-password");
      await page.fill("#name", "ada");
      await page.press("#password", "Enter");
      await page.locator("main .message", { hasText: "You are signed in. Your input is kept; save again." }).waitFor();
      expect(await page.inputValue("#reason")).toBe(hostile[1] ?? "");
      // Signing in from another window makes the form's token invalid.
      await page.context().clearCookies();
      const other = await page.context().newPage();
      await other.goto(it.address("/admin/sign-in"));
      await other.fill("#name", "ada");
      await other.fill("#password", "ada-password");
      await other.press("#password", "Enter");
      await other.waitForURL(it.address("/"));
      await page.fill("#reason", "Typed meanwhile");
      await page.click("#form > .actions button.primary");
      await page.locator("#form > .message", { hasText: "Your input is kept; save again." }).waitFor();
      expect(await page.inputValue("#reason")).toBe("Typed meanwhile");
      await page.click("#form > .actions button.primary");
      await page.locator("#form-error").waitFor();
      expect(it.complaints.filter((complaint) => !isExpected(complaint) && !/status of 403/.test(complaint))).toEqual(
        [],
      );
      await it.close();
    }
  });

  test("signing out ends the session", async () => {
    const it = await visit(service, "/admin/sign-in?next=/admin/downtimes");
    await it.page.fill("#name", "ada");
    await it.page.fill("#password", "ada-password");
    await it.page.click("main button.primary");
    await it.page.waitForURL("**/admin/downtimes");
    await it.page.click("summary[aria-label^=Account]");
    await it.page.click("text=Sign out");
    await it.page.goto("/admin/downtimes");
    expect(it.page.url()).toContain("/admin/sign-in?next=");
    await it.close();
  });

  test("an edit over the API with an outdated ETag is refused", async () => {
    const { id } = await service.add();
    const tag = (await service.send(`/api/${id}/`)).headers.get("etag") ?? "";
    await inWindow(`/admin/downtimes/${id}/change`, async ({ page }) => {
      await page.fill("#reason", "By form");
      await page.click("button.primary");
      await page.waitForURL("**/admin/downtimes?saved=*");
    });
    const body = new URLSearchParams({ reason: "By API" });
    const patch = await service.send(`/api/${id}/`, {
      method: "PATCH",
      headers: { ...as("ada"), "if-match": tag },
      body,
    });
    expect(patch.status).toBe(412);
  });
});
