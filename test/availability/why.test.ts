import { describe, expect, test } from "bun:test";
import { statusAt } from "../../src/availability/why.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { type Instant, parseInstant } from "../../src/time/instant.ts";

const at = (time: string) => parseInstant(`2026-11-22T${time}Z`) as Instant;
const downtime = (id: number, start: string, end: string) => ({ id, start: at(start), end: at(end) }) as Downtime;
const downtimes = [
  downtime(1, "08:00:00", "09:00:00"),
  downtime(2, "08:30:00", "10:00:00"),
  downtime(3, "10:00:00", "11:00:00"), // adjacent to the previous one
  downtime(4, "12:00:00", "11:30:00"), // ends before it starts, so it blocks nothing
  downtime(5, "13:00:00", "14:00:00"),
];
const status = (time: string, horizon?: string) => {
  const { blocking, until, isFinal } = statusAt(
    downtimes.filter(({ start }) => !horizon || start < at(horizon)),
    at(time),
    horizon ? at(horizon) : undefined,
  );
  return [blocking.map(({ id }) => id), until?.slice(11, 19), isFinal];
};

describe("why", () => {
  test("a downtime blocks from its start, inclusive, to its end, exclusive", () => {
    expect(status("07:59:59")).toEqual([[], "08:00:00", true]);
    expect(status("08:00:00")).toEqual([[1], "11:00:00", true]);
    expect(status("08:30:00")).toEqual([[1, 2], "11:00:00", true]);
    expect(status("08:59:59")).toEqual([[1, 2], "11:00:00", true]);
    expect(status("09:00:00")).toEqual([[2], "11:00:00", true]);
    expect(status("10:00:00")).toEqual([[3], "11:00:00", true]);
    expect(status("10:59:59")).toEqual([[3], "11:00:00", true]);
    expect(status("11:00:00")).toEqual([[], "13:00:00", true]);
    expect(status("12:00:00")).toEqual([[], "13:00:00", true]);
    expect(status("14:00:00")).toEqual([[], undefined, true]);
  });

  test("is final only when no later downtime can change it", () => {
    expect(status("08:00:00", "10:00:00")).toEqual([[1], "10:00:00", false]);
    expect(status("08:00:00", "11:00:00")).toEqual([[1], "11:00:00", false]);
    expect(status("08:00:00", "11:00:01")).toEqual([[1], "11:00:00", true]);
    expect(status("11:00:00", "13:00:00")).toEqual([[], undefined, false]);
    expect(status("11:00:00", "13:00:01")).toEqual([[], "13:00:00", true]);
  });
});
