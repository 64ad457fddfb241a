/** A real browser for the tests of pages: Chromium, if it is installed. */

import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Service } from "../harness.ts";
import { isWhole } from "../sample.ts";
import { publicAddressOf } from "./nginx.ts";

const executablePath = [
  process.env.CHROMIUM,
  // The same engine without a window: a quarter faster.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
]
  .filter((path) => path !== undefined)
  .find((path) => existsSync(path));

/** Whether the tests of pages can run. With CI=true they must. */
export const hasBrowser = executablePath !== undefined;

if (!hasBrowser) {
  const message =
    "NO CHROMIUM FOUND: THE PAGES ARE NOT TESTED. Install chromium or @sparticuz/chromium, or set CHROMIUM to its path.";
  if (process.env.CI === "true") throw new Error(message);
  console.warn(`\n${message}\n`);
}

// A test that times out closes the browser of all later tests, so each step times out long before.
export const testMillis = 60_000;
const stepMillis = 25_000;

// One browser for all files: starting one takes longer than most tests.
let browser: Promise<Browser> | undefined;

// A host that browsers don't treat as local: without TLS, they restrict its pages.
const args = ["--no-sandbox", "--host-resolver-rules=MAP observatory.test 127.0.0.1"];

async function launch(): Promise<Browser> {
  const started = await chromium.launch({ executablePath: executablePath ?? "", args });
  process.once("exit", () => void started.close());
  return started;
}

export interface Visit {
  readonly page: Page;
  /** Errors in the page, and all requests to other hosts. */
  readonly complaints: string[];
  /** The paths requested since the last call, below the service's. */
  asked(): string[];
  /** The path and query of an address in the page, or of the page itself, below the service's. */
  path(address?: string | null): string;
  /** The address at which a browser finds a path of the service. */
  address(path: string): string;
  close(): Promise<void>;
}

/** Opens a path of the service in a new window. */
export async function visit(service: Service, path: string, options: BrowserContextOptions = {}): Promise<Visit> {
  browser ??= launch();
  const { origin, path: below } = await publicAddressOf(options.baseURL ?? service.url);
  const context = await (await browser).newContext({
    reducedMotion: "reduce",
    ignoreHTTPSErrors: true,
    ...options,
    baseURL: origin,
  });
  const page = await context.newPage();
  const goto = page.goto.bind(page);
  page.goto = (address, how) => goto(address.startsWith("/") ? below + address : address, how);
  const pathOf = (url: string) => {
    const { pathname, search } = new URL(url);
    return pathname.slice(below.length) + search;
  };
  page.setDefaultTimeout(stepMillis);
  const complaints: string[] = [];
  let paths: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url.startsWith(`${origin}${below}/`)) paths.push(pathOf(url));
    else complaints.push(`request to another host: ${request.url()}`);
  });
  await page.goto(path);
  return {
    page,
    complaints,
    asked() {
      const before = paths;
      paths = [];
      return before;
    },
    address: (path) => origin + below + path,
    path: (address) => pathOf(new URL(address ?? "", page.url()).href),
    close: () => context.close(),
  };
}

const axe = Bun.file(Bun.resolveSync("axe-core/axe.min.js", import.meta.dir));

interface AxeResult {
  readonly violations: readonly { id: string; nodes: readonly { html: string; failureSummary: string }[] }[];
}

/** The violations that axe-core finds on a page, by all rules or some. */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await axe.text());
  // Faster: without reports of what passes, and without reading style sheets again for the one rule about orientation.
  const quick = { resultTypes: ["violations"], preload: false };
  const options = rules ? { ...quick, runOnly: { type: "rule", values: rules } } : quick;
  const { violations } = await page.evaluate(
    (options) => (globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResult> } }).axe.run(options),
    options,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
  );
}

/** The violations in each theme: by all rules in light mode, and in red on a phone; by the colour rules in the others. */
export async function violationsInAllThemes(page: Page): Promise<string[]> {
  const found = await axeViolations(page);
  await page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await axeViolations(page, ["color-contrast"])));
  await page.evaluate(() => document.documentElement.setAttribute("data-theme", "red"));
  if (isWhole) found.push(...(await axeViolations(page, ["color-contrast"])));
  await page.setViewportSize({ width: 390, height: 844 });
  found.push(...(await axeViolations(page)));
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (tooWide > 0) found.push(`${tooWide} px too wide`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}
