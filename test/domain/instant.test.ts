import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  instantOf,
  parseFilterInstant,
  parseImportedInstant,
  parseInstant,
  stampOf,
  toInstant,
  toMillis,
  toStamp,
} from "../../src/domain/instant.ts";

const plain = (text?: string) => text as string | undefined;

describe("an instant in a body", () => {
  const accepted: [string, string][] = [
    ["2026-11-22T08:45:00Z", "2026-11-22T08:45:00Z"],
    ["2026-11-22 08:45:00", "2026-11-22T08:45:00Z"],
    ["2026-11-22T08:45", "2026-11-22T08:45:00Z"],
    ["  2026-11-22T08:45:00Z  ", "2026-11-22T08:45:00Z"],
    ["2026-11-22T08:45:00.999999Z", "2026-11-22T08:45:00Z"],
    ["2026-11-22T08:45:00,5+00:00", "2026-11-22T08:45:00Z"],
    ["2026-11-22T08:45:00+10:00", "2026-11-21T22:45:00Z"],
    ["2026-11-22T08:45:00-0330", "2026-11-22T12:15:00Z"],
    ["2026-11-22T08:45:00+02", "2026-11-22T06:45:00Z"],
    ["2026-11-22t08:45:00z", "2026-11-22T08:45:00Z"],
    // A plus sign that nobody escaped in a URL or a form.
    ["2026-11-22T08:45:00 02:00", "2026-11-22T06:45:00Z"],
    ["2026-11-22 08:45 02:00", "2026-11-22T06:45:00Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00Z"],
  ];
  for (const [text, instant] of accepted)
    test(`${text} is ${instant}`, () => expect(plain(parseInstant(text))).toBe(instant));

  const refused = [
    "",
    "yesterday",
    "2026-11-22",
    "11/22/2026 08:45",
    "2023-02-29T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T08:60:00Z",
    "2026-11-22T08:45:60Z",
    "2026-11-22T08:45:00+24:00",
    "2026-11-22T08:45:00+10:60",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "2026-11-22T08:45:00Z and more",
    "２０２６-11-22T08:45:00Z",
    "2026-11-22T08:45:00Z\n2026",
  ];
  for (const text of refused)
    test(`${JSON.stringify(text)} is refused`, () => expect(parseInstant(text)).toBeUndefined());
});

describe("an instant in a filter", () => {
  const accepted: [string, string][] = [
    ["2026-11-22", "2026-11-22T00:00:00Z"],
    ["11/22/2026", "2026-11-22T00:00:00Z"],
    ["1/2/2026", "2026-01-02T00:00:00Z"],
    ["11/22/2026 08:45", "2026-11-22T08:45:00Z"],
    ["11/22/2026 08:45:30.5", "2026-11-22T08:45:30Z"],
    ["2026-11-22 00:00:00", "2026-11-22T00:00:00Z"],
  ];
  for (const [text, instant] of accepted)
    test(`${text} is ${instant}`, () => expect(plain(parseFilterInstant(text))).toBe(instant));

  for (const text of ["22/11/2026", "2026-02-30", "garbage", "2026", "2026-11"])
    test(`${text} is refused`, () => expect(parseFilterInstant(text)).toBeUndefined());
});

test("a file may put the day first", () => {
  expect(plain(parseImportedInstant("22-11-2026T08:45:00Z"))).toBe("2026-11-22T08:45:00Z");
  expect(plain(parseImportedInstant("2026-11-22T08:45:00Z"))).toBe("2026-11-22T08:45:00Z");
  expect(parseImportedInstant("31-02-2026T08:45:00Z")).toBeUndefined();
});

const millis = fc.integer({ min: Date.parse("0001-01-02T00:00:00Z"), max: Date.parse("9999-12-30T00:00:00Z") });

test("every moment survives being written and read, whatever its zone", () => {
  fc.assert(
    fc.property(
      millis,
      fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }),
      fc.constantFrom("T", " "),
      (at, offset, between) => {
        const instant = toInstant(at);
        const local = new Date(toMillis(instant) + offset * 60_000).toISOString();
        const clock = (minutes: number) =>
          `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
        const text = `${local.slice(0, 10)}${between}${local.slice(11, 19)}${offset < 0 ? "-" : "+"}${clock(Math.abs(offset))}`;
        expect(parseInstant(text)).toBe(instant);
        expect(parseFilterInstant(text)).toBe(instant);
      },
    ),
  );
});

test("instants sort as texts in the order of their moments", () => {
  fc.assert(
    fc.property(millis, millis, (one, other) => {
      expect(Math.sign(Math.floor(one / 1000) - Math.floor(other / 1000))).toBe(
        toInstant(one) < toInstant(other) ? -1 : toInstant(one) > toInstant(other) ? 1 : 0,
      );
    }),
  );
});

test("whatever is read is a real moment in the one spelling, and no text makes the parser fail", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d:T Z+/.-]{8,26}$/)), (text) => {
      for (const parse of [parseInstant, parseFilterInstant, parseImportedInstant]) {
        const instant = parse(text);
        if (instant !== undefined) expect(toInstant(toMillis(instant))).toBe(instant);
      }
    }),
  );
});

test("a stamp is an instant with the fraction of its second", () => {
  const at = Date.parse("2026-11-22T08:45:00.123Z");
  expect(plain(toStamp(at))).toBe("2026-11-22T08:45:00.123000Z");
  expect(plain(instantOf(toStamp(at)))).toBe("2026-11-22T08:45:00Z");
  expect(plain(stampOf(toInstant(at)))).toBe("2026-11-22T08:45:00.000000Z");
  expect(stampOf(toInstant(at)) < toStamp(at)).toBe(true);
});
