/** The times at which a rule happens. */

import { type Instant, toInstant, toMillis } from "../time/instant.ts";
import { offsetAt } from "../time/zone.ts";

/** What the local clock does at a time: it skips it, shows it twice, or was changed since the time before. */
type ClockChange = "skipped" | "doubled" | "changed";

/** One time at which a rule happens, `[start, end)`. */
export interface RuleTime {
  /**
   * Identifies it also after the rule is edited: the local date, with `.2`, `.3` and so on where a day has several; or
   * `once`.
   */
  readonly key: string;
  /** The local date; of a night, that of its evening. */
  readonly date: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly clockChange?: ClockChange;
  /** What a clock change during it leaves between its end and the local time at which it should end. */
  readonly leaves?: "gap" | "overlap";
  /** The rule's own limit of dark at the site, in degrees. */
  readonly darkLimit?: number;
}

/** A date on which the rule can't happen. */
export interface SkippedNight {
  readonly site: string;
  readonly date: string;
  /** A sentence. */
  readonly why: string;
}

export interface RuleTimes {
  /** In order. */
  readonly times: readonly RuleTime[];
  readonly absences: readonly SkippedNight[];
}

export const minuteMillis = 60_000;
/** Adds minutes. */
export const moved = (at: Instant, minutes: number): Instant => toInstant(toMillis(at) + minutes * minuteMillis);

/** Marks the first time after each clock change. */
export const withChanges = (times: readonly RuleTime[], zone: string): readonly RuleTime[] =>
  times.map((time, index) => {
    const before = times[index - 1];
    const isChanged = before && offsetAt(before.start, zone) !== offsetAt(time.start, zone);
    return isChanged && !time.clockChange ? { ...time, clockChange: "changed" } : time;
  });
