import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Invalid } from "../../src/input/problem.ts";
import { endPlan, type Plan, type PlanPart, partsOf, planEdit, planNew, readFrom } from "../../src/series/plan.ts";
import { toInstant } from "../../src/time/instant.ts";
import { facility, noon } from "../harness.ts";

const now = toInstant(noon);
const body = {
  reason: "",
  scopes: [{ site: "ogg", telescope: "2m0a" }],
  rule: { kind: "calendar", zone: "UTC", start: "2027-01-01T20:00:00", minutes: 60, rrule: "FREQ=DAILY;COUNT=9" },
};
const newPlan = (fields: object) => planNew({ ...fields }, facility, now).plan;
const editPlan = (plan: Plan, fields: object, from?: string, shown?: PlanPart) =>
  planEdit(plan, { ...fields }, { from }, facility, now, shown).plan;
const dateOf = (day: number) => `2027-01-0${day}`;
const days = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("a plan", () => {
  test("that is edited from several dates and ended plans each day by the last edit that includes it", () => {
    const change = fc.record({
      from: fc.option(fc.integer({ min: 1, max: 9 })),
      reason: fc.constantFrom("a", "b", "c"),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.option(fc.integer({ min: 2, max: 9 })), (changes, end) => {
        let plan = newPlan(body);
        const expected = new Map(days.map((day) => [dateOf(day), ""]));
        for (const { from, reason } of changes) {
          plan = editPlan(plan, { reason }, from === null ? undefined : dateOf(from));
          for (const day of days) if (day >= (from ?? 0)) expected.set(dateOf(day), reason);
        }
        if (end !== null) {
          plan = endPlan(plan, dateOf(end));
          for (const day of days) if (day >= end) expected.delete(dateOf(day));
        }
        // A change of nothing, from the beginning on, books all there is.
        const { planned, plan: after } = planEdit(plan, {}, { begun: false }, facility, now);
        expect(new Map(planned.map(({ date, draft }) => [date, draft.reason]))).toEqual(expected);
        expect(after).toEqual(plan);
        const reasons = partsOf(plan).map(({ reason }) => reason);
        expect(reasons.filter((reason, index) => index > 0 && reason === reasons[index - 1])).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("that is edited as a whole keeps in each part the fields that weren't edited", () => {
    const night = { kind: "night", first: "2027-01-12", last: "2027-06-01", from: { event: "sunset" }, minutes: 30 };
    const first = newPlan({ ...body, rule: night });
    const second = { ...night, minutes: 45, weekdays: ["TU"] };
    const plan = endPlan(editPlan(first, { rule: second }, "2027-03-17"), "2027-05-04");
    const rulesOf = (rule: object, shown = 1) =>
      partsOf(editPlan(plan, { rule }, undefined, partsOf(plan)[shown])).map((part): unknown => part.rule);
    const from = { event: "sunset", offset_minutes: 0 };
    const [before, after] = [
      { ...night, from },
      { ...second, from },
    ];
    expect(rulesOf(second)).toEqual([before, after]);
    const last = "2027-04-30";
    expect(rulesOf({ ...second, last })).toEqual([
      { ...before, last },
      { ...after, last },
    ]);
    const to = { event: "midnight", offset_minutes: 0 };
    const { minutes, ...until } = { ...second, to };
    const { minutes: _, ...earlier } = { ...before, to };
    expect(rulesOf(until)).toEqual([earlier, { ...until, from }]);
    expect(rulesOf({ ...night, weekdays: [], last }, 0)).toEqual([
      { ...before, last },
      { ...after, last },
    ]);
    expect(rulesOf(body.rule)).toEqual([expect.objectContaining(body.rule)]);
  });

  test("that gets an end time loses its duration in every part", () => {
    const first = newPlan(body);
    const plan = editPlan(first, { rule: { ...body.rule, minutes: 45 } }, "2027-01-04");
    const { minutes, ...rest } = body.rule;
    const until = { ...rest, until_time: "21:30" };
    expect(partsOf(editPlan(plan, { rule: until })).map(({ rule }) => rule)).toEqual([expect.objectContaining(until)]);
    expect(partsOf(plan).map(({ rule }) => rule)).toEqual([body.rule, { ...body.rule, minutes: 45 }] as never);
  });

  test("is refused without downtimes", () => {
    const { plan } = planNew(body, facility, now);
    const late = { from: "2027-01-10", begun: false };
    expect(() => planEdit(plan, {}, late, facility, now)).toThrow("No downtimes would remain. End the series instead.");
    expect(() => planEdit(endPlan(plan, "2027-01-05"), {}, late, facility, now)).toThrow("ended on 2027-01-05");
  });

  test("is refused with too many downtimes in all parts together", () => {
    const hourly = { ...body.rule, minutes: 5, rrule: "FREQ=HOURLY;COUNT=5000" };
    const { plan } = planNew({ ...body, rule: hourly }, facility, now);
    const twice = { scopes: [{ site: "ogg" }] };
    expect(() => planEdit(plan, twice, { from: "2027-06-01", begun: false }, facility, now)).toThrow(Invalid);
  });
});

test("`from` is a date or the name of an occurrence", () => {
  expect(readFrom(" 2027-01-12 ")).toBe("2027-01-12");
  expect(readFrom("2027-01-12.2 ogg.clma.2m0a.")).toBe("2027-01-12");
  for (const wrong of ["", "soon", "2027-1-2", "2027-13-01", "2027-01-12T00:00:00Z", "once ogg.clma.2m0a."])
    expect(() => readFrom(wrong)).toThrow("Enter a date such as 2027-01-12.");
});
