/** Rules of the code: which folder may import which, and what a file name promises. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dir, "../src");

/** The folders of src in order: a file imports from its own folder and those before it. Files at the root come last. */
const folders = [
  "time",
  "input",
  "sky",
  "database",
  "http",
  "facility",
  "auth",
  "ui",
  "account",
  "downtime",
  "series",
  "activity",
  "availability",
  "uptime",
  "board",
  "schedule",
  "calendar",
  "places",
  "notify",
  "import",
  "root",
];

/** The role of a file, by the last word of its name. A file without one contains its folder's rules. */
const roles = ["api", "openapi", "page", "view", "form", "store", "rows", "sql", "command", "client"] as const;

/** Files that use the database and have a better name than "store". */
const storage = ["change-log", "key-value", "django-database"];

const sources = await Promise.all(
  [...new Bun.Glob("**/*.{ts,tsx}").scanSync(root)]
    .sort()
    .map(async (path) => ({ path, text: await Bun.file(join(root, path)).text() })),
);

const folderOf = (path: string) => (path.includes("/") ? (path.split("/")[0] as string) : "root");
const nameOf = (path: string) => (path.split("/").at(-1) as string).replace(/\.tsx?$/, "");
const roleOf = (path: string) => {
  const words = nameOf(path).split("-");
  return roles.find((role) => role === words.at(-1)) ?? roles.find((role) => role === words[0] && role === "store");
};
const importsOf = (path: string, text: string) =>
  [...text.matchAll(/(?:from |import |import\()"(\.[^"]+\.tsx?)"/g)]
    .map(([, target]) => normalize(join(dirname(path), target as string)))
    .filter((target) => !target.startsWith(".."));
const graph = new Map(sources.map(({ path, text }) => [path, importsOf(path, text)]));

const usesStorage = (path: string) =>
  ["store", "rows", "sql"].includes(roleOf(path) ?? "") || storage.includes(nameOf(path));
/** Exceptions: the terminal, and the compression of cached lists. */
const withIo = ["terminal", "list-cache"];
const doesIo = (path: string) => ["database", "auth", "root"].includes(folderOf(path)) || withIo.includes(nameOf(path));
/** Rules of a subject: no I/O, no clock, no Elysia. */
const isDomain = (path: string) =>
  !doesIo(path) && !["http", "ui"].includes(folderOf(path)) && roleOf(path) === undefined && !usesStorage(path);

/** The files that match a pattern but must not. */
const offenders = (pattern: RegExp, allowed: (path: string) => boolean) =>
  sources.filter(({ path, text }) => !allowed(path) && pattern.test(text)).map(({ path }) => path);

describe("The folders", () => {
  test("are all in the list", () => {
    expect(sources.map(({ path }) => folderOf(path)).filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  for (const [path, targets] of graph)
    test(`${path} imports only from its own folder and those before it`, () => {
      const place = folders.indexOf(folderOf(path));
      expect(targets.filter((target) => folders.indexOf(folderOf(target)) > place)).toEqual([]);
    });

  test("are in the map of CONTRIBUTING.md, in this order, and the files that it names exist", () => {
    const guide = readFileSync(join(root, "../CONTRIBUTING.md"), "utf8");
    const mapped = [...guide.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, folder]) => folder);
    expect([...mapped, "root"]).toEqual(folders);
    const named = [...guide.matchAll(/`([a-z]+\/[\w/.-]+\.\w+)`/g)].map(([, path]) => path as string);
    const isThere = (path: string) => existsSync(join(root, path)) || existsSync(join(root, "..", path));
    expect(named.filter((path) => !/NNNN/.test(path) && !isThere(path))).toEqual([]);
  });

  test("have no import cycles, including types", () => {
    const cycles: string[] = [];
    const state = new Map<string, "open" | "done">();
    const visit = (path: string, way: readonly string[]) => {
      if (state.get(path) === "done") return;
      if (state.get(path) === "open") {
        cycles.push([...way.slice(way.indexOf(path)), path].join(" > "));
        return;
      }
      state.set(path, "open");
      for (const target of graph.get(path) ?? []) visit(target, [...way, path]);
      state.set(path, "done");
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe("A file's name", () => {
  test("shows that it uses the database: store, rows and sql files, and a few others", () => {
    const users = [...graph].filter(([, targets]) => targets.some((target) => folderOf(target) === "database"));
    // Files that name, open or describe a database, or handle its errors.
    expect(users.map(([path]) => path).filter((path) => !usesStorage(path) && !doesIo(path))).toEqual([]);
  });

  test("shows that it contains markup: views, pages, forms and ui/", () => {
    const isMarkup = (path: string) => folderOf(path) === "ui" || ["view", "page", "form"].includes(roleOf(path) ?? "");
    expect(sources.map(({ path }) => path).filter((path) => path.endsWith(".tsx") && !isMarkup(path))).toEqual([]);
  });

  test("shows that it is a view, which uses no store", () => {
    const views = [...graph].filter(([path]) => roleOf(path) === "view");
    expect(views.filter(([, targets]) => targets.some((target) => roleOf(target) === "store"))).toEqual([]);
  });

  test("without a role promises pure rules: no I/O, no clock, no Elysia", () => {
    expect(offenders(/from "elysia"|\bBun\.|\bfetch\(|\bprocess\.|from "node:fs/, (path) => !isDomain(path))).toEqual(
      [],
    );
  });
});

describe("One place", () => {
  test("reads the environment", () => {
    expect(offenders(/(?:process|Bun)\.env\b/, (path) => path === "config.ts")).toEqual([]);
  });

  test("creates a clock", () => {
    expect(offenders(/Date\.now|new Date\(\)/, (path) => path === "main.ts")).toEqual([]);
  });

  test("knows the engine", () => {
    expect(offenders(/engine\s*[!=]==?|bun:sqlite|from "postgres"/, (path) => folderOf(path) === "database")).toEqual(
      [],
    );
  });

  test("contains SQL: store and sql files, and database/", () => {
    const writes = (path: string) => usesStorage(path) || folderOf(path) === "database";
    expect(offenders(/\bsql`(?!SELECT 1 AS answer)/, writes)).toEqual([]);
  });

  test("turns errors into responses: no try in api, page and form files", () => {
    expect(offenders(/\btry\s*\{/, (path) => !["api", "page", "form"].includes(roleOf(path) ?? ""))).toEqual([]);
  });
});

describe("Each file", () => {
  test("with markup has the JSX pragma, since TypeScript's settings apply only in their own folder", () => {
    const isMissing = ({ path, text }: (typeof sources)[number]) =>
      path.endsWith(".tsx") && !text.startsWith("/** @jsxImportSource @kitajs/html */\n");
    expect(sources.filter(isMissing)).toEqual([]);
  });

  test("begins with a sentence that says what it is", () => {
    const begins = /^(?:#!.*\n|\/\*\* @jsx.*\n)?\/\*\* [A-Z`/].*[.:!?]/;
    expect(sources.filter(({ text }) => !begins.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe("A test", () => {
  const tests = [...new Bun.Glob("**/*.ts").scanSync(import.meta.dir)].map((path) => ({
    path,
    text: readFileSync(join(import.meta.dir, path), "utf8"),
  }));
  const pathsOf = (pattern: RegExp) => tests.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  test("that needs a browser is in browser/", () => {
    expect(pathsOf(/from "[^"]*\/browser\.ts"/).filter((path) => !path.startsWith("browser/"))).toEqual([]);
  });

  test("that needs a program of the system is in a *.system.ts", () => {
    expect(pathsOf(/\bhasProgram\(/).filter((path) => !/\.system\.ts$|^programs\.ts$/.test(path))).toEqual([]);
  });
});
