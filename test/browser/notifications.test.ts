import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { startReceiver, until } from "../receivers.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

const hostile = `<script>alert(1)</script> "onmouseover="alert(1)"`;

describe.skipIf(!hasBrowser)("notifications in a browser", () => {
  let service: Service;
  let it: Visit;
  const receiver = startReceiver();
  beforeAll(async () => {
    service = await startService({ settings: { NOTIFY_ALLOW_PRIVATE: "true" } });
    it = await visit(service, "/admin/notifications");
    await it.page.fill("#name", "ada");
    await it.page.fill("#password", "ada-password");
    await Promise.all([it.page.waitForEvent("load"), it.page.click("main button[type=submit]")]);
  });
  afterAll(async () => {
    await it.close();
    await service.stop();
    receiver.stop();
  });

  test("a channel is made, tested, seen failing, and its message sent again", async () => {
    const { page } = it;
    await page.click("text=New channel");
    await page.fill("#name", hostile);
    await page.fill("#address", "not a URL");
    await page.fill("#filters", "telescop=2m0a");
    await page.click("#form button.primary");
    await page.waitForSelector("#address-error");
    expect(await page.textContent("#filters-error")).toBe("telescop: Unknown filter.");
    expect(await page.textContent("#events-error")).toBe("Select at least one event.");
    // The preview follows while typing.
    await page.selectOption("#kind", "slack");
    await page.waitForFunction(() =>
      document.querySelector(".preview")?.textContent?.startsWith('{"text": "Downtime test by ada'),
    );
    await page.fill("#template", '{"text": "{{{reason}}}"}');
    await page.waitForSelector(".preview.error");
    await page.fill("#template", '{"title": "{{title}}"}');
    await page.waitForFunction(() => document.querySelector(".preview")?.textContent?.includes("1m0a"));
    await page.fill("#address", `${receiver.url}hooks/secret-path`);
    await page.fill("#filters", "site=ogg");
    await page.check("input[value=created]");
    await Promise.all([page.waitForEvent("load"), page.click("#form button.primary")]);
    expect(await page.textContent("h1")).toBe(hostile);
    expect(await page.content()).not.toContain("secret-path");

    receiver.respond(() => new Response("", { status: 422 }));
    await Promise.all([page.waitForEvent("load"), page.click("text=Send a test")]);
    // The log renews itself.
    await page.waitForSelector("#log td:has-text('422')");
    expect(await page.textContent("#log tbody")).toContain("failed");
    receiver.respond(() => new Response(""));
    await Promise.all([page.waitForEvent("load"), page.click("#log button:has-text('Retry')")]);
    await page.waitForSelector("#log td:has-text('200')");
    expect(receiver.titles()).toEqual(Array(2).fill("Downtime test: sud · doma · 1m0a"));
    expect(await violationsInAllThemes(page)).toEqual([]);

    await page.uncheck("input[name=enabled]");
    await Promise.all([page.waitForEvent("load"), page.click("#form button.primary")]);
    await service.add({});
    await page.goto("/admin/notifications");
    expect(await page.textContent("tbody")).toContain("disabled");
    await page.click(`tbody a`);
    await page.check("input[name=enabled]");
    await Promise.all([page.waitForEvent("load"), page.click("#form button.primary")]);
    await service.add({ reason: "After it" });
    await until(() => receiver.got.length === 3);
    await page.click("summary:has-text('Delete channel')");
    await Promise.all([page.waitForEvent("load"), page.click("button[value=delete]")]);
    expect(await page.textContent("main")).toContain("No channels yet.");
    expect(it.complaints.filter((one) => !one.includes("422"))).toEqual([]);
  });
});
