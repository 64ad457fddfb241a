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
  expect(counts).toEqual(isWhole ? { right: 867, refused: 133 } : { right: 180, refused: 21 });
});

describe("a yearly rule with two limiting parts", () => {
  const rules: Record<string, readonly string[]> = {
    // Days 32 and 60 are Mondays in 2027, Tuesdays in 2028 and Thursdays in 2029.
    "BYYEARDAY=32,60;BYDAY=MO,TH;COUNT=4": ["20270201", "20270301", "20290201", "20290301"],
    "BYYEARDAY=59,60;BYMONTHDAY=1,29;COUNT=3": ["20270301", "20280229", "20290301"],
    "BYWEEKNO=20;BYMONTHDAY=17;COUNT=3": ["20270517", "20280517", "20290517"],
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
    "where a week's days are left open": ["FREQ=YEARLY;BYWEEKNO=20;COUNT=2", /BYWEEKNO.*BYDAY/],
    "where January lies in a week of the year before": ["FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA;COUNT=9", /BYWEEKNO/],
    "where the first week of a position isn't whole": [
      "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1;COUNT=2",
      /BYSETPOS.*WEEKLY/,
    ],
    "where a number of a day has no month or year": ["FREQ=WEEKLY;BYDAY=1TU;COUNT=2", /BYDAY.*FREQ/],
    "where weeks are numbered in a month": ["FREQ=MONTHLY;BYWEEKNO=3;BYDAY=MO;COUNT=2", /BYWEEKNO.*FREQ/],
    "where days of the year are numbered in a month": ["FREQ=MONTHLY;BYYEARDAY=3;COUNT=2", /BYYEARDAY.*FREQ/],
    "where days of the month are numbered in a week": ["FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", /BYMONTHDAY.*FREQ/],
    "where numbered days are of numbered weeks": ["FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO;COUNT=2", /BYDAY.*BYWEEKNO/],
    "where a position is of nothing": ["FREQ=DAILY;BYSETPOS=1;COUNT=2", /BYSETPOS/],
  };
  for (const [name, [rule, part]] of Object.entries(refused))
    test(name, () => {
      expect(timesOf(rule)).toEqual(expect.stringMatching(part));
    });
});

test("a rule that never happens is refused at once, and so is one that ends before it happens", () => {
  const never = ["BYMONTH=2;BYMONTHDAY=30", "BYMONTH=4;BYMONTHDAY=31;BYHOUR=3;BYMINUTE=4;BYSECOND=5"];
  const rules = ["YEARLY", "MONTHLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"].flatMap((freq) =>
    never.map((parts) => `${freq};${parts}`),
  );
  rules.push("MINUTELY;INTERVAL=90;BYMINUTE=47", "SECONDLY;INTERVAL=2;BYSECOND=1", "HOURLY;INTERVAL=24;BYHOUR=3");
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
    expect(inSydney("FREQ=HOURLY;BYHOUR=2;COUNT=3", "2027-04-04T01:00:00")).toEqual([
      "20270403T150000Z",
      "20270403T160000Z",
      "20270404T160000Z",
    ]);
  });

  test("follow local time where a rule names them", () => {
    // There is no 02:00 on 3 October.
    expect(inSydney("FREQ=HOURLY;BYHOUR=2;COUNT=2", "2027-10-02T00:00:00")).toEqual([
      "20271001T160000Z",
      "20271003T150000Z",
    ]);
    expect(inSydney("FREQ=MINUTELY;BYHOUR=3;BYMINUTE=0,30;COUNT=3", "2027-10-03T00:00:00")).toEqual([
      "20271002T160000Z",
      "20271002T163000Z",
      "20271003T160000Z",
    ]);
    expect(inSydney("FREQ=HOURLY;BYMINUTE=15,45;BYSETPOS=-1;COUNT=3", "2027-10-03T01:00:00")).toEqual([
      "20271002T154500Z",
      "20271002T164500Z",
      "20271002T174500Z",
    ]);
  });

  test("end at UNTIL: in UTC, a local time, or the end of a date", () => {
    const until = (text: string) => inSydney(`FREQ=HOURLY;UNTIL=${text}`, "2027-10-03T01:00:00").at(-1);
    expect(until("20271002T170000Z")).toBe("20271002T170000Z");
    expect(until("20271003T040000")).toBe("20271002T170000Z");
    expect(until("20271003")).toBe("20271003T120000Z");
  });

  test("are right in a zone whose clock moves by half an hour, and before 1970", () => {
    expect(timesOf("FREQ=HOURLY;COUNT=3", "2027-10-03T01:00:00", "Australia/Lord_Howe")).toEqual([
      "20271002T143000Z",
      "20271002T153000Z",
      "20271002T163000Z",
    ]);
    expect(timesOf("FREQ=HOURLY;INTERVAL=6;BYHOUR=0,6;COUNT=3", "1969-12-31T18:00:00")).toEqual([
      "19700101T000000Z",
      "19700101T060000Z",
      "19700102T000000Z",
    ]);
    expect(timesOf("FREQ=MINUTELY;BYHOUR=23;BYMINUTE=30;COUNT=2", "1968-02-28T22:10:00")).toEqual([
      "19680228T233000Z",
      "19680229T233000Z",
    ]);
  });

  test("that would need a search past the horizon are refused, not cut", () => {
    const rule = "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;UNTIL=20400101";
    expect(timesOf(rule, "2028-01-01T00:00:00", "UTC", "2029-01-01T23:59:59")).toEqual(
      expect.stringContaining("too rarely"),
    );
  });
});
