import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { complaintsOfAxe, hasBrowser, testMillis, visit } from "./browser.ts";

/** Texts that break pages which take what people type for HTML. */
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

describe.skipIf(!hasBrowser)("how pages look", () => {
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
    await service.parts.downtimes.remove(id, { by: "ada", at: service.clock() });
  });
  afterAll(() => Promise.all([service.stop(), empty.stop()]));

  const everything = [
    "/",
    "/?when=all&window=month",
    "/?starts_after=soon&site=nop",
    "/?site=coj",
    "/downtimes/1",
    "/downtimes/9",
    "/admin/sign-in",
    "/nope",
  ];
  const looks = [
    { name: "light", options: { colorScheme: "light" } },
    { name: "dark", options: { colorScheme: "dark" } },
    { name: "red", theme: "red" },
    { name: "on a phone", options: { viewport: { width: 390, height: 844 } } },
  ] as const;

  for (const { name, ...look } of looks)
    test(`axe finds nothing on any page: ${name}`, async () => {
      const it = await visit(service, "/nope", "options" in look ? look.options : {});
      if ("theme" in look) await it.page.context().addCookies([{ name: "theme", value: look.theme, url: service.url }]);
      for (const path of [...everything, `${empty.url}/`]) {
        await it.page.goto(path);
        const found = await complaintsOfAxe(it.page);
        expect({ path, found }).toEqual({ path, found: [] });
      }
      await it.close();
    });

  test("what people type is shown as they typed it, in the table, the picture and the history", async () => {
    const it = await visit(service, "/?when=all&order=start");
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

  test("what people type into a filter comes back as they typed it", async () => {
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

  test("nothing is wider than a phone but what scrolls in itself", async () => {
    const it = await visit(service, "/?when=all", { viewport: { width: 390, height: 844 } });
    for (const path of ["/?when=all", "/downtimes/7", "/nope"]) {
      await it.page.goto(path);
      expect(await it.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    }
    await it.close();
  });
});
