/** Instants: moments in UTC. A downtime's window is half-open, `[start, end)`, between two of them. */

declare const instantBrand: unique symbol;
declare const stampBrand: unique symbol;

/** A moment in UTC to the whole second, always spelt `YYYY-MM-DDTHH:MM:SSZ`, so that texts sort as the moments do. */
export type Instant = string & { readonly [instantBrand]: true };

/** When a row was written: UTC to the microsecond, spelt `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
export type Stamp = string & { readonly [stampBrand]: true };

/** Milliseconds of a day in UTC. */
export const dayMillis = 86_400_000;

/** Milliseconds since 1970 in UTC. Only `main.ts` owns one; everything below is told the time. */
export type Clock = () => number;

/** The parts of a date and time as they were written. */
type Written = Partial<Record<"year" | "month" | "day" | "week" | "weekday" | "hour" | "minute" | "second", string>>;
type Zone = Partial<Record<"sign" | "zoneHours" | "zoneMinutes" | "zoneSeconds", string>>;

const date = String.raw`(?<year>\d{4})(?:-(?<month>\d{1,2})-(?<day>\d{1,2})|(?<month>\d\d)(?<day>\d\d)|-W(?<week>\d\d)(?:-(?<weekday>[1-7]))?|W(?<week>\d\d)(?<weekday>[1-7])?)`;
const fraction = String.raw`(?:[.,]\d+)?`;
const clock = String.raw`(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})${fraction})?`;
const time = String.raw`(?:${clock}|(?<hour>\d\d)(?:(?<minute>\d\d)(?:(?<second>\d\d)${fraction})?)?)`;
const offset = String.raw`(?<sign>[+-])(?<zoneHours>\d\d)(?::?(?<zoneMinutes>\d\d)(?::?(?<zoneSeconds>\d\d))?)?`;
// A `+` that was not escaped arrives as a space: after a time, ` 02:00` can only have been `+02:00`.
const zone = String.raw`(?:\s*(?:Z|${offset})|(?<sign> )(?<zoneHours>\d\d):(?<zoneMinutes>\d\d))?`;
// Python takes any character between date and time. Here not a sign: `2026-11-22+05:00` may also mean an offset.
const between = String.raw`(?:\s+|[^\d+-])`;

const isoPattern = new RegExp(`^${date}(?:${between}${time}${zone})?$`, "i");
const ownPattern = /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const usPattern = new RegExp(String.raw`^(?<month>\d{1,2})/(?<day>\d{1,2})/(?<year>\d{4}|\d\d)(?:\s+${clock})?$`);
const namedPattern = /^(?:(?<name>[a-z]+)\s+(?<day>\d{1,2})|(?<day>\d{1,2})\s+(?<name>[a-z]+)),?\s+(?<year>\d{4})$/i;
const dayFirstPattern = new RegExp(String.raw`^(?<day>\d{2})-(?<month>\d{2})-(?<year>\d{4})T${clock}Z$`);

const months = "january february march april may june july august september october november december".split(" ");

/**
 * Reads an instant as the API takes it in a body: ISO 8601 as Python and Django read it. A date alone means midnight;
 * minutes, seconds and fraction are optional (the fraction is cut off); no zone means UTC.
 * @returns undefined when the text is no such instant, or lies outside of the years 1 to 9999
 */
export function parseInstant(text: string): Instant | undefined {
  // Nearly all that comes is spelt as we spell it, on a day that every month has: nothing is left to look at.
  if (ownPattern.test(text)) return text as Instant;
  const groups: (Written & Zone) | undefined = isoPattern.exec(text.trim())?.groups;
  if (!groups) return undefined;
  const offset = readOffset(groups);
  return offset === undefined ? undefined : assemble(groups, offset);
}

/** Reads an instant as filters take it: as `parseInstant`, or as Django's English forms: `11/22/26 08:45`, `22 Nov 2026`. */
export function parseFilterInstant(text: string): Instant | undefined {
  const us: Written | undefined = usPattern.exec(text.trim())?.groups;
  if (us) return assemble({ ...us, year: fullYear(us.year ?? "") });
  const named: (Written & { name?: string }) | undefined = namedPattern.exec(text.trim())?.groups;
  if (named) return assemble({ ...named, month: monthNamed(named.name ?? "") });
  return parseInstant(text);
}

/** POSIX: two digits from 69 on are of the last century. */
const fullYear = (digits: string) => (digits.length === 4 ? digits : `${Number(digits) < 69 ? "20" : "19"}${digits}`);

/** The month's number by its English name, whole or its first three letters; "0" for any other word. */
const monthNamed = (word: string) =>
  String(months.findIndex((name) => [name, name.slice(0, 3)].includes(word.toLowerCase())) + 1);

/** Whether an instant is of the years 2 to 9997, so that what lies around it can be told. */
export const isNear = (at: Instant): boolean => at > "0002" && at < "9998";

/** Reads an instant as files bring it: as `parseInstant`, or the hand-made schedules' `DD-MM-YYYYTHH:MM:SSZ`. */
export function parseImportedInstant(text: string): Instant | undefined {
  const dayFirst: Written | undefined = dayFirstPattern.exec(text.trim())?.groups;
  return dayFirst ? assemble(dayFirst) : parseInstant(text);
}

/** Undefined: there is no such offset. */
function readOffset({ sign, zoneHours = "0", zoneMinutes = "0", zoneSeconds = "0" }: Zone): number | undefined {
  if (Number(zoneHours) > 23 || Number(zoneMinutes) > 59 || Number(zoneSeconds) > 59) return undefined;
  const seconds = Number(zoneHours) * 3600 + Number(zoneMinutes) * 60 + Number(zoneSeconds);
  return sign === "-" ? -seconds : seconds;
}

function assemble(written: Written, offsetSeconds = 0): Instant | undefined {
  const { hour = "0", minute = "0", second = "0" } = written;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const day = dayOf(written);
  if (day === undefined) return undefined;
  const local = `${day}T${pad(hour)}:${pad(minute)}:${pad(second)}Z`;
  const utc = offsetSeconds === 0 ? local : spell(Date.parse(local) - offsetSeconds * 1000);
  return isFourDigits(utc) ? (utc as Instant) : undefined;
}

/** The date, `YYYY-MM-DD`; undefined: there is no such day. */
function dayOf({ year = "", month = "", day = "", week, weekday = "1" }: Written): string | undefined {
  if (week === undefined)
    return isDay(Number(year), Number(month), Number(day)) ? `${year}-${pad(month)}-${pad(day)}` : undefined;
  // The fourth of January is always in the first week, and a week belongs to the year of its Thursday.
  const fourth = Date.parse(`${year}-01-04T00:00:00Z`);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMillis + (Number(week) - 1) * 7 * dayMillis;
  const isOfYear = new Date(monday + 3 * dayMillis).getUTCFullYear() === Number(year);
  return isOfYear ? spell(monday + (Number(weekday) - 1) * dayMillis).split("T")[0] : undefined;
}

/** The years 1 to 9999; outside of them dates have a sign. */
const isFourDigits = (text: string) => /^(?!0000)\d{4}-/.test(text);

const pad = (digits: string) => (digits.length < 2 ? `0${digits}` : digits);

const isDay = (year: number, month: number, day: number) =>
  month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate());

const spell = (millis: number) => `${new Date(millis).toISOString().slice(0, -5)}Z`;

/** Reads a stamp as databases write it: as `parseInstant`, with up to six digits of the second's fraction kept. */
export function parseStamp(text: string): Stamp | undefined {
  const instant = parseInstant(text);
  const digits = /[.,](\d{1,6})/.exec(text)?.[1] ?? "";
  return instant && (`${instant.slice(0, -1)}.${digits.padEnd(6, "0")}Z` as Stamp);
}

/** The instant of a clock's reading, cut to the whole second. */
export const toInstant = (millis: number): Instant => spell(millis) as Instant;

/** Milliseconds since 1970 of an instant. */
export const toMillis = (instant: Instant): number => Date.parse(instant);

/** The stamp of a clock's reading. */
export const toStamp = (millis: number): Stamp => `${new Date(millis).toISOString().slice(0, -1)}000Z` as Stamp;

/** The stamp of the very beginning of an instant's second, to compare stamps with an instant. */
export const stampOf = (instant: Instant): Stamp => `${instant.slice(0, -1)}.000000Z` as Stamp;

/** The instant of a stamp in any engine's spelling, cut to the whole second. */
export const instantOf = (stamp: string): Instant => `${stamp.slice(0, 19)}Z` as Instant;

/** As people read it: `2026-11-22 08:15Z`; seconds where there are any. */
export const spellInstant = (at: Instant): string =>
  `${at.slice(0, 10)} ${at.slice(11, at.endsWith(":00Z") ? 16 : 19)}Z`;

export const moved = (at: Instant, millis: number): Instant => toInstant(toMillis(at) + millis);
