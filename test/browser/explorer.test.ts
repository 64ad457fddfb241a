import { expect, setDefaultTimeout, test } from "bun:test";
import { startService } from "../harness.ts";
import { hasBrowser, testMillis, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

test.skipIf(!hasBrowser)(
  "the explorer of the API works under the policy that its page is sent with, and loads nothing from outside",
  async () => {
    const service = await startService();
    const { page, complaints, close } = await visit(service, "/docs/");
    await page.locator("#operations-Operation-getHealth .opblock-summary-control").click();
    await page.locator("#operations-Operation-getHealth .try-out__btn").click();
    await page.locator("#operations-Operation-getHealth button.execute").click();
    await page.waitForSelector(".live-responses-table .response-col_status >> text=200");
    expect(complaints).toEqual([]);
    await close();
    await service.stop();
  },
  30_000,
);
