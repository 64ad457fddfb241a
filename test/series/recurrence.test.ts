import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Refusal } from "../../src/input/text.ts";
import { readRecurrence } from "../../src/series/recurrence.ts";
import { recurrenceTimes } from "../../src/series/recurrence-times.ts";
import { isWhole, sample } from "../sample.ts";

setDefaultTimeout(60_000);

const recorded = await Bun.file(join(import.meta.dir, "../fixtures/recurrence.jsonl")).text();

/** What a rule is refused with, or its times as iCalendar spells them. */
function timesOf(text: string, start = "2027-01-13T12:00:00", zone = "UTC", last = "2200-12-31T00:00:00") {
  const rrule = readRecurrence(text);
  const found = rrule instanceof Refusal ? rrule : recurrenceTimes({ rrule, start, zone }, 5001, last);
  if (found instanceof Refusal) return found.text;
  return found.map(({ wall, at }) => (at ?? wall).replace(/[-:]/g, ""));
}
const datesOf = (text: string) => [timesOf(text)].flat().map((time) => time.replace(/^(\d{8})T120000$/, "$1"));

test("1,000 random rules are expanded as by python-dateutil, or refused", () => {
  const counts = { right: 0, refused: 0 };
  for (const line of sample(recorded.trim().split("\n"), 0.2)) {
    const [rule, start, times] = JSON.parse(line) as [string, string, string[] | null];
    const found = timesOf(rule, start);
    if (typeof found === "string") counts.refused++;
    else {
      expect([rule, start, ...found.map((time) => time.replace("Z", ""))]).toEqual([
        rule,
        start,
        ...(times ?? ["too rarely"]),
      ]);
      counts.right++;
    }
  }
  // What is refused: what the standard forbids, what comes too rarely, and what programs disagree about.
  expect(counts).toEqual(isWhole ? { right: 699, refused: 301 } : { right: 141, refused: 60 });
});

describe("a yearly rule with two limiting parts", () => {
  const rules: Record<string, readonly string[]> = {
    // Days 32 and 60 are Mondays in 2027, Tuesdays in 2028 and Thursdays in 2029.
    "BYYEARDAY=32,60;BYDAY=MO,TH;COUNT=4": ["20270201", "20270301", "20290201", "20290301"],
    "BYYEARDAY=59,60;BYMONTHDAY=1,29;COUNT=3": ["20270301", "20280229", "20290301"],
    "BYMONTHDAY=27,28;BYDAY=4WE;COUNT=2": ["20270127", "20320128"],
    "BYDAY=53MO;COUNT=2": ["20291231", "20351231"],
    "BYDAY=-53WE;COUNT=1": ["20310101"],
    "BYDAY=5SU;COUNT=2": ["20270131", "20280130"],
  };
  for (const [rule, dates] of Object.entries(rules))
    test(`${rule} has the days that match both`, () => {
      expect(datesOf(`FREQ=YEARLY;${rule}`)).toEqual([...dates]);
    });
});

describe("a rule is refused, naming the parts,", () => {
  const refused: Record<string, readonly [rule: string, part: RegExp]> = {
    "where days with and without a number are mixed": ["FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=2", /BYDAY/],
    "where the first week of a position isn't whole": [
      "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1;COUNT=2",
      /BYSETPOS.*WEEKLY/,
    ],
    "where a number of a day has no month or year": ["FREQ=WEEKLY;BYDAY=1TU;COUNT=2", /BYDAY.*FREQ/],
    "where days of the year are numbered in a month": ["FREQ=MONTHLY;BYYEARDAY=3;COUNT=2", /BYYEARDAY.*FREQ/],
    "where days of the month are numbered in a week": ["FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", /BYMONTHDAY.*FREQ/],
    "where weeks are numbered": ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=2", /BYWEEKNO.*BYDAY/],
    "where hours are limited": ["FREQ=HOURLY;BYDAY=MO;BYHOUR=2;COUNT=2", /BYDAY and BYHOUR.*DAILY/],
    "where minutes are limited": ["FREQ=MINUTELY;BYHOUR=2;COUNT=2", /BYHOUR.*DAILY/],
    "where seconds are limited": ["FREQ=SECONDLY;BYMINUTE=2;COUNT=2", /BYMINUTE.*DAILY/],
    "where a position is of nothing": ["FREQ=DAILY;BYSETPOS=1;COUNT=2", /BYSETPOS/],
  };
  for (const [name, [rule, part]] of Object.entries(refused))
    test(name, () => {
      expect(timesOf(rule)).toEqual(expect.stringMatching(part));
    });
});

test("a rule that never happens is refused at once, and so is one that ends before it happens", () => {
  const never = ["BYMONTH=2;BYMONTHDAY=30", "BYMONTH=4;BYMONTHDAY=31;BYHOUR=3;BYMINUTE=4;BYSECOND=5"];
  const rules = ["YEARLY", "MONTHLY", "DAILY"].flatMap((freq) => never.map((parts) => `${freq};${parts}`));
  for (const rule of sample(rules, 0.5))
    expect(timesOf(`FREQ=${rule};COUNT=1`)).toEqual(expect.stringContaining("too rarely"));
  expect(timesOf("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=20290101")).toEqual([]);
});

test("spaces between the parts of a rule are ignored", () => {
  const plain = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=3";
  for (const text of [
    "FREQ=WEEKLY; INTERVAL=2; BYDAY=MO, WE; COUNT=3",
    " RRULE: FREQ = WEEKLY ;\tINTERVAL= 2 ; BYDAY =MO ,WE ; COUNT =3 ; ",
    "rrule:freq=weekly;\r\n interval=2;\n byday=mo,we;count=3;",
  ])
    expect(readRecurrence(text)).toBe(plain);
  expect(readRecurrence("FREQ=WEEKLY INTERVAL=2;COUNT=3")).toBeInstanceOf(Refusal);
  expect(readRecurrence("FREQ=WEEKLY;COUNT=1 2")).toBeInstanceOf(Refusal);
});

describe("hours, minutes and seconds", () => {
  // Sydney puts its clock forward at 16:00Z on 2 October 2027, and back at 16:00Z on 3 April.
  const inSydney = (rule: string, start: string) => timesOf(rule, start, "Australia/Sydney");

  test("go on while the clock is put forward, and keep their number", () => {
    expect(inSydney("FREQ=HOURLY;COUNT=3", "2027-10-03T01:00:00")).toEqual([
      "20271002T150000Z",
      "20271002T160000Z",
      "20271002T170000Z",
    ]);
    expect(inSydney("FREQ=MINUTELY;INTERVAL=45;COUNT=3", "2027-10-03T01:30:00")).toEqual([
      "20271002T153000Z",
      "20271002T161500Z",
      "20271002T170000Z",
    ]);
    expect(inSydney("FREQ=SECONDLY;INTERVAL=1800;COUNT=3", "2027-10-03T01:30:00")).toEqual([
      "20271002T153000Z",
      "20271002T160000Z",
      "20271002T163000Z",
    ]);
  });

  test("go on while it is put back, and happen twice at ambiguous local times", () => {
    expect(inSydney("FREQ=HOURLY;COUNT=4", "2027-04-04T01:00:00")).toEqual([
      "20270403T140000Z",
      "20270403T150000Z",
      "20270403T160000Z",
      "20270403T170000Z",
    ]);
  });

  test("end at UNTIL: in UTC, a local time, or the end of a date", () => {
    const until = (text: string) => inSydney(`FREQ=HOURLY;UNTIL=${text}`, "2027-10-03T01:00:00").at(-1);
    expect(until("20271002T170000Z")).toBe("20271002T170000Z");
    expect(until("20271003T040000")).toBe("20271002T170000Z");
    expect(until("20271003")).toBe("20271003T120000Z");
  });

  test("are right in a zone whose clock moves by half an hour", () => {
    expect(timesOf("FREQ=HOURLY;COUNT=3", "2027-10-03T01:00:00", "Australia/Lord_Howe")).toEqual([
      "20271002T143000Z",
      "20271002T153000Z",
      "20271002T163000Z",
    ]);
  });
});
