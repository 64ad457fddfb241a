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

const time = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?`;
// A `+` that nobody escaped arrives as a space: after a time, ` 02:00` can only have been `+02:00`.
const zone = String.raw`(?:\s*(Z)|\s*([+-])(\d{2})(?::?(\d{2}))?|( )(\d{2}):(\d{2}))?`;
const isoPattern = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})[T ]${time}${zone}$`, "i");
const ownPattern = /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const isoDatePattern = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
const usPattern = new RegExp(String.raw`^(\d{1,2})/(\d{1,2})/(\d{4})(?: ${time})?$`);
const dayFirstPattern = new RegExp(String.raw`^(\d{2})-(\d{2})-(\d{4})T${time}Z$`);

/**
 * Reads an instant as the API takes it in a body: ISO 8601 with `T` or a space, seconds and fraction optional (the
 * fraction is cut off), `Z`, an offset, or no zone, which means UTC.
 * @returns undefined when the text is no such instant, or lies outside of the years 1 to 9999
 */
export function parseInstant(text: string): Instant | undefined {
  // Nearly all that comes is spelt as we spell it, on a day that every month has: nothing is left to look at.
  if (ownPattern.test(text)) return text as Instant;
  const found = isoPattern.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, , sign, hours, minutes, plus, plusHours, plusMinutes] = found;
  const offset = offsetSeconds(sign ?? plus, hours ?? plusHours, minutes ?? plusMinutes);
  return offset === undefined ? undefined : assemble(year, month, day, hour, minute, second, offset);
}

/** Reads an instant as filters take it: as `parseInstant`, or a date alone (midnight UTC), or US `MM/DD/YYYY [HH:MM[:SS]]`. */
export function parseFilterInstant(text: string): Instant | undefined {
  const date = isoDatePattern.exec(text.trim());
  if (date) return assemble(date[1], date[2], date[3]);
  const us = usPattern.exec(text.trim());
  if (us) return assemble(us[3], us[1], us[2], us[4], us[5], us[6]);
  return parseInstant(text);
}

/** Whether an instant is of the years 2 to 9997, so that what lies around it can be told. */
export const isNear = (at: Instant): boolean => at > "0002" && at < "9998";

/** Reads an instant as files bring it: as `parseInstant`, or the hand-made schedules' `DD-MM-YYYYTHH:MM:SSZ`. */
export function parseImportedInstant(text: string): Instant | undefined {
  const found = dayFirstPattern.exec(text.trim());
  if (found) return assemble(found[3], found[2], found[1], found[4], found[5], found[6]);
  return parseInstant(text);
}

function offsetSeconds(sign: string | undefined, hours = "0", minutes = "0"): number | undefined {
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function assemble(
  year = "",
  month = "",
  day = "",
  hour = "0",
  minute = "0",
  second = "0",
  offset = 0,
): Instant | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (year === "0000" || !isDay(Number(year), Number(month), Number(day))) return undefined;
  const local = `${year}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}Z`;
  if (offset === 0) return local as Instant;
  const utc = spell(Date.parse(local) - offset * 1000);
  return /^(?!0000)\d{4}-/.test(utc) ? (utc as Instant) : undefined;
}

const pad = (digits: string) => (digits.length < 2 ? `0${digits}` : digits);

const isDay = (year: number, month: number, day: number) =>
  month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate());

const spell = (millis: number) => `${new Date(millis).toISOString().slice(0, -5)}Z`;

/** Reads a stamp as databases write it: as `parseInstant`, with up to six digits of the second's fraction kept. */
export function parseStamp(text: string): Stamp | undefined {
  const instant = parseInstant(text);
  const fraction = /\.(\d{1,6})/.exec(text)?.[1] ?? "";
  return instant && (`${instant.slice(0, -1)}.${fraction.padEnd(6, "0")}Z` as Stamp);
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
