import { describe, expect, test } from "bun:test";
import { needsConfirmation, oneYearAfter } from "../../src/downtime/state.ts";
import type { Site } from "../../src/facility/facility.ts";
import { sunriseAt } from "../../src/series/once-rule.ts";
import { type Instant, toInstant, toMillis } from "../../src/time/instant.ts";
import { facility } from "../harness.ts";
import { observatory } from "../series/observatory.ts";

const at = (text: string) => text as Instant;
const minutes = (from: Instant, count: number) => toInstant(toMillis(from) + count * 60_000);
const siteOf = (code: string) => [...facility.sites, ...observatory.sites].find((site) => site.code === code) as Site;
const sunrise = (code: string, now: Instant) => sunriseAt(siteOf(code), now);

describe("closing until sunrise", () => {
  // At coj the sun rises at 18:54 on that day, and a minute earlier on the next.
  const [rises, next] = [at("2026-11-22T18:54:00Z"), at("2026-11-23T18:54:00Z")];

  test("means the next one, and the one after that where it is nearer than 30 min", () => {
    expect(sunrise("coj", minutes(rises, -31))).toBe(rises);
    expect(sunrise("coj", minutes(rises, -30))).toBe(rises);
    for (const now of [minutes(rises, -29), toInstant(toMillis(rises) - 30 * 60_000 + 1000), minutes(rises, -1), rises])
      expect(Math.abs(toMillis(sunrise("coj", now) as Instant) - toMillis(next))).toBeLessThanOrEqual(60_000);
  });

  test("is at least 30 min away at every minute of two days, at every site that has one", () => {
    for (const code of ["coj", "ogg", "mko", "lyr", "uio"])
      for (let minute = 0; minute < 2 * 24 * 60; minute += 7) {
        const now = minutes(at("2026-11-22T00:00:00Z"), minute);
        const until = sunrise(code, now);
        if (until) expect(toMillis(until) - toMillis(now)).toBeGreaterThanOrEqual(30 * 60_000);
      }
  });

  test("isn't offered for a site without coordinates", () => {
    expect([sunrise("tst", rises), sunriseAt(undefined, rises)]).toEqual([undefined, undefined]);
  });
});

describe("until further notice", () => {
  test("is stored as an end one year ahead", () => {
    expect(oneYearAfter(at("2026-11-22T12:34:56Z"))).toBe(at("2027-11-22T12:34:56Z"));
    expect(oneYearAfter(at("2027-06-01T00:00:00Z"))).toBe(at("2028-06-01T00:00:00Z"));
    expect(oneYearAfter(at("2028-02-29T00:00:00Z"))).toBe(at("2029-03-01T00:00:00Z"));
  });

  test("is questioned from the 14th day on, and nothing else is", () => {
    const said = new Map([[1, at("2026-11-22T12:00:00Z")]]);
    expect(needsConfirmation({ id: 1 }, said, at("2026-12-06T11:59:59Z"))).toBe(false);
    expect(needsConfirmation({ id: 1 }, said, at("2026-12-06T12:00:00Z"))).toBe(true);
    expect(needsConfirmation({ id: 2 }, said, at("2027-12-06T12:00:00Z"))).toBe(false);
  });
});
