import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, violationsInAllThemes, visit } from "./browser.ts";

/** Strings that break pages that don't escape input. */
const hostile = [
  "<script>alert(1)</script>",
  '"onmouseover="alert(1)" x="',
  "&lt;b&gt; &amp;amp; &quot;",
  "'><img src=x onerror=alert(1)>",
  "🔭 👩‍🚀 naïve Ω",
  "مرآة التلسكوب قيد التنظيف",
  `${"x".repeat(2990)} the end`,
];

setDefaultTimeout(testMillis);

describe.skipIf(!hasBrowser)("the pages in a browser", () => {
  let service: Service;
  let empty: Service;
  beforeAll(async () => {
    [service, empty] = await Promise.all([startService(), startService()]);
    for (const [hour, reason] of hostile.entries())
      await service.add({ start: `2026-11-22T1${hour}:00:00Z`, end: `2026-11-23T1${hour}:00:00Z`, reason });
    await service.add({
      start: "2026-11-22T02:00:00Z",
      end: "2026-11-22T03:00:00Z",
      instrument_type: "2M0-FLOYDS-SCICAM",
    });
    const { id } = await service.add({ reason: "A mistake" });
    expect(id).toBe(9);
    await service.services.downtimes.remove(id, { by: "ada", at: service.clock() });
  });
  afterAll(() => Promise.all([service.stop(), empty.stop()]));

  const everything = [
    "/",
    "/?kiosk",
    "/?when=all&window=month&view=timeline",
    "/?starts_after=soon&site=nop",
    "/?site=coj",
    "/downtimes/1",
    "/downtimes/7",
    "/downtimes/9",
    "/admin/sign-in",
    "/nope",
  ];
  test.each([...everything, "empty"])("axe finds no violations in any theme of %s", async (path) => {
    const it = await visit(path === "empty" ? empty : service, path === "empty" ? "/" : path);
    expect(await violationsInAllThemes(it.page)).toEqual([]);
    await it.close();
  });

  test("input is shown unchanged in the table, the timeline and the history", async () => {
    const it = await visit(service, "/?when=all&order=start&view=timeline");
    const shown = await it.page.locator("tbody td.reason").allTextContents();
    expect(shown).toEqual(["Mirror wash", ...hostile]);
    const titles = await it.page.locator("a.bar title").allTextContents();
    for (const text of hostile.slice(0, -1)) expect(titles.some((title) => title.includes(`: ${text}, `))).toBe(true);
    for (const [index, text] of hostile.entries()) {
      await it.page.goto(`/downtimes/${index + 1}`);
      expect(await it.page.locator("dd.reason").textContent()).toBe(text);
    }
    expect(it.complaints).toEqual([]);
    await it.close();
  });

  test("filters keep their input unchanged", async () => {
    const it = await visit(service, "/");
    for (const text of hostile.slice(0, -1)) {
      await it.page.goto(
        `/?${new URLSearchParams({ reason: text, starts_after: text, from: text, when: text, order: text })}`,
      );
      expect(await it.page.locator("#reason").inputValue()).toBe(text);
      expect(await it.page.locator("#starts_after").inputValue()).toBe(text);
    }
    expect(it.complaints).toEqual([]);
    await it.close();
  });
});
