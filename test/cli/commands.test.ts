import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { forTerminal } from "../../src/input/text.ts";
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

const run = (...args: string[]) => runCommand(args, settings);
const runWith = (input: string, ...args: string[]) => runCommand(args, settings, input);
const write = async (name: string, text: string | Uint8Array) => {
  await Bun.write(join(folder.path, name), text);
  return join(folder.path, name);
};
const exported = async (...args: string[]) =>
  JSON.parse((await run("export", "--format", "json", ...args)).output) as Record<string, unknown>[];

const header = "start,end,site,enclosure,telescope,instrument_type,reason";
const csv = (...rows: string[]) => [header, ...rows, ""].join("\n");

describe("the command line", () => {
  test("shows its help and its version", async () => {
    const help = await run("--help");
    expect(help.status).toBe(0);
    for (const command of ["serve", "demo", "migrate", "create", "import", "export", "series", "user"])
      expect(help.output).toContain(`  ${command} `);
    expect(await run("--version")).toMatchObject({ status: 0, output: "0.1.0\n" });
  });

  test("exits with 2 for invalid usage", async () => {
    for (const args of [
      ["nonsense"],
      ["import"],
      ["create", "--start", "tomorrow"],
      ["export", "--format", "xml"],
      ["user", "add"],
    ])
      expect((await run(...args)).status).toBe(2);
    expect((await run("nonsense")).errors).toContain("unknown command 'nonsense'");
  });

  test("runs migrations", async () => {
    const migrations = readdirSync(join(import.meta.dir, "../../sql/sqlite")).sort();
    expect(await run("migrate")).toMatchObject({ status: 0, output: `Applied ${migrations.join(", ")}\n` });
    expect(await run("migrate")).toMatchObject({ status: 0, output: "Already up to date\n" });
  });
});

describe("create", () => {
  const place = ["-s", "ogg", "-e", "clma", "-t", "2m0a"];

  test("creates a downtime of a day from now by default", async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    expect(await run("create", ...place)).toMatchObject({ status: 0 });
    const [stored] = await exported();
    expect(stored).toMatchObject({ site: "ogg", instrument_type: "", reason: "Scheduled Maintenance" });
    const start = Date.parse(stored?.start as string);
    expect(start - before).toBeLessThan(20_000);
    expect(Date.parse(stored?.end as string) - start).toBe(24 * 3_600_000);
  });

  test("sets a category, which exports filter by and imports read", async () => {
    expect(await run("create", ...place, "--category", "weather")).toMatchObject({ status: 0 });
    expect((await run("create", ...place, "--category", "holiday")).errors).toContain("category");
    expect(await run("create", ...place, "--category", "fault")).toMatchObject({ status: 0 });
    expect(await run("create", ...place)).toMatchObject({ status: 0 });
    expect((await exported()).map(({ category }) => category)).toEqual(["weather", "fault", undefined]);
    const some = await exported("--category", "weather", "--category", "fault");
    expect(some.map(({ category }) => category)).toEqual(["weather", "fault"]);
    const table = "start,end,site,enclosure,telescope,Category\n2027-01-01,2027-01-02,ogg,clma,2m0a,";
    expect(await run("import", await write("good.csv", `${table}Closure\n`))).toMatchObject({ status: 0 });
    expect(await exported("--category", "closure")).toHaveLength(1);
    const bad = await run("import", await write("bad.csv", `${table}holiday\n`));
    expect([bad.status, bad.errors]).toEqual([1, expect.stringContaining('line 2: category: "holiday" is not')]);
  });

  test("accepts times, an offset and a duration as OCS Downtime did", async () => {
    const window = async (...args: string[]) => {
      expect((await run("create", ...place, ...args)).errors).toBe("");
      const { start, end } = (await exported("--order=-created"))[0] ?? {};
      return [start, end];
    };
    expect(await window("--start", "2027-01-01T00:00:00", "--end", "2027-01-02 00:00+02:00")).toEqual([
      "2027-01-01T00:00:00Z",
      "2027-01-01T22:00:00Z",
    ]);
    expect(await window("--start", "2026-12-20", "--end", "20261221T06")).toEqual([
      "2026-12-20T00:00:00Z",
      "2026-12-21T06:00:00Z",
    ]);
    expect(
      await window("--start", "2027-01-01T00:00:00Z", "--offset-hours", "1.5", "--end", "2027-01-02T00:00:00Z"),
    ).toEqual(["2027-01-01T01:30:00Z", "2027-01-02T00:00:00Z"]);
    expect(
      await window("--start", "2027-01-01T00:00:00Z", "--duration-hours", "0.5", "--end", "2027-01-02T00:00:00Z"),
    ).toEqual(["2027-01-01T00:00:00Z", "2027-01-01T00:30:00Z"]);
  });

  test("ignores the case of codes, and stores nothing twice", async () => {
    const window = ["--start", "2027-01-01T00:00:00Z", "--duration-hours", "1"];
    expect(await run("create", "-s", "OGG", "-e", "Clma", "-t", "2M0A", ...window)).toMatchObject({ status: 0 });
    expect(await run("create", ...place, ...window)).toEqual({
      status: 1,
      output: "",
      errors: "An identical downtime already exists (#1).\n",
    });
  });

  test("without a telescope fails, and lists the telescopes", async () => {
    expect(await run("create")).toEqual({
      status: 2,
      output: "",
      errors: [
        "error: required: --site, --enclosure, --telescope",
        "Usage: downtime create -s SITE -e ENCLOSURE -t TELESCOPE [-i INSTRUMENT_TYPE] [options]",
        "Telescopes:",
        "  -s ogg -e clma -t 2m0a [-i 2M0-SCICAM-MUSCAT | 2M0-FLOYDS-SCICAM]",
        "  -s ogg -e clma -t 0m4b [-i 0M4-SCICAM-QHY600]",
        "  -s coj -e clma -t 2m0a [-i 2M0-SCICAM-MUSCAT]",
        "  -s coj -e doma -t 1m0a [-i 1m0-SciCam-Sinistro]",
        "  -s tst -e doma -t 1m0a [-i 1m0-SciCam-Sinistro]",
        "",
      ].join("\n"),
    });
    const { errors } = await run("create", "-s", "OGG", "-e", "clma", "--reason", "x");
    expect(errors).toStartWith("error: required: --telescope\n");
    expect(errors).toContain("-t 0m4b");
    expect(await exported()).toEqual([]);
  });

  test("without a telescope also fails before ConfigDB has been reached", async () => {
    configdb.respond(() => new Response("down", { status: 503 }));
    const { status, errors } = await run("create", "-s", "ogg");
    expect([status, errors.includes("telescopes can't be listed")]).toEqual([2, true]);
  });

  test("accepts unambiguous abbreviations of options, as argparse does", async () => {
    const short = ["--sit", "ogg", "--encl=clma", "--tel", "2m0a", "--inst", "2M0-FLOYDS-SCICAM", "--reas", "--start"];
    expect(await run("create", ...short, "--st", "2026-12-20", "--dur", "2", "--off", "-1")).toMatchObject({
      status: 0,
      errors: "",
    });
    expect(await exported()).toMatchObject([
      {
        ...{ start: "2026-12-19T23:00:00Z", end: "2026-12-20T01:00:00Z", telescope: "2m0a" },
        ...{ instrument_type: "2M0-FLOYDS-SCICAM", reason: "--start" },
      },
    ]);
    expect(await run("create", ...place, "--s", "2026-12-21")).toMatchObject({
      status: 2,
      errors: "error: option '--s' is ambiguous: --site, --start\n",
    });
    expect((await run("create", ...place, "--nothing", "x")).status).toBe(2);
  });

  test("is validated like the API, with a line for each field", async () => {
    expect(await run("create", "-s", "nop", "-e", "clma", "-t", "9m9z")).toEqual({
      status: 1,
      output: "",
      errors: 'site: "nop" is not a valid choice.\ntelescope: "9m9z" is not a valid choice.\n',
    });
    expect(await run("create", ...place, "--duration-hours", "-1")).toMatchObject({
      status: 1,
      errors: "End time must be after start time\n",
    });
  });
});

describe("import", () => {
  const wash = "2027-01-01T00:00:00Z,2027-01-01T06:00:00Z,ogg,clma,2m0a,,Mirror wash";
  const rti = "2027-01-02T08:45:00Z,2027-01-02T09:15:00Z,coj,clma,2m0a,,RTI";

  test("imports the rows of a file, and skips duplicates", async () => {
    const file = await write("downtimes.csv", csv(wash, rti, wash));
    expect(await run("import", file)).toMatchObject({
      status: 0,
      output: "3 rows read, 2 imported, 1 duplicates skipped\n",
    });
    expect(await run("import", file)).toMatchObject({
      status: 0,
      output: "3 rows read, 0 imported, 3 duplicates skipped\n",
    });
    expect(await exported()).toMatchObject([{ reason: "Mirror wash" }, { reason: "RTI" }]);
  });

  test("accepts all line endings, a byte order mark, quotes, and codes in any case", async () => {
    const rows = [
      header.toUpperCase(),
      '01-01-2027T00:00:00Z,2027-01-01 06:00,OGG,CLMA,2M0A,2m0-scicam-muscat,"Wash, ""both"" mirrors"',
      "2027-01-02T00:00:00Z,2027-01-02T06:00:00Z,ogg,clma,2m0a,,plain",
    ];
    const stored = [];
    for (const end of ["\n", "\r\n", "\r"]) {
      settings.DB_NAME = join(folder.path, `${stored.length}.sqlite3`);
      expect((await run("import", await write("file.csv", `\uFEFF${rows.join(end)}${end}${end}`))).errors).toBe("");
      stored.push((await exported()).map(({ created, modified, ...rest }) => rest));
    }
    expect(stored[0]).toEqual([
      {
        id: 1,
        start: "2027-01-01T00:00:00Z",
        end: "2027-01-01T06:00:00Z",
        site: "ogg",
        enclosure: "clma",
        telescope: "2m0a",
        instrument_type: "2M0-SCICAM-MUSCAT",
        reason: 'Wash, "both" mirrors',
      },
      expect.objectContaining({ id: 2, reason: "plain" }),
    ]);
    expect(stored[1]).toEqual(stored[0] as never);
    expect(stored[2]).toEqual(stored[0] as never);
  });

  test("accepts semicolons, and lists ignored columns", async () => {
    const file = `${header};Checked by\n${wash};Ada`.replaceAll(",", ";");
    expect(await runWith(file, "import", "-")).toEqual({
      status: 0,
      output: "1 rows read, 1 imported, 0 duplicates skipped\n",
      errors: "Ignored columns: checked by\n",
    });
  });

  test("accepts mixed line endings", async () => {
    const mixed = `${header}\r\n${wash}\n${rti}\r\n`;
    expect(await runWith(mixed, "import", "-")).toMatchObject({
      status: 0,
      output: "2 rows read, 2 imported, 0 duplicates skipped\n",
    });
  });

  test("reads the API's responses and exported files, also from standard input", async () => {
    await run("import", await write("a.csv", csv(wash, rti)));
    const list = (await run("export", "--format", "json")).output;
    const table = (await run("export")).output;
    for (const text of [
      list,
      JSON.stringify({ count: 2, next: null, previous: null, results: JSON.parse(list) }),
      table,
    ]) {
      settings.DB_NAME = join(folder.path, `${text.length}.sqlite3`);
      expect(await runWith(text, "import", "-")).toMatchObject({
        status: 0,
        output: "2 rows read, 2 imported, 0 duplicates skipped\n",
      });
    }
  });

  test("stores nothing if a row is invalid, and lists invalid rows by line", async () => {
    const file = await write(
      "bad.csv",
      csv(
        wash,
        "yesterday,2027-01-01,nop,clma,2m0a,,x",
        '2027-02-30,2027-01-01T00:00:00Z,ogg,clma,2m0a,,"two\nlines"',
        rti,
        rti.replace("08:45", "10:00"),
      ),
    );
    const { status, errors } = await run("import", file);
    expect(status).toBe(1);
    const [summary, ...lines] = errors.trim().split("\n");
    expect(summary).toBe("Nothing imported: 3 of 5 rows are invalid.");
    expect(lines[0]).toStartWith("line 3: start: Datetime has wrong format.");
    expect(lines[0]).toContain('site: "nop" is not a valid choice.');
    expect(lines[1]).toStartWith("line 5: start: Datetime has wrong format.");
    expect(lines[2]).toBe("line 7: End time must be after start time");
    expect(await exported()).toEqual([]);
  });

  test("lists at most twenty invalid rows", async () => {
    const { errors } = await run(
      "import",
      await write("bad.csv", csv(...Array.from({ length: 30 }, () => wash.replace("ogg", "nop")))),
    );
    expect(errors.trim().split("\n")).toHaveLength(22);
    expect(errors).toEndWith("… and 10 more\n");
  });

  test("only counts in a dry run", async () => {
    const file = await write("a.csv", csv(wash, wash));
    expect(await run("import", "--dry-run", file)).toMatchObject({
      status: 0,
      output: "2 rows read, 1 would be imported, 1 duplicates skipped\n",
    });
    expect(await exported()).toEqual([]);
  });

  test("commits in chunks with --chunk, otherwise all or nothing", async () => {
    expect((await run("migrate")).status).toBe(0);
    const database = new Database(join(folder.path, "test.sqlite3"));
    database.run(`CREATE TRIGGER refusal BEFORE INSERT ON downtime WHEN new.reason = 'bad'
      BEGIN SELECT RAISE(ABORT, 'refused'); END`);
    database.close();
    const day = (number: number, reason: string) =>
      `2027-01-0${number}T00:00:00Z,2027-01-0${number}T06:00:00Z,ogg,clma,2m0a,,${reason}`;
    const file = await write("a.csv", csv(day(1, "a"), day(2, "b"), day(1, "a"), day(3, "bad"), day(4, "c")));
    expect((await run("import", file)).status).toBe(1);
    expect(await exported()).toEqual([]);
    expect((await run("import", "--chunk", "3", file)).status).toBe(1);
    expect((await exported()).map(({ reason }) => reason)).toEqual(["a", "b"]);
    const rest = await write("b.csv", csv(day(1, "a"), day(4, "c"), day(5, "d"), day(5, "d")));
    expect(await run("import", "--chunk", "1", rest)).toMatchObject({
      output: "4 rows read, 2 imported, 2 duplicates skipped\n",
    });
    for (const chunk of ["0", "x", "-1"]) expect((await run("import", "--chunk", chunk, file)).status).toBe(2);
    expect((await run("import", "--from-api", "http://127.0.0.1:1/", "--chunk", "5")).status).toBe(2);
    for (const url of ["", "nope", "127.0.0.1:8000", "ftp://other.example/", "/api/"])
      expect(await run("import", "--from-api", url)).toMatchObject({
        status: 2,
        errors: expect.stringContaining("Must be a URL that starts with https:// or http://."),
      });
  });

  test("only reads in a dry run, also during a long write of another process", async () => {
    const file = await write("a.csv", csv(wash));
    expect((await run("import", file)).status).toBe(0);
    const writer = new Database(join(folder.path, "test.sqlite3"));
    writer.run("BEGIN IMMEDIATE");
    const tried = await run("import", "--dry-run", file);
    const read = await run("export");
    writer.run("ROLLBACK");
    writer.close();
    expect(tried).toMatchObject({ output: "1 rows read, 0 would be imported, 1 duplicates skipped\n" });
    expect(read.status).toBe(0);
  });

  test("rejects files that it can't read", async () => {
    const refusal = async (text: string) => {
      const { status, errors } = await runWith(text, "import", "-");
      return `${status} ${errors.split("\n")[0]}`;
    };
    expect(await run("import", join(folder.path, "missing.csv"))).toMatchObject({ status: 1 });
    expect(await refusal("")).toBe("1 The file is empty.");
    expect(await refusal("start,end\n")).toBe("1 The header is missing these columns: site, enclosure, telescope.");
    expect(await refusal(csv('"open'))).toStartWith("1 Invalid CSV: ");
    expect(await refusal("{")).toStartWith("1 Invalid JSON: ");
    expect(await refusal('{"results": 5}')).toStartWith("1 The JSON must be");
    expect(await refusal("[5]")).toStartWith("1 Nothing imported: 1 of 1 rows are invalid.");
  });
});

test("export accepts the API's filters, and rejects what the API rejects", async () => {
  await runWith(
    csv(
      "2027-01-01T00:00:00Z,2027-01-01T06:00:00Z,ogg,clma,2m0a,,a",
      "2027-01-02T00:00:00Z,2027-01-02T06:00:00Z,coj,clma,2m0a,,b",
    ),
    "import",
    "-",
  );
  const reasons = async (...args: string[]) => (await exported(...args)).map(({ reason }) => reason);
  expect(await reasons("--site", "ogg")).toEqual(["a"]);
  expect(await reasons("--site", "ogg", "--site", "coj", "--order=-start")).toEqual(["b", "a"]);
  expect(await reasons("--starts_after", "2027-01-02")).toEqual(["b"]);
  expect((await run("export")).output.split("\n")[0]).toBe(
    "id,start,end,site,enclosure,telescope,instrument_type,reason,created,modified,series,category",
  );
  expect(await run("export", "--site", "nop")).toEqual({
    status: 1,
    output: "",
    errors: "site: Select a valid choice. nop is not one of the available choices.\n",
  });
});

test("export appends to a redirected file", async () => {
  await runWith(csv("2027-01-01T00:00:00Z,2027-01-01T06:00:00Z,ogg,clma,2m0a,,a"), "import", "-");
  const file = await write("out.csv", "kept\n");
  const command = `${process.execPath} ${join(import.meta.dir, "../../src/main.ts")} export >> ${file}`;
  const { PATH = "" } = process.env;
  expect(await Bun.spawn(["sh", "-c", command], { env: { PATH, ...settings } }).exited).toBe(0);
  const lines = (await Bun.file(file).text()).trim().split("\n");
  expect([lines[0], lines.length]).toEqual(["kept", 3]);
});

test("control characters are escaped for the terminal", async () => {
  const place = ["-e", "clma", "-t", "2m0a", "--start", "2027-01-01T00:00:00Z", "--duration-hours", "1"];
  const refused = await run("create", "-s", "\u001b[2J", ...place);
  expect(refused.errors).toContain("\\u001b[2J");
  const file = "start,end,site,enclosure,telescope,\u001b]0;title\u0007\n2027-01-01,2027-01-02,ogg,clma,2m0a,x\n";
  const imported = await runWith(file, "import", "-", "--dry-run");
  expect(imported.errors).toContain("\\u001b]0;title\\u0007");
  for (const { output, errors } of [refused, imported]) expect(forTerminal(output + errors)).toBe(output + errors);
});

describe("user", () => {
  test("creates users, and prints generated values once", async () => {
    const made = await run("user", "add", "ada", "--staff");
    expect(made.output).toMatch(/^Created staff user ada\nPassword: [0-9a-f-]{23}\nToken: [0-9a-f]{40}\n$/);
    const given = await runWith("a password\n", "user", "add", "ben", "--token", "my-own-token", "--password-stdin");
    expect(given.output).toBe("Created user ben\n");
    expect((await run("user", "list")).output).toBe("ada\tstaff\nben\n");
  });

  test("rejects tokens that are too short or can't be sent, and creates no user", async () => {
    for (const token of ["", "123456789", "twelve chars", "twelve\tchars", "zwölf-zeichen"])
      expect([token, await run("user", "add", "ada", "--token", token)]).toEqual([
        token,
        {
          status: 1,
          output: "",
          errors: "A token must have at least 10 printable ASCII characters, without spaces.\n",
        },
      ]);
    expect((await run("user", "list")).output).toBe("");
    expect((await run("user", "add", "ada", "--token", "1234567890")).status).toBe(0);
  });

  test("grants and revokes staff access", async () => {
    await run("user", "add", "ada");
    expect(await run("user", "staff", "ada", "on")).toMatchObject({
      status: 0,
      output: "Granted staff access to ada\n",
    });
    expect((await run("user", "list")).output).toBe("ada\tstaff\n");
    expect(await run("user", "staff", "ada", "off")).toMatchObject({
      status: 0,
      output: "Revoked staff access from ada\n",
    });
    expect((await run("user", "list")).output).toBe("ada\n");
    expect((await run("user", "staff", "ada", "maybe")).status).toBe(2);
    expect((await run("user", "staff", "ada")).status).toBe(2);
    expect(await run("user", "staff", "nobody", "on")).toMatchObject({
      status: 1,
      errors: "User not found: nobody\n",
    });
  });

  test("rejects a name that is taken or invalid, and an empty password", async () => {
    await run("user", "add", "ada");
    expect(await run("user", "add", "ada")).toMatchObject({ status: 1, output: "" });
    expect(await run("user", "add", "command line")).toMatchObject({ status: 1 });
    expect(await runWith("\n", "user", "add", "ben", "--password-stdin")).toMatchObject({ status: 1 });
    expect((await run("user", "list")).output).toBe("ada\n");
  });

  test("changes users and their tokens", async () => {
    await run("user", "add", "ada", "--staff");
    expect((await run("user", "password", "ada")).output).toMatch(/^Password: /);
    expect((await runWith("new one", "user", "password", "ada", "--password-stdin")).output).toBe(
      "Set the password of ada\n",
    );
    expect((await run("user", "token", "ada")).output).toMatch(/^Token: [0-9a-f]{40}\n$/);
    expect((await run("user", "token", "ada")).status).toBe(0);
    expect((await run("user", "disable", "ada")).status).toBe(0);
    expect((await run("user", "list")).output).toBe("ada\tstaff\tdisabled\n");
    expect((await run("user", "enable", "ada")).output).toBe("Enabled ada\n");
    expect((await run("user", "list")).output).toBe("ada\tstaff\n");
    for (const action of ["password", "token", "disable", "enable"])
      expect(await run("user", action, "nobody")).toMatchObject({ status: 1, errors: "User not found: nobody\n" });
  });
});
