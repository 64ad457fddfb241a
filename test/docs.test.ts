import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import packageJson from "../package.json";
import { settings } from "../src/config.ts";
import { FilterSchema, PageSchema } from "../src/downtime/filter.ts";
import { runCommand, startService } from "./harness.ts";

const readme = await Bun.file(join(import.meta.dir, "../README.md")).text();
const changelog = await Bun.file(join(import.meta.dir, "../CHANGELOG.md")).text();

/** The code spans in the first column of the first table under a heading. */
const firstColumn = (heading: string) => {
  const section = readme.split(new RegExp(`^(?:## |\\*\\*)${heading}`, "m"))[1]?.split(/^## /m)[0] ?? "";
  const rows = [...section.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell as string);
  return rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string));
};

describe("the README", () => {
  test("lists exactly the existing settings", () => {
    expect(firstColumn("Settings").sort()).toEqual(Object.keys(settings).sort());
  });

  test("lists exactly the existing filters", () => {
    const names = Object.keys({ ...FilterSchema.properties, ...PageSchema.properties });
    expect(firstColumn("Filters").sort()).toEqual(names.sort());
  });

  test("lists every route", async () => {
    const service = await startService();
    try {
      const named = firstColumn("API").filter((name) => /^[A-Z]+ \//.test(name));
      const { paths } = (await service.ask<{ paths: Record<string, object> }>("/openapi.json")).body;
      for (const [path, methods] of Object.entries(paths))
        for (const method of Object.keys(methods)) expect(named).toContain(`${method.toUpperCase()} ${path}`);
      for (const name of named) {
        const [method = "", path = ""] = name.split(" ");
        expect((await service.send(path.replace("{id}", "1"), { method })).status).not.toBe(405);
      }
    } finally {
      await service.stop();
    }
  });

  test("lists exactly the existing commands", async () => {
    const commandsOf = async (...args: string[]) => {
      const { output } = await runCommand([...args, "--help"], {});
      const names = [...(output.split("Commands:")[1] ?? "").matchAll(/^ {2}([a-z]+)/gm)].map(
        ([, name]) => name as string,
      );
      return names.filter((name) => name !== "help");
    };
    const groups = ["series", "user"];
    const all = (await commandsOf()).filter((name) => !groups.includes(name));
    for (const group of groups) all.push(...(await commandsOf(group)).map((name) => `${group} ${name}`));
    const named = firstColumn("Command line").map((name) => name.replace(/ [A-Z]+$/, ""));
    expect(named.sort()).toEqual(all.sort());
  });
});

test("the changelog has an entry for this version", () => expect(changelog).toContain(`## ${packageJson.version}`));
