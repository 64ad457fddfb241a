/** Moment: one time that a rule happens, and what is told of it. */

import { type Instant, toInstant, toMillis } from "../time/instant.ts";
import { offsetAt } from "../time/zone.ts";

/**
 * What the clock does that somebody should know: it leaps over the time that was asked for, or shows it twice, or was
 * changed since the moment before.
 */
type ClockChange = "skipped" | "doubled" | "changed";

/** One time that a rule happens, `[start, end)`. */
export interface RuleTime {
  /**
   * Names it among the rule's others, also after the rule is changed: the local date, with `.2`, `.3` and so on where a
   * day has several, or `once`.
   */
  readonly key: string;
  /** The local date: of a night, that of its evening. */
  readonly date: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly leap?: ClockChange;
  /** What the clock's change during it leaves on the clock between its end and the time at which it should end. */
  readonly leaves?: "gap" | "overlap";
}

/** A night on which the rule can't happen. */
export interface SkippedNight {
  readonly site: string;
  readonly date: string;
  /** A sentence. */
  readonly why: string;
}

export interface RuleTimes {
  /** In order. */
  readonly moments: readonly RuleTime[];
  readonly absences: readonly SkippedNight[];
}

export const minuteMillis = 60_000;
/** The instant so many minutes later. */
export const moved = (at: Instant, minutes: number): Instant => toInstant(toMillis(at) + minutes * minuteMillis);

/** Marks those before which the clock was changed. */
export const withChanges = (moments: readonly RuleTime[], zone: string): readonly RuleTime[] =>
  moments.map((moment, index) => {
    const before = moments[index - 1];
    const isChanged = before && offsetAt(before.start, zone) !== offsetAt(moment.start, zone);
    return isChanged && !moment.leap ? { ...moment, leap: "changed" } : moment;
  });
