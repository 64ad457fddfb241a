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
} from "../../src/time/instant.ts";

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
    // An unescaped plus sign in a URL or a form.
    ["2026-11-22T08:45:00 02:00", "2026-11-22T06:45:00Z"],
    ["2026-11-22 08:45 02:00", "2026-11-22T06:45:00Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00Z"],
    // Formats that OCS Downtime accepts through Python's `datetime.fromisoformat` and Django's `parse_datetime`.
    ["2027-03-01", "2027-03-01T00:00:00Z"],
    ["2027-3-1", "2027-03-01T00:00:00Z"],
    ["2027-03-01T00", "2027-03-01T00:00:00Z"],
    ["2027-03-01 14", "2027-03-01T14:00:00Z"],
    ["2027-03-01T14Z", "2027-03-01T14:00:00Z"],
    ["2027-03-01T14+02", "2027-03-01T12:00:00Z"],
    ["2027-3-1T0:0:0", "2027-03-01T00:00:00Z"],
    ["2027-3-1 4:5", "2027-03-01T04:05:00Z"],
    ["2027-3-1T4:5:6.7Z", "2027-03-01T04:05:06Z"],
    ["20270301", "2027-03-01T00:00:00Z"],
    ["20270301T0845", "2027-03-01T08:45:00Z"],
    ["20270301T084530.25+0200", "2027-03-01T06:45:30Z"],
    ["2027-03-01T0845Z", "2027-03-01T08:45:00Z"],
    ["2027-03-01_08:45", "2027-03-01T08:45:00Z"],
    ["2027-03-01T08:45:00.123456789Z", "2027-03-01T08:45:00Z"],
    ["2027-03-01T08:45:00+00:00:30", "2027-03-01T08:44:30Z"],
    ["2027-03-01T08:45 -01:00", "2027-03-01T09:45:00Z"],
    ["2027-W09-1", "2027-03-01T00:00:00Z"],
    ["2027-W09", "2027-03-01T00:00:00Z"],
    ["2027W097T10", "2027-03-07T10:00:00Z"],
    ["2026-W53-5", "2027-01-01T00:00:00Z"],
    ["2025-W01-1T00:00", "2024-12-30T00:00:00Z"],
  ];
  for (const [text, instant] of accepted)
    test(`${text} is ${instant}`, () => expect(plain(parseInstant(text))).toBe(instant));

  const refused = [
    "",
    "yesterday",
    "2026",
    "2026-11",
    "202611",
    "2026-326",
    "2026-11-22T",
    "2026-11-22Z",
    "2026-11-22+02:00",
    "2026-02-30",
    "2026-11-22T8",
    "2026-11-22T084",
    "2027-W00-1",
    "2027-W53-1",
    "2027-W09-8",
    "11/22/26",
    "Nov 22 2026",
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
    test(`${JSON.stringify(text)} is rejected`, () => expect(parseInstant(text)).toBeUndefined());
});

describe("an instant in a filter", () => {
  const accepted: [string, string][] = [
    ["2026-11-22", "2026-11-22T00:00:00Z"],
    ["11/22/2026", "2026-11-22T00:00:00Z"],
    ["1/2/2026", "2026-01-02T00:00:00Z"],
    ["11/22/2026 08:45", "2026-11-22T08:45:00Z"],
    ["11/22/2026 08:45:30.5", "2026-11-22T08:45:30Z"],
    ["2026-11-22 00:00:00", "2026-11-22T00:00:00Z"],
    ["2017-11-27 14", "2017-11-27T14:00:00Z"],
    ["2017-11-27   14:5", "2017-11-27T14:05:00Z"],
    // All formats that Django's English form fields accept.
    ["11/27/17", "2017-11-27T00:00:00Z"],
    ["1/2/68", "2068-01-02T00:00:00Z"],
    ["1/2/69", "1969-01-02T00:00:00Z"],
    ["11/27/17 8:5", "2017-11-27T08:05:00Z"],
    ["11/27/17 08:45:30.25", "2017-11-27T08:45:30Z"],
    ["Oct 25 2006", "2006-10-25T00:00:00Z"],
    ["Oct 25, 2006", "2006-10-25T00:00:00Z"],
    ["25 Oct 2006", "2006-10-25T00:00:00Z"],
    ["25 Oct, 2006", "2006-10-25T00:00:00Z"],
    ["october 5 2006", "2006-10-05T00:00:00Z"],
    ["October 25, 2006", "2006-10-25T00:00:00Z"],
    ["25 OCTOBER  2006", "2006-10-25T00:00:00Z"],
    ["1 May, 2006", "2006-05-01T00:00:00Z"],
  ];
  for (const [text, instant] of accepted)
    test(`${text} is ${instant}`, () => expect(plain(parseFilterInstant(text))).toBe(instant));

  for (const text of [
    "22/11/2026",
    "2026-02-30",
    "garbage",
    "2026",
    "2026-11",
    "Smarch 1 2026",
    "Feb 30 2026",
    "Oct 25 06",
    "Oct 25 2006 14:00",
    "11/27/1",
    "11/27/17Z",
  ])
    test(`${text} is rejected`, () => expect(parseFilterInstant(text)).toBeUndefined());
});

test("an imported file may put the day first", () => {
  expect(plain(parseImportedInstant("22-11-2026T08:45:00Z"))).toBe("2026-11-22T08:45:00Z");
  expect(plain(parseImportedInstant("2026-11-22T08:45:00Z"))).toBe("2026-11-22T08:45:00Z");
  expect(parseImportedInstant("31-02-2026T08:45:00Z")).toBeUndefined();
});

const millis = fc.integer({ min: Date.parse("0001-01-02T00:00:00Z"), max: Date.parse("9999-12-30T00:00:00Z") });

test("every instant survives being written with any offset and parsed", () => {
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

test("instants sort as strings in the order of time", () => {
  fc.assert(
    fc.property(millis, millis, (one, other) => {
      expect(Math.sign(Math.floor(one / 1000) - Math.floor(other / 1000))).toBe(
        toInstant(one) < toInstant(other) ? -1 : toInstant(one) > toInstant(other) ? 1 : 0,
      );
    }),
  );
});

test("every parsed instant is canonical, and no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d:T Z+/.-]{8,26}$/)), (text) => {
      for (const parse of [parseInstant, parseFilterInstant, parseImportedInstant]) {
        const instant = parse(text);
        if (instant !== undefined) expect(toInstant(toMillis(instant))).toBe(instant);
      }
    }),
  );
});

test("a stamp is an instant with microseconds", () => {
  const at = Date.parse("2026-11-22T08:45:00.123Z");
  expect(plain(toStamp(at))).toBe("2026-11-22T08:45:00.123000Z");
  expect(plain(instantOf(toStamp(at)))).toBe("2026-11-22T08:45:00Z");
  expect(plain(stampOf(toInstant(at)))).toBe("2026-11-22T08:45:00.000000Z");
  expect(stampOf(toInstant(at)) < toStamp(at)).toBe(true);
});
