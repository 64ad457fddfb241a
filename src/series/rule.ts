/** Rules: when a series happens: nightly, by clock time, or one time. */

import { Type } from "@sinclair/typebox";
import { isRefused, type Reader, readChoice } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { type CalendarRule, CalendarSchema, calendarKind } from "./calendar-rule.ts";
import { nightKind } from "./night-kind.ts";
import { type NightRule, NightSchema } from "./night-rule.ts";
import { type OnceRule, OnceSchema, onceKind } from "./once-rule.ts";
import { type RuleKind, refuse } from "./rule-kind.ts";

export const RuleSchema = Type.Union([NightSchema, CalendarSchema, OnceSchema]);
export type Rule = NightRule | CalendarRule | OnceRule;

/** The kinds of rules, in the order of the form; the first is the default. */
export const ruleKinds: Readonly<Record<Rule["kind"], RuleKind<Rule>>> = {
  night: nightKind,
  calendar: calendarKind,
  once: onceKind,
};
export const kindNames = Object.keys(ruleKinds) as Rule["kind"][];

const readKind = readChoice(kindNames);

/** Reads a rule: first its kind, then the fields of this kind. @param now what `now` means */
export const readRule =
  (now: Instant): Reader<Rule> =>
  (value) => {
    if (typeof value !== "object" || value === null) return new Refusal("Not an object.");
    const sent: unknown = Object.hasOwn(value, "kind") && "kind" in value ? value.kind : undefined;
    if (sent === undefined) return refuse("kind", "This field is required.");
    const kind = readKind(sent);
    return isRefused(kind)
      ? refuse("kind", kind instanceof Refusal ? kind.text : "")
      : ruleKinds[kind].read(value, now);
  };
