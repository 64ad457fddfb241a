import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runCommand, type Service, startService } from "../harness.ts";

const plan = {
  reason: "Education",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "", minutes: 60, rrule: "FREQ=DAILY;COUNT=3" },
};

/** Commands have the real clock. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe("series on the command line", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  const run = (...args: string[]) => runCommand(["series", ...args], service.settings);
  const add = (changes: object, ...args: string[]) => {
    const rule = { ...plan.rule, start: `${inDays(10)}T20:00:00` };
    return runCommand(["series", "add", "-", ...args], service.settings, JSON.stringify({ ...plan, rule, ...changes }));
  };

  test("creates, lists, ends and deletes a series", async () => {
    const tried = await add({}, "--dry-run");
    expect(tried).toMatchObject({ status: 0, errors: "" });
    expect(tried.output.split("\n")).toEqual([
      ...[10, 11, 12].map((day) => `${inDays(day)} 20:00Z\t${inDays(day)} 21:00Z\togg · clma · 2m0a\tlight`),
      "3 downtimes would be created, 0 duplicates skipped, 0 overlap other downtimes",
      "",
    ]);
    expect(await add({})).toMatchObject({
      status: 0,
      output: "Created series 1\n3 downtimes created, 0 duplicates skipped, 0 overlap other downtimes\n",
    });
    expect((await run("list")).output).toMatch(/^1\tEducation\t.+\togg · 2m0a\t3 downtimes\n$/);
    expect(await run("end", "1", "--from", inDays(12))).toMatchObject({
      output: `1 downtime deleted\nSeries 1 ends on ${inDays(12)}\n`,
    });
    expect((await run("list")).output).toEndWith(`\t2 downtimes\tended on ${inDays(12)}\n`);
    expect((await run("delete", "1", "--dry-run")).output).toBe("2 downtimes would be deleted\n");
    expect((await run("delete", "1")).output).toBe("2 downtimes deleted\nSeries 1 deleted\n");
    expect((await run("list")).output).toBe("No series\n");
  });

  test("ends a series now, and warns when nothing was edited", async () => {
    const { output } = await add({ reason: "Ended now" });
    const id = /Created series (\d+)/.exec(output)?.[1] ?? "";
    expect((await run("end", id, "--from", "now", "--dry-run")).output).toBe(
      "0 active downtimes would end now\n3 downtimes would be deleted\n",
    );
    expect(await run("end", id, "--from", "now")).toMatchObject({
      status: 0,
      output: `0 active downtimes ended\n3 downtimes deleted\nSeries ${id} ends on ${inDays(10)}\n`,
      errors: "",
    });
    expect(await run("end", id, "--from", "NOW")).toMatchObject({
      status: 0,
      errors: "Warning: No downtime was edited: the series has none in that time.\n",
    });
  });

  test("explains errors", async () => {
    expect(await add({ scopes: [{ site: "nop" }] })).toMatchObject({
      status: 1,
      errors: 'scopes.0.site: "nop" is not a valid choice.\n',
    });
    expect(await runCommand(["series", "add", "-"], service.settings, "[]")).toMatchObject({
      status: 1,
      errors: "Not a series: expected an object with scopes and a rule.\n",
    });
    expect(await run("delete", "99")).toMatchObject({ status: 1, errors: "Not found.\n" });
    expect((await run("delete", "x")).status).toBe(2);
    expect((await run("end", "1")).status).toBe(2);
  });
});
