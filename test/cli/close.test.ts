import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { engines, runCommand, type Service, startService } from "../harness.ts";

/** Commands have the real clock. */
const inHours = (hours: number) => `${new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19)}Z`;

for (const engine of engines)
  describe(`close and reopen on the command line on ${engine}`, () => {
    let service: Service;
    beforeEach(async () => {
      service = await startService({ engine });
    });
    afterEach(() => service.stop());
    const run = (...args: string[]) => runCommand(args, service.settings);
    const rows = async () =>
      (await service.ask<{ results: Record<"site" | "telescope" | "end" | "reason" | "category", string>[] }>("/api/"))
        .body.results;
    const openAt = async (site: string) => (await rows()).filter((row) => row.site === site && row.end > inHours(0.01));

    test("closes a site until sunrise, ends it, and says what still blocks it", async () => {
      await service.add({ start: inHours(-1), end: inHours(3), reason: "Wash \u001b[31m" });
      const closed = await run(
        "close",
        "--site",
        "ogg",
        "--until",
        "sunrise",
        "--reason",
        "Storm",
        "--category",
        "weather",
      );
      expect(closed).toMatchObject({ status: 0, errors: "" });
      expect(closed.output).toMatch(
        /^Closed \d telescopes at ogg: series \d+, once, from .+Z, until sunrise \(.+Z\)\n$/,
      );
      expect((await rows()).filter(({ reason }) => reason === "Storm")[0]).toMatchObject({ category: "weather" });
      await run("close", "--site", "coj", "--telescope", "clma.2m0a", "--until", "4h");
      expect((await openAt("coj")).map(({ telescope }) => telescope)).toEqual(["2m0a"]);
      const reopened = await run("reopen", "--site", "ogg");
      expect(reopened.output).toMatch(
        /^Reopened \d telescopes at ogg\nStill down: ogg clma 2m0a\tuntil .+Z\tWash .+\tdowntime \d+\n$/,
      );
      expect(reopened.output).not.toContain("\u001b");
      expect(await openAt("ogg")).toHaveLength(1);
      expect(await openAt("coj")).toHaveLength(1);
      expect((await run("reopen", "--site", "tst")).output).toBe("No active closures at tst\n");
    });

    test("leaves the other sites of a closure closed", async () => {
      const rule = { kind: "once", start: "now", end: inHours(5) };
      const body = JSON.stringify({ scopes: [{ telescope: "2m0a" }], rule });
      await runCommand(["series", "add", "-"], service.settings, body);
      const before = (await openAt("ogg")).length;
      expect((await run("reopen", "--site", "coj")).output).toBe("Reopened 1 telescope at coj\n");
      expect([(await openAt("coj")).length, (await openAt("ogg")).length]).toEqual([0, before]);
    });

    test("closes until further notice, and refuses what it doesn't know", async () => {
      const closed = await run("close", "--site", "coj", "--until", "until further notice");
      expect(closed.output).toContain("until further notice");
      for (const args of [
        ["close", "--site", "nop", "--until", "4h"],
        ["close", "--site", "coj", "--until", "soon"],
        ["close", "--site", "coj", "--telescope", "nop", "--until", "4h"],
        ["reopen", "--site", "nop"],
      ])
        expect([args, (await run(...args)).status]).toEqual([args, 1]);
      expect((await run("close", "--site", "coj")).status).toBe(2);
    });
  });
