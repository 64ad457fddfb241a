import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createFolder, runCommand, startConfigdb } from "../harness.ts";

let folder: ReturnType<typeof createFolder>;
let configdb: ReturnType<typeof startConfigdb>;
let settings: Record<string, string>;
beforeEach(() => {
  folder = createFolder();
  configdb = startConfigdb();
  settings = { DB_NAME: join(folder.path, "test.sqlite3"), CONFIGDB_URL: configdb.url };
});
afterEach(() => {
  configdb.stop();
  folder.remove();
});

/** Runs a command with a file of these bytes. */
async function runOn(content: string | Uint8Array, ...args: string[]) {
  const path = join(folder.path, "file");
  await Bun.write(path, content);
  return runCommand([...args, path], settings);
}
const importing = (content: string | Uint8Array) => runOn(content, "import");
const reasons = async () => {
  const { output } = await runCommand(["export", "--format", "json"], settings);
  return (JSON.parse(output) as { reason: string }[]).map(({ reason }) => reason);
};

const header = "start,end,site,enclosure,telescope,instrument_type,reason";
const row = (day: number, reason: string) =>
  `2027-01-0${day}T00:00:00Z,2027-01-0${day}T06:00:00Z,ogg,clma,2m0a,,${reason}`;
const csv = [header, row(1, "Kühlung"), row(2, "Wäsche 🔭")].join("\n");
/** As Windows-1252 writes it, and ISO 8859-1. */
const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string, isBig: boolean) => {
  const bytes = Buffer.from(`\uFEFF${text}`, "utf16le");
  return isBig ? bytes.swap16() : bytes;
};

describe("a file that isn't UTF-8 is refused with the line number, and nothing is stored:", () => {
  const plan = { scopes: [{ site: "ogg" }], rule: { kind: "once" }, reason: "Kühlung" };
  const files: Record<string, readonly [command: string[], content: Uint8Array, line: number]> = {
    "CSV in Windows-1252": [["import"], latin([header, row(1, "plain"), row(2, "Kühlung")].join("\n")), 3],
    "CSV with Windows line breaks": [["import"], latin([header, row(1, ""), row(2, "Kühlung"), ""].join("\r\n")), 3],
    "CSV with classic Mac OS line breaks": [["import"], latin([header, row(1, ""), row(2, "Kühlung")].join("\r")), 3],
    "CSV with an incomplete last character": [["import"], Buffer.from(`${header}\n${row(1, "Kü")}`).subarray(0, -1), 2],
    "CSV with an error after a replacement character": [
      ["import"],
      Buffer.concat([Buffer.from(`${header}\n${row(1, "\uFFFD")}\n`), latin(row(2, "ü"))]),
      3,
    ],
    "CSV with an unpaired surrogate": [
      ["import"],
      Buffer.concat([Buffer.from(`${header}\n`), Uint8Array.of(0xed, 0xa0, 0xbd)]),
      2,
    ],
    "JSON in Windows-1252": [["import"], latin(`[\n{"reason":\n"Kühlung"}]`), 3],
    "a series in Windows-1252": [
      ["series", "add"],
      latin(JSON.stringify(plan, null, 1)),
      JSON.stringify(plan, null, 1)
        .split("\n")
        .findIndex((line) => line.includes("ü")) + 1,
    ],
  };
  for (const [name, [command, content, line]] of Object.entries(files))
    test(name, async () => {
      expect(await runOn(content, ...command)).toEqual({
        status: 1,
        output: "",
        errors: `Line ${line} isn't valid UTF-8. Save the file as UTF-8.\n`,
      });
      expect(await reasons()).toEqual([]);
    });

  test("UTF-16 with an incomplete character", async () => {
    const content = utf16(csv, false);
    expect(await importing(content.subarray(0, -1))).toMatchObject({
      status: 1,
      errors: "The file isn't valid UTF-16. Save it as UTF-8.\n",
    });
  });

  test("also from standard input", async () => {
    const bytes = latin(`${header}\n${row(1, "Kühlung")}`);
    const input = join(folder.path, "input");
    await Bun.write(input, bytes);
    const child = Bun.spawn([process.execPath, "src/main.ts", "import", "-"], {
      stdin: Bun.file(input),
      stderr: "pipe",
      env: { ...process.env, ...settings },
      cwd: join(import.meta.dir, "../.."),
    });
    expect(await new Response(child.stderr).text()).toContain("Line 2 isn't valid UTF-8.");
    expect(await child.exited).toBe(1);
  });
});

test("reads UTF-16 and UTF-8 with a byte order mark, as CSV, JSON and series", async () => {
  const rows = [row(1, "Kühlung"), row(2, "Wäsche 🔭")].map((line) => {
    const [start, end, site, enclosure, telescope, , reason] = line.split(",");
    return { start, end, site, enclosure, telescope, reason };
  });
  const texts = [csv, csv.replaceAll("\n", "\r\n"), JSON.stringify(rows)];
  for (const [index, text] of texts.entries())
    for (const [kind, content] of [utf16(text, false), utf16(text, true), `\uFEFF${text}`].entries()) {
      settings.DB_NAME = join(folder.path, `${index}-${kind}.sqlite3`);
      expect(await importing(content)).toMatchObject({ status: 0, errors: "" });
      expect(await reasons()).toEqual(["Kühlung", "Wäsche 🔭"]);
    }
  const plan = { scopes: [{ site: "nop" }], rule: {} };
  expect((await runOn(utf16(JSON.stringify(plan), true), "series", "add")).errors).toContain(
    '"nop" is not a valid choice',
  );
});

describe("a CSV file of a spreadsheet program", () => {
  test("may have rows of separators only; line numbers stay correct", async () => {
    const rows = [",,,,,,", header, ",,,,,,", row(1, "a"), " , ,\t,,,,", ",,", row(2, "b"), ",,,,,,,,,", ",,,,,,", ""];
    expect(await importing(rows.join("\r\n"))).toMatchObject({ status: 0, errors: "" });
    expect(await reasons()).toEqual(["a", "b"]);
    const bad = rows.map((line) => line.replace("2027-01-02T06", "2027-01-01T06"));
    expect((await importing(bad.join("\n"))).errors).toContain("\nline 7: End time must be after start time");
  });

  for (const [name, separator] of [
    ["commas", ","],
    ["semicolons", ";"],
    ["tabs", "\t"],
  ] as const)
    test(`may have ${name} as separators, with and without a separator line`, async () => {
      const text = csv.replaceAll(",", separator);
      const said = [
        "",
        `sep=${separator}\n`,
        `SEP=${separator}\r\n`,
        `"sep=${separator}"\n`,
        `sep=${separator}${separator.repeat(6)}\n`,
      ];
      for (const [index, line] of said.entries()) {
        settings.DB_NAME = join(folder.path, `${index}.sqlite3`);
        expect([line, await importing(`\uFEFF${line}${text}`)]).toMatchObject([line, { status: 0, errors: "" }]);
        expect(await reasons()).toEqual(["Kühlung", "Wäsche 🔭"]);
      }
      const wrong = `sep=${separator}\n${text.replace("2027-01-02T06", "2027-01-01T06")}`;
      expect((await importing(wrong)).errors).toContain("line 4: End time must be after start time");
    });

  test("may have other separators in its texts and column names", async () => {
    const text = [`"notes; a; b; c; d; e; f; g",${header}`, `"x;y",${row(1, "a;b;c")}`, `,${row(2, "d")}`].join("\n");
    expect(await importing(text)).toMatchObject({ status: 0 });
    expect(await reasons()).toEqual(["a;b;c", "d"]);
    expect(await importing(`sep=|\n${csv.replaceAll(",", "|")}`)).toMatchObject({ status: 0 });
  });

  test("is refused if it has a column twice, in any case, or a row with more or fewer columns", async () => {
    for (const name of ["site", " SITE ", "Reason"]) {
      const twice = [`${header},${name}`, `${row(1, "a")},coj`].join("\n");
      expect(await importing(twice)).toMatchObject({
        status: 1,
        errors: `The header has the column ${name.trim().toLowerCase()} twice. Remove one of them.\n`,
      });
    }
    expect(await importing([`note,${header},Note`, `x,${row(1, "a")},y`].join("\n"))).toMatchObject({ status: 1 });
    expect(await importing([`${header},,`, `${row(1, "a")},,`].join("\n"))).toMatchObject({ status: 0 });
    for (const [more, count] of [
      [`${row(2, "b")},c`, 8],
      ["2027-01-02T00:00:00Z,x", 2],
    ] as const)
      expect(await importing([header, row(1, "a"), more].join("\n"))).toMatchObject({
        status: 1,
        errors: `Invalid CSV: line 3 has ${count} columns, but the header has 7.\n`,
      });
  });
});
