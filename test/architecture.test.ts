/** The house rules: which folder may import which, and what a file's name promises. */

import { describe, expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

const root = join(import.meta.dir, "../src");

/** The folders of src in their order: a file imports from its own folder and from those before it. The files at the root come last. */
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
  "availability",
  "board",
  "schedule",
  "calendar",
  "import",
  "root",
];

/** What a file does, by the last word of its name. A file with none of these is the domain of its folder. */
const roles = ["api", "openapi", "page", "view", "form", "store", "rows", "sql", "command", "client"] as const;

/** Files that read or write the database, and whose names say so in a better word than "store". */
const storage = ["data-version", "change-log", "bulk-insert", "key-value", "django-database"];

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
/** The terminal and files are read and written in two files; cached lists are compressed where they are kept. */
const withIo = ["terminal", "text-file", "list-cache"];
const doesIo = (path: string) => ["database", "auth", "root"].includes(folderOf(path)) || withIo.includes(nameOf(path));
/** The rules of a subject, such as what overlaps what: no I/O, no clock, no Elysia. */
const isDomain = (path: string) =>
  !doesIo(path) && !["http", "ui"].includes(folderOf(path)) && roleOf(path) === undefined && !usesStorage(path);

/** The files that match a pattern although they may not. */
const offenders = (pattern: RegExp, allowed: (path: string) => boolean) =>
  sources.filter(({ path, text }) => !allowed(path) && pattern.test(text)).map(({ path }) => path);

describe("The folders", () => {
  test("all have a place in the order", () => {
    expect(sources.map(({ path }) => folderOf(path)).filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  for (const [path, targets] of graph)
    test(`${path} imports only from its own folder and those before it`, () => {
      const place = folders.indexOf(folderOf(path));
      expect(targets.filter((target) => folders.indexOf(folderOf(target)) > place)).toEqual([]);
    });

  test("have no file that imports itself by way of others, types included", () => {
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
  test("says that it uses the database: store, rows and sql files, and a few by name", () => {
    const users = [...graph].filter(([, targets]) => targets.some((target) => folderOf(target) === "database"));
    // Where a database is named, opened and described, and what its errors are called.
    expect(users.map(([path]) => path).filter((path) => !usesStorage(path) && !doesIo(path))).toEqual([]);
  });

  test("says that it contains markup: views, pages and forms, beside what ui/ has for all of them", () => {
    const isMarkup = (path: string) => folderOf(path) === "ui" || ["view", "page", "form"].includes(roleOf(path) ?? "");
    expect(sources.map(({ path }) => path).filter((path) => path.endsWith(".tsx") && !isMarkup(path))).toEqual([]);
  });

  test("promises of a view that it reads nothing from a store", () => {
    const views = [...graph].filter(([path]) => roleOf(path) === "view");
    expect(views.filter(([, targets]) => targets.some((target) => roleOf(target) === "store"))).toEqual([]);
  });

  test("without a role promises a domain: no I/O, no clock, no Elysia", () => {
    expect(offenders(/from "elysia"|\bBun\.|\bfetch\(|\bprocess\.|from "node:fs/, (path) => !isDomain(path))).toEqual(
      [],
    );
  });
});

describe("One place", () => {
  test("reads the environment", () => {
    expect(offenders(/(?:process|Bun)\.env\b/, (path) => path === "config.ts")).toEqual([]);
  });

  test("asks for the time", () => {
    expect(offenders(/Date\.now|new Date\(\)/, (path) => path === "main.ts")).toEqual([]);
  });

  test("knows the engine", () => {
    expect(offenders(/engine\s*[!=]==?|bun:sqlite|from "postgres"/, (path) => folderOf(path) === "database")).toEqual(
      [],
    );
  });

  test("writes SQL: store and sql files, and the database's own", () => {
    const writes = (path: string) => usesStorage(path) || folderOf(path) === "database";
    expect(offenders(/\bsql`(?!SELECT 1 AS answer)/, writes)).toEqual([]);
  });

  test("turns problems into answers: no try in an api, page or form file", () => {
    expect(offenders(/\btry\s*\{/, (path) => !["api", "page", "form"].includes(roleOf(path) ?? ""))).toEqual([]);
  });
});

describe("Each file", () => {
  test("with markup says what its elements are, since the compiler's settings are only read in their own folder", () => {
    const isMissing = ({ path, text }: (typeof sources)[number]) =>
      path.endsWith(".tsx") && !text.startsWith("/** @jsxImportSource @kitajs/html */\n");
    expect(sources.filter(isMissing)).toEqual([]);
  });

  test("begins with a sentence that says what it is", () => {
    const begins = /^(?:#!.*\n|\/\*\* @jsx.*\n)?\/\*\* [A-Z`/].*[.:!?]/;
    expect(sources.filter(({ text }) => !begins.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
