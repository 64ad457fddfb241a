import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { type Service, startService } from "../harness.ts";
import { hasBrowser, testMillis, type Visit, violationsInAllThemes, visit } from "./browser.ts";

setDefaultTimeout(testMillis);

/** Console messages about statuses that the forms handle. */
const isExpected = (complaint: string) => /status of (409|422)/.test(complaint);

describe.skipIf(!hasBrowser)("accounts in a browser", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  const signInAs = async (name: string, password: string, next: string) => {
    const it = await visit(service, `/admin/sign-in?next=${next}`);
    await it.page.fill("#name", name);
    await it.page.fill("#password", password);
    await it.page.press("#password", "Enter");
    await it.page.waitForURL(`**${next}`);
    return it;
  };
  const secretOn = async (page: Page) => (await page.locator("output.secret").innerText()).trim();
  const end = async ({ complaints, close }: Visit) => {
    expect(complaints.filter((complaint) => !isExpected(complaint))).toEqual([]);
    await close();
  };
  const statusOf = async (token: string) =>
    (await service.send("/api/", { headers: { authorization: `Token ${token}` } })).status;

  test("staff add a user, who signs in, makes and revokes a token, changes the password and ends other sessions", async () => {
    const ada = await signInAs("ada", "ada-password", "/");
    await ada.page.click("summary:has-text('ada')");
    await ada.page.click("text=Users");
    await ada.page.fill("#username", "dora");
    await ada.page.click("text=Add user");
    const password = await secretOn(ada.page);
    await ada.page.reload();

    const dora = await signInAs("dora", password, "/account");
    const elsewhere = await signInAs("dora", password, "/account");
    const { page } = dora;
    expect(await page.locator("nav a").allInnerTexts()).not.toContain("Downtimes");
    expect(await page.locator(".choice a").allInnerTexts()).not.toContain("Users");
    await page.fill("#token_name", "laptop");
    // Enter creates the token, and presses no row's button.
    await page.press("#token_name", "Enter");
    const token = await secretOn(page);
    expect(await statusOf(token)).toBe(200);
    await page.goto("/account");
    expect(await page.content()).not.toContain(token);
    await page.click("[aria-label='Revoke laptop']");
    expect(await statusOf(token)).toBe(200);
    await page.click("main button >> text=Revoke");
    await page.locator("main [role=status]").waitFor();
    expect(await statusOf(token)).toBe(401);

    await page.fill("#old_password", "wrong");
    await page.fill("#new_password", "a good password");
    await page.click("text=Change password");
    await page.locator("main [role=alert] >> text=missing or wrong").waitFor();
    await page.fill("#old_password", password);
    await page.fill("#new_password", "a good password");
    await page.click("text=Change password");
    await page.locator("text=Password changed.").waitFor();
    await elsewhere.page.goto("/account");
    await elsewhere.page.locator("h1 >> text=Sign in").waitFor();

    await elsewhere.page.fill("#name", "dora");
    await elsewhere.page.fill("#password", "a good password");
    await elsewhere.page.press("#password", "Enter");
    await elsewhere.page.locator("text=(this one)").waitFor();
    await page.click("text=End all other sessions");
    await page.locator("text=All other sessions ended.").waitFor();
    await elsewhere.page.goto("/account");
    await elsewhere.page.locator("h1 >> text=Sign in").waitFor();
    for (const it of [ada, dora, elsewhere]) await end(it);
  });

  test("the last staff user gets an explanation, and stays", async () => {
    const ada = await signInAs("ada", "ada-password", "/admin/users");
    await ada.page.click("[aria-label='Disable ada']");
    await ada.page.click("main button.danger");
    await ada.page.locator("main [role=alert] >> text=the last local staff user").waitFor();
    await end(ada);
  });

  test("the pages have no accessibility violations in any theme, and fit a narrow screen", async () => {
    const ada = await signInAs("ada", "ada-password", "/admin/users");
    for (const path of ["/admin/users", "/account"]) {
      await ada.page.goto(path);
      expect(await violationsInAllThemes(ada.page)).toEqual([]);
      await ada.page.setViewportSize({ width: 320, height: 640 });
      expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      await ada.page.setViewportSize({ width: 1280, height: 800 });
    }
    await end(ada);
  });
});
