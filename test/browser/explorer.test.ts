import { expect, test } from "bun:test";
import { chromium } from "playwright-core";
import { startService } from "../harness.ts";

test("the explorer of the API works under the policy that its page is sent with, and loads nothing from outside", async () => {
  const service = await startService();
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${service.url}/docs/`);
    await page.locator("#operations-Operation-getHealth .opblock-summary-control").click();
    await page.locator("#operations-Operation-getHealth .try-out__btn").click();
    await page.locator("#operations-Operation-getHealth button.execute").click();
    await page.waitForSelector(".live-responses-table .response-col_status >> text=200");
    expect(complaints).toEqual([]);
    expect([...new Set(asked)]).toEqual([service.url]);
  } finally {
    await browser.close();
    await service.stop();
  }
});
