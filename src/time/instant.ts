/** Instants: points in time, in UTC. A downtime covers the half-open interval `[start, end)`. */

declare const instantBrand: unique symbol;
declare const stampBrand: unique symbol;

/** A point in time in UTC with whole seconds, always `YYYY-MM-DDTHH:MM:SSZ`, so that string order is time order. */
export type Instant = string & { readonly [instantBrand]: true };

/** When a row was written: UTC with microseconds, `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
export type Stamp = string & { readonly [stampBrand]: true };

export const dayMillis = 86_400_000;
export const hourMillis = 3_600_000;
export const minuteMillis = 60_000;

/** Returns the milliseconds since 1970 in UTC. Only `main.ts` creates one; everything else gets it or the time as a parameter. */
export type Clock = () => number;

type Written = Readonly<Partial<Record<string, string>>>;

const date = String.raw`(?<year>\d{4})(?:-(?<month>\d{1,2})-(?<day>\d{1,2})|(?<month>\d\d)(?<day>\d\d)|-W(?<week>\d\d)(?:-(?<weekday>[1-7]))?|W(?<week>\d\d)(?<weekday>[1-7])?)`;
const fraction = String.raw`(?:[.,]\d+)?`;
const clock = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})${fraction})?`;
const time = String.raw`(?:${clock}|(?<hour>\d\d)(?:(?<minute>\d\d)(?:(?<second>\d\d)${fraction})?)?)`;
const offset = String.raw`(?<sign>[+-])(?<zoneHours>\d\d)(?::?(?<zoneMinutes>\d\d)(?::?(?<zoneSeconds>\d\d))?)?`;
// An unescaped `+` in a URL or form arrives as a space, so ` 02:00` after a time means `+02:00`.
const zone = String.raw`(?:\s*(?:Z|${offset})|(?<sign> )(?<zoneHours>\d\d):(?<zoneMinutes>\d\d))?`;
// Python accepts any character between date and time. A sign is rejected here: in `2026-11-22+05:00` it may be an offset.
const separator = String.raw`(?:\s+|[^\d+-])`;

const isoPattern = new RegExp(`^${date}(?:${separator}${time}${zone})?$`, "i");
const canonicalPattern = /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const usPattern = new RegExp(String.raw`^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}|\d\d)(?:\s+${clock})?$`);
const namedPattern = /^(?:(?<name>[a-z]+)\s+(?<day>\d{1,2})|(?<day>\d{1,2})\s+(?<name>[a-z]+)),?\s+(?<year>\d{4})$/i;
const dayFirstPattern = new RegExp(String.raw`^(?<day>\d{2})-(?<month>\d{2})-(?<year>\d{4})T${clock}Z$`);

const months = "january february march april may june july august september october november december".split(" ");

/**
 * Parses an instant in a request body: ISO 8601 as Python and Django accept it. A date alone means midnight; minutes,
 * seconds and fraction are optional (the fraction is dropped); no time zone means UTC.
 * @returns undefined if the text isn't a date and time, or is outside the years 1 to 9999
 */
export const parseInstant = (text: string): Instant | undefined =>
  // Fast path: most input is canonical. Days 29 to 31 need the check of `parse`, since not every month has them.
  canonicalPattern.test(text) ? (text as Instant) : parse(text, isoPattern);

/** Parses an instant in a filter: as `parseInstant`, plus the formats of Django's English forms: `11/22/26 08:45`, `22 Nov 2026`. */
export const parseFilterInstant = (text: string): Instant | undefined =>
  parse(text, usPattern) ?? parse(text, namedPattern) ?? parseInstant(text);

/** As `parseInstant`, or `DD-MM-YYYYTHH:MM:SSZ` as in hand-made schedules. */
export const parseImportedInstant = (text: string): Instant | undefined =>
  parse(text, dayFirstPattern) ?? parseInstant(text);

/** Whether an instant is in the years 2 to 9997, so that adding or subtracting a year stays in the years 1 to 9999. */
export const isNear = (at: Instant): boolean => at > "0002" && at < "9998";

function parse(text: string, pattern: RegExp): Instant | undefined {
  const written: Written | undefined = pattern.exec(text.trim())?.groups;
  if (!written) return undefined;
  const { hour = "0", minute = "0", second = "0" } = written;
  const { sign, zoneHours = "0", zoneMinutes = "0", zoneSeconds = "0" } = written;
  if (Number(hour) > 23 || Number(zoneHours) > 23) return undefined;
  if ([minute, second, zoneMinutes, zoneSeconds].some((digits) => Number(digits) > 59)) return undefined;
  const day = dayOf(written);
  if (day === undefined) return undefined;
  const local = `${day}T${pad(hour)}:${pad(minute)}:${pad(second)}Z`;
  const offset = Number(zoneHours) * hourMillis + Number(zoneMinutes) * minuteMillis + Number(zoneSeconds) * 1000;
  const utc = offset === 0 ? local : spell(Date.parse(local) - (sign === "-" ? -offset : offset));
  // `toISOString` writes years other than 0 to 9999 with a sign.
  return /^(?!0000)\d{4}-/.test(utc) ? (utc as Instant) : undefined;
}

function dayOf({ year = "", month = "", name, day = "", week, weekday = "1" }: Written): string | undefined {
  if (week === undefined) {
    const [full, number] = [fullYear(year), name === undefined ? month : monthNamed(name)];
    return isDay(Number(full), Number(number), Number(day)) ? `${full}-${pad(number)}-${pad(day)}` : undefined;
  }
  // ISO 8601: 4 January is always in week 1, and a week belongs to the year of its Thursday.
  const fourth = Date.parse(`${year}-01-04T00:00:00Z`);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMillis + (Number(week) - 1) * 7 * dayMillis;
  const isOfYear = new Date(monday + 3 * dayMillis).getUTCFullYear() === Number(year);
  return isOfYear ? spell(monday + (Number(weekday) - 1) * dayMillis).split("T")[0] : undefined;
}

/** Expands a two-digit year as POSIX does: 69 to 99 mean 1969 to 1999. */
const fullYear = (digits: string) => (digits.length === 2 ? `${Number(digits) < 69 ? "20" : "19"}${digits}` : digits);

/** The number of the month with this English name or three-letter abbreviation; "0" for any other word. */
const monthNamed = (word: string) =>
  String(months.findIndex((name) => [name, name.slice(0, 3)].includes(word.toLowerCase())) + 1);

const pad = (digits: string) => (digits.length < 2 ? `0${digits}` : digits);

const isDay = (year: number, month: number, day: number) =>
  month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate());

const spell = (millis: number) => `${new Date(millis).toISOString().slice(0, -5)}Z`;

/** Parses a timestamp from a database: as `parseInstant`, keeping up to six decimals of the second. */
export function parseStamp(text: string): Stamp | undefined {
  const instant = parseInstant(text);
  const digits = /[.,](\d{1,6})/.exec(text)?.[1] ?? "";
  return instant && (`${instant.slice(0, -1)}.${digits.padEnd(6, "0")}Z` as Stamp);
}

/** Formats a time for a file name: `20261125T191500Z`. `parseInstant` reads it. */
export const toFileStamp = (millis: number): string => toInstant(millis).replace(/[-:]/g, "");

/** Converts milliseconds since 1970 to an instant, rounded down to the second. */
export const toInstant = (millis: number): Instant => spell(millis) as Instant;

export const toMillis = (instant: Instant): number => Date.parse(instant);

export const toStamp = (millis: number): Stamp => `${new Date(millis).toISOString().slice(0, -1)}000Z` as Stamp;

/** The first stamp of an instant's second, to compare stamps with an instant. */
export const stampOf = (instant: Instant): Stamp => `${instant.slice(0, -1)}.000000Z` as Stamp;

/** The instant of a stamp in either engine's format, rounded down to the second. */
export const instantOf = (stamp: string): Instant => `${stamp.slice(0, 19)}Z` as Instant;

/** Formats an instant for people: `2026-11-22 08:15Z`, with seconds only if they aren't zero. */
export const spellInstant = (at: Instant): string =>
  `${at.slice(0, 10)} ${at.slice(11, at.endsWith(":00Z") ? 16 : 19)}Z`;

/** Returns the start of its minute. Closures start when a button is pressed, at a second that messages leave out. */
export const toMinute = (at: Instant): Instant => `${at.slice(0, 17)}00Z` as Instant;

/** Returns the instant so many milliseconds later; earlier if they are negative. */
export const moved = (at: Instant, millis: number): Instant => toInstant(toMillis(at) + millis);

/** 1 January 1970 as a Modified Julian Date: days since 1858-11-17 in UTC, as astronomers count them. */
const epochMjd = 40_587;

/** Converts to a Modified Julian Date with six decimals (0.1 s), enough to convert back to the same second. */
export const toMjd = (at: Instant): number => Number((toMillis(at) / dayMillis + epochMjd).toFixed(6));

/** Parses a Modified Julian Date, rounded to seconds. Numbers with more than five digits are Julian Dates or Unix times. */
export function parseMjd(text: string): Instant | undefined {
  if (!/^\s*\d{1,5}(\.\d+)?\s*$/.test(text)) return undefined;
  return toInstant(Math.round((Number(text) - epochMjd) * 86_400) * 1000);
}
