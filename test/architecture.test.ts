import { describe, expect, test } from "bun:test";
import { join, relative } from "node:path";

const root = join(import.meta.dir, "../src");

/** Which parts of src each part may import, beside itself. A part is a folder, or a file that stands alone. */
const mayImport: Record<string, readonly string[]> = {
  domain: [],
  config: [],
  // Drivers say in the domain's words what went wrong.
  database: ["domain"],
  log: ["domain"],
  store: ["domain", "database"],
  views: ["domain"],
  remote: ["domain"],
  auth: ["domain", "store", "remote"],
  routes: ["domain", "log", "store", "auth", "views", "remote"],
  commands: ["domain", "store", "auth", "views", "remote"],
  app: ["routes", "auth", "views", "domain", "log"],
  "app-parts": ["app", "config", "log", "parts", "routes"],
  workers: ["auth", "config", "domain", "log", "remote", "routes"],
  worker: ["app", "app-parts", "auth", "database", "domain", "log", "parts", "remote", "routes", "workers"],
  parts: ["config", "log", "domain", "database", "store", "remote", "auth"],
  serve: ["config", "log", "domain", "auth", "routes", "app", "app-parts", "parts", "workers"],
  main: ["config", "log", "domain", "database", "commands", "parts", "serve"],
};

const sources = await Promise.all(
  [...new Bun.Glob("**/*.{ts,tsx}").scanSync(root)]
    .sort()
    .map(async (path) => ({ path, text: await Bun.file(join(root, path)).text() })),
);
const partOf = (path: string) => (path.split("/")[0] as string).replace(/\.tsx?$/, "");
const importsOf = (text: string) =>
  [...text.matchAll(/(?:from |import |import\()"(\.[^"]+)"/g)].map(([, target]) => target as string);

describe("the house", () => {
  test("has no part that nobody has given a place", () => {
    expect(sources.filter(({ path }) => !Object.hasOwn(mayImport, partOf(path)))).toEqual([]);
  });

  for (const { path, text } of sources)
    test(`${path} imports only what it may`, () => {
      const parts = importsOf(text)
        .map((target) => relative(root, join(root, path, "..", target)))
        .filter((target) => !target.startsWith(".."))
        .map(partOf);
      const allowed = [partOf(path), ...(mayImport[partOf(path)] ?? [])];
      expect(parts.filter((part) => !allowed.includes(part))).toEqual([]);
    });

  const offenders = (pattern: RegExp, allowed: (path: string) => boolean) =>
    sources.filter(({ path, text }) => !allowed(path) && pattern.test(text)).map(({ path }) => path);

  test("reads the environment in one file", () => {
    expect(offenders(/(?:process|Bun)\.env\b/, (path) => path === "config.ts")).toEqual([]);
  });

  test("asks for the time in one file", () => {
    expect(offenders(/Date\.now|new Date\(\)/, (path) => path === "main.ts")).toEqual([]);
  });

  test("knows the engine in one folder", () => {
    expect(offenders(/engine\s*[!=]==?|bun:sqlite|from "postgres"/, (path) => path.startsWith("database/"))).toEqual(
      [],
    );
  });

  test("writes SQL in two folders", () => {
    expect(offenders(/\bsql`/, (path) => /^(?:store|database)\//.test(path))).toEqual([]);
  });

  test("has no try in a route", () => {
    expect(offenders(/\btry\s*\{/, (path) => !path.startsWith("routes/") || path === "routes/api/body.ts")).toEqual([]);
  });

  test("says in each TSX file what its elements are, since the compiler's settings are only read in their own folder", () => {
    expect(offenders(/^\/\*\* @jsxImportSource @kitajs\/html \*\/\n/, (path) => !path.endsWith(".tsx")).length).toBe(
      sources.filter(({ path }) => path.endsWith(".tsx")).length,
    );
  });

  test("begins each file with a sentence that says what it is", () => {
    expect(offenders(/^(?:#!.*\n|\/\*\* @jsx.*\n)?\/\*\* [A-Z`/].*[.:!?]/, () => false).length).toBe(sources.length);
  });
});
