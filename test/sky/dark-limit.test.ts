import { describe, expect, test } from "bun:test";
import { darkLimitAt, nameOfDarkLimit, parseDarkLimits, spellDarkLimit } from "../../src/sky/dark-limit.ts";

describe("the limit of dark", () => {
  test.each([
    ["civil", 6, 6],
    ["nautical", 12, 12],
    ["astronomical", 18, 18],
    ["15", 15, 15],
    ["0.5", 0.5, 0.5],
    [" nautical , ogg : astronomical ", 12, 18],
    ["ogg:15.5", 12, 15.5],
    ["ogg:civil,18", 18, 6],
    ["toString:18", 12, 12],
  ])("is a name or degrees, and a site may have its own: %p", (text, everywhere, ogg) => {
    const limits = parseDarkLimits(text) ?? expect.unreachable();
    expect([darkLimitAt(limits, "coj"), darkLimitAt(limits, "ogg")]).toEqual([everywhere, ogg]);
  });

  test.each([
    "",
    " ",
    "dusk",
    "Nautical",
    "-12",
    "31",
    "1e1",
    "nautical,",
    "nautical,civil",
    "ogg:12,ogg:18",
    "ogg:",
    "ogg:coj:12",
    "constructor",
    "12°",
  ])("is refused when it is something else: %p", (text) => expect(parseDarkLimits(text)).toBeUndefined());

  test("is spelt so that it can be sent back", () => {
    for (const degrees of [0, 6, 12, 15.5, 18, 30])
      expect(darkLimitAt(parseDarkLimits(nameOfDarkLimit(degrees)) ?? {}, "ogg")).toBe(degrees);
    expect(["nautical", "15", "nautical,ogg:15"].map(spellDarkLimit)).toEqual([
      "nautical (12°)",
      "15°",
      "nautical,ogg:15",
    ]);
  });
});
