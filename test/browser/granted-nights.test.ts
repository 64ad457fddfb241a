import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { as, createFolder, type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

const address = `/admin/granted-nights?${new URLSearchParams({ telescope: "coj · clma · 2m0a", semester: "2027A" })}`;
const hostile = `<script>alert(1)</script> "onmouseover="alert(1)"`;
const box = (half: string) => `input[value="${half}"]`;
const date = (day: string) => `td:has(${box(`${day},first_half`)}) b`;

describe.skipIf(!hasBrowser)("granted nights in a browser", () => {
  let service: Service;
  let it: Visit;
  const open = async (path: string, options = {}) => {
    const opened = await visit(service, path, options);
    await opened.page.fill("#name", "ada");
    await opened.page.fill("#password", "ada-password");
    await Promise.all([opened.page.waitForEvent("load"), opened.page.click("main button[type=submit]")]);
    return opened;
  };
  beforeAll(async () => {
    service = await startService();
    it = await open(address);
  });
  afterAll(async () => {
    await it.close();
    await service.stop();
  });

  const tickedOn = ({ page }: Visit) =>
    page.$$eval("input[name=half]:checked", (boxes) => boxes.map((one) => (one as HTMLInputElement).value));
  const halvesOf = (...days: string[]) => days.flatMap((day) => [`2027-${day},first_half`, `2027-${day},second_half`]);
  const save = ({ page }: Visit) => Promise.all([page.waitForEvent("load"), page.click("button[value=save]")]);
  const undo = ({ page }: Visit) =>
    Promise.all([page.waitForEvent("load"), page.click(".toast button:has-text('Undo')")]);
  /** Drags the mouse over elements. */
  const drag = async (...selectors: string[]) => {
    for (const [index, selector] of selectors.entries()) {
      await it.page.locator(selector).hover();
      if (index === 0) await it.page.mouse.down();
    }
    await it.page.mouse.up();
  };

  test("nights are ticked by click, by drag and with Shift, with sums and a preview, then saved and undone", async () => {
    const { page } = it;
    await page.click(date("2027-02-02"));
    await page.click(box("2027-02-04,second_half"));
    expect(await tickedOn(it)).toEqual([...halvesOf("02-02"), "2027-02-04,second_half"]);
    expect(await page.textContent("[data-sum=nights]")).toMatch(/^1\.5 nights, 1\d\.\d h$/);
    await page.click(date("2027-02-02"));
    await page.click(box("2027-02-04,second_half"));
    expect(await tickedOn(it)).toEqual([]);
    // Whole nights; and a part of it back.
    await drag(date("2027-02-08"), date("2027-02-09"), date("2027-02-10"));
    await drag(box("2027-02-10,second_half"), box("2027-02-10,first_half"));
    expect(await tickedOn(it)).toEqual(halvesOf("02-08", "02-09"));
    await page.click(box("2027-02-28,first_half"));
    await page.click(box("2027-03-02,first_half"), { modifiers: ["Shift"] });
    const all = [...halvesOf("02-08", "02-09", "02-28", "03-01"), "2027-03-02,first_half"];
    expect(await tickedOn(it)).toEqual(all);
    await page.waitForSelector(".preview:has-text('Opened: 4.5 nights')");
    expect(await page.textContent(".preview")).toContain("The first grant closes the rest of the semester.");
    await save(it);
    expect(await tickedOn(it)).toEqual(all);
    expect(await page.textContent(".toast")).toContain("6 downtimes saved");
    // On phones, the message leaves Save in sight.
    const desktop = page.viewportSize() ?? { width: 1280, height: 800 };
    await page.setViewportSize({ width: 390, height: 844 });
    await page.click("button[value=save]", { trial: true, timeout: 5000 });
    await page.setViewportSize(desktop);
    await undo(it);
    expect(await tickedOn(it)).toEqual([]);
    expect(it.complaints).toEqual([]);
  });

  test("the keyboard alone is enough", async () => {
    const { page } = it;
    await page.goto(address);
    await page.focus(box("2027-03-01,first_half"));
    for (const key of ["Space", "ArrowDown", "ArrowDown", "ArrowDown", "Space", "ArrowRight", "ArrowUp", "ArrowUp"])
      await page.keyboard.press(key);
    // 1 March is a Monday; the week after, the second half of the 8th, then of the 9th, and back up to the 2nd.
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe(
      "2027-03-02,second_half",
    );
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+ArrowRight");
    expect(await tickedOn(it)).toEqual([
      "2027-03-01,first_half",
      "2027-03-02,second_half",
      ...halvesOf("03-03"),
      "2027-03-08,second_half",
    ]);
    // One press leaves the calendar.
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("reason");
    await page.keyboard.press("Tab");
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    expect(await tickedOn(it)).toHaveLength(5);
    await undo(it);
  });

  test("arrow keys step over what a downtime of others blocks", async () => {
    const { page } = it;
    const place = { site: "coj", enclosure: "clma", telescope: "2m0a" };
    const { id } = await service.add({ ...place, start: "2027-03-02T02:00:00Z", end: "2027-03-02T15:30:00Z" });
    await page.goto(address);
    const press = async (from: string, key: string) => {
      await page.focus(box(from));
      await page.keyboard.press(key);
      return page.evaluate(() => (document.activeElement as HTMLInputElement).value);
    };
    expect(await press("2027-03-01,first_half", "ArrowRight")).toBe("2027-03-03,first_half");
    expect(await press("2027-03-03,first_half", "ArrowLeft")).toBe("2027-03-01,first_half");
    expect(await press("2027-02-23,second_half", "ArrowDown")).toBe("2027-03-02,second_half");
    expect(await press("2027-03-02,second_half", "ArrowUp")).toBe("2027-02-23,second_half");
    await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") });
  });

  test("Enter on a box or in the reason saves nothing, with and without JavaScript", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const opened = await open(address, { javaScriptEnabled });
      const { page } = opened;
      const sent: (string | null)[] = [];
      page.on("request", (request) => {
        if (request.method() === "POST" && request.url().endsWith("/granted-nights"))
          sent.push(new URLSearchParams(request.postData() ?? "").get("do"));
      });
      const first = page.locator(`.months ${box("2027-06-01,first_half")}`);
      await first.check();
      await first.press("Enter");
      await page.waitForSelector(".preview:has-text('Opened: 0.5 nights')");
      expect(sent).toEqual(javaScriptEnabled ? [] : ["preview"]);
      await Promise.all([page.waitForEvent("load"), page.locator("#reason").press("Enter")]);
      expect(new Set(sent)).toEqual(new Set(["preview"]));
      expect(await tickedOn(opened)).toContain("2027-06-01,first_half");
      await opened.close();
    }
  });

  test("a CSV file is read, and its errors are shown as text", async () => {
    const { page } = it;
    await page.goto(address);
    const folder = createFolder();
    const file = join(folder.path, "nights.csv");
    await Bun.write(file, "date,portion\n2027-04-01,all\n2027-04-05,all\n");
    await page.click("text=Import CSV");
    await Promise.all([page.waitForEvent("load"), page.setInputFiles("#file", file)]);
    expect(await tickedOn(it)).toEqual(halvesOf("04-01", "04-05"));
    await Bun.write(file, `date,portion\n${hostile},${hostile}\n`);
    await page.click("text=Import CSV");
    await Promise.all([page.waitForEvent("load"), page.setInputFiles("#file", file)]);
    expect(await page.textContent("#csv-error")).toContain("Line 2: Enter a date");
    expect(await page.inputValue("#csv")).toContain(hostile);
    expect(await tickedOn(it)).toEqual(halvesOf("04-01", "04-05"));
    expect(await violationsInAllThemes(page)).toEqual([]);
    folder.remove();
    expect(it.complaints.filter((one) => !one.includes("422"))).toEqual([]);
  });

  test("it works without JavaScript, and fits a screen of 320 px", async () => {
    const plain = await open(address, { javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    const { page } = plain;
    await page.check(box("2027-05-01,first_half"));
    await Promise.all([page.waitForEvent("load"), page.click("button[value=preview]")]);
    expect(await page.textContent(".preview")).toContain("Opened: 0.5 nights");
    await save(plain);
    expect(await tickedOn(plain)).toContain("2027-05-01,first_half");
    await page.click("text=Import CSV");
    await page.fill("#csv", "2027-05-02,second_half");
    await Promise.all([page.waitForEvent("load"), page.click("button[value=import]")]);
    expect(await tickedOn(plain)).toEqual(["2027-05-02,second_half"]);
    for (const part of await page.locator("#form > *, .months > *, .outcome > *").all()) {
      const { x = 0, width = 0 } = (await part.boundingBox()) ?? {};
      expect(x + width).toBeLessThanOrEqual(320);
    }
    await plain.close();
  });
});
