import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

const hostile = `<img src=x onerror=alert(1)> "&lt;b&gt; مرآة`;

describe.skipIf(!hasBrowser)("availability and reports in a browser", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
    await service.add({ start: "2026-11-22T11:00:00Z", end: "2026-11-22T14:00:00Z", reason: hostile });
    await service.add({ start: "2026-11-22T10:00:00Z", end: "2026-11-22T13:00:00Z", reason: "RTI" });
    await service.add({ end: "2026-11-24T08:00:00Z", instrument_type: "2M0-FLOYDS-SCICAM", reason: "Detector" });
    const other = { start: "2026-11-22T11:00:00Z", end: "2026-11-22T13:00:00Z" };
    await service.add({ ...other, site: "tst", enclosure: "doma", telescope: "1m0a" });
    await service.add({ ...other, site: "coj", instrument_type: "2M0-SCICAM-MUSCAT" });
  });
  afterAll(() => service.stop());

  const report = "/report?start=2026-11-22&end=2026-11-25";

  test("checks a telescope's availability without JavaScript", async () => {
    const { page, complaints, close } = await visit(service, "/", { javaScriptEnabled: false });
    await page.click("footer >> text=Check availability");
    await page.selectOption("#telescope", "2m0a");
    await page.click("main button.primary");
    expect(await page.locator(".verdict").allInnerTexts()).toEqual([
      "ogg clma 2m0a is down until 2026-11-22 14:00Z.",
      "coj clma 2m0a is partly down.",
    ]);
    expect(await page.locator("section.answer").evaluateAll((all) => all.map(({ className }) => className))).toEqual([
      "answer down",
      "answer partly_down",
    ]);
    expect(await page.locator(".answer").first().innerText()).toContain("04:00 local (UTC−10:00), in 2 h");
    expect(await page.locator(".answer h3").innerText()).toBe(
      "Instrument 2M0-SCICAM-MUSCAT is down until 2026-11-22 13:00Z",
    );
    const [rti, whatever] = await page.locator(".answer").first().locator("li").allInnerTexts();
    expect(rti).toContain("RTI 2026-11-22 10:00Z");
    expect(rti).toContain("created by ada");
    expect(whatever).toStartWith(hostile);
    await page.selectOption("#site", "ogg");
    await page.fill("#at", "61366.6");
    await page.click("main button.primary");
    expect(await page.innerText(".verdict")).toBe(
      "ogg clma 2m0a is available at 2026-11-22 14:24Z. No downtime scheduled.",
    );
    await page.fill("#at", "soon");
    await page.click("main button.primary");
    expect(await page.innerText("#at-error")).toBe("Enter a valid date/time.");
    expect(await page.inputValue("#at")).toBe("soon");
    expect(complaints).toEqual([]);
    await close();
  });

  test("shows a report and its CSV without JavaScript", async () => {
    const { page, path, complaints, close } = await visit(service, "/report?start=soon", { javaScriptEnabled: false });
    expect(await page.locator(".report .error").count()).toBe(1);
    expect(await page.locator(".report table, .report .bars").count()).toBe(0);
    await page.goto("/report");
    expect(await page.innerText(".summary")).toContain("0.0 dark hours (0.0 %) lost from 2026-10-23 00:00Z");
    await page.fill("#end", "2026-11-25");
    await page.fill("#start", "2026-11-22");
    await page.selectOption("#site", "ogg");
    await page.click("text=Apply");
    const rows = await page.locator(".losses tbody tr").allInnerTexts();
    expect(rows[0]).toStartWith("ogg · clma · 2m0a\t0.4\t1\t4.0\t");
    expect(rows[1]).toStartWith("2M0-FLOYDS-SCICAM instrument only\t");
    expect(await page.locator("thead th").allInnerTexts()).toContain("RTI");
    const bars = await page.locator(".bars", { hasText: "by reason" }).locator("tr").allInnerTexts();
    expect(bars.map((text) => text.trim())).toEqual(["RTI\t3.0", `${hostile}\t1.0`]);
    const csv = await page.getByRole("link", { name: "Download CSV" }).getAttribute("href");
    expect(await (await service.send(path(csv))).text()).toContain("ogg,clma,2m0a,RTI,3,3,");
    expect(complaints).toEqual([]);
    await close();
  });

  test("passes axe in all themes and fits a phone", async () => {
    const { page, close } = await visit(service, "/why?telescope=2m0a");
    for (const path of ["/why?telescope=2m0a", "/why?telescope=1m0a&at=soon", report]) {
      await page.goto(path);
      expect({ path, found: await violationsInAllThemes(page) }).toEqual({ path, found: [] });
    }
    await close();
  });
});
