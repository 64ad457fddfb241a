/** Describes recurrence rules: how often, and on which days. */

import { monthNames, spellWeekdays, type Weekday, weekdayNames } from "../time/zone.ts";

const units: Readonly<Record<string, readonly [every: string, unit: string]>> = {
  DAILY: ["daily", "days"],
  WEEKLY: ["weekly", "weeks"],
  MONTHLY: ["monthly", "months"],
  YEARLY: ["yearly", "years"],
};
const describable = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"]);

/** `every 2 weeks on Tue–Fri`; undefined where the rule itself is the shortest description. */
export function describeRecurrence(parts: ReadonlyMap<string, string>): string | undefined {
  const unit = units[parts.get("FREQ") ?? ""];
  if (!unit || [...parts.keys()].some((name) => !describable.has(name))) return undefined;
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const [byDay, byMonthDay, byMonth] = ["BYDAY", "BYMONTHDAY", "BYMONTH"].map((name) => parts.get(name)?.split(","));
  const every = interval === 1 ? unit[0] : `every ${interval} ${unit[1]}`;
  const isPlain = byDay && every === "weekly" && !byMonthDay && !byMonth;
  return [
    !isPlain && every,
    byDay && `${isPlain ? "" : "on "}${isWeekdays(byDay) ? spellWeekdays(byDay) : byDay.map(ordinalDay).join(", ")}`,
    byMonthDay && `on the ${byMonthDay.map((number) => ordinal(Number(number), "last day")).join(", ")}`,
    byMonth && `in ${byMonth.map((number) => monthNames[Number(number) - 1]).join(", ")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

const isWeekdays = (days: readonly string[]): days is readonly Weekday[] => days.every((day) => day.length === 2);

/** `1st Tue`, `last Fri` */
function ordinalDay(text: string): string {
  const name = weekdayNames[text.slice(-2) as Weekday];
  return text.length === 2 ? name : `${ordinal(Number(text.slice(0, -2)), "last")} ${name}`;
}

/** `3rd`; a negative number counts from the end. */
function ordinal(number: number, last: string): string {
  const size = Math.abs(number);
  const ending = size % 100 >= 11 && size % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][size % 10] ?? "th");
  if (number > 0) return `${size}${ending}`;
  return size === 1 ? last : `${size}${ending} ${last}`;
}
