/** Granted nights: as they are sent, as intervals between nautical dusk and dawn, and as selections of a semester's halves. */

import { type Static, Type } from "@sinclair/typebox";
import type { Site } from "../facility/facility.ts";
import { positionOf } from "../facility/places.ts";
import { acrossFields } from "../input/problem.ts";
import { Refusals, readDate, readObject } from "../input/readers.ts";
import { linesIn, Refusal, shorten } from "../input/text.ts";
import { isPlaced, nightOf } from "../series/night-times.ts";
import { twilightDepths } from "../sky/dark-limit.ts";
import { darkSeconds, portionEdges } from "../sky/twilight.ts";
import { moved, toInstant } from "../time/instant.ts";
import { clipped, type Interval, secondsOf } from "../time/interval.ts";
import { addDays, datesBetween } from "../time/zone.ts";
import { type Down, givesWay, isManaged, type UptimePart, upIn } from "./uptime.ts";

const portions = Object.keys(portionEdges) as (keyof typeof portionEdges)[];
const readMinutes = (value: unknown): number | Refusal =>
  /^\d+(\.\d+)?$/.test(String(value)) ? Number(value) : new Refusal("Enter a number of minutes, 0 or more.");
const minutes = (of: string) => {
  const description = `Minutes cut from the ${of}.`;
  return Type.Optional(Type.Number({ default: 0, minimum: 0, description, examples: [0], read: readMinutes }));
};
const readFlag = (value: unknown) => (typeof value === "boolean" ? value : new Refusal("Must be a valid boolean."));

export const GrantedNightSchema = Type.Object({
  day: Type.String({ description: "Local date of the evening.", examples: ["2027-01-15"], read: readDate }),
  portion_of_night: Type.Optional(Type.Unsafe<keyof typeof portionEdges>({ enum: portions, default: "all" })),
  late_start: minutes("beginning of `all` and `first_half`"),
  early_end: minutes("end of `all` and `second_half`"),
  remove: Type.Optional(
    Type.Boolean({ default: false, description: "Whether the night is taken back.", read: readFlag }),
  ),
});
type GrantedNight = Required<Static<typeof GrantedNightSchema>>;

/** A placeholder for an unknown span. */
export const anySpan: Interval = { start: toInstant(0), end: toInstant(1000) };

/** A part with the local date of its evening. */
export type NightPart = UptimePart & { readonly day: string };

/** Reads a night. Ignores other fields, as OCS Downtime does. @param site undefined if unknown, an error of its own */
export function readNight(value: unknown, site: Site | undefined): NightPart | Refusals {
  const night = readObject<GrantedNight>(GrantedNightSchema, {}, Object.keys(Object(value)))(value);
  if (night instanceof Refusals) return night;
  if (night instanceof Refusal) return new Refusals({ [acrossFields]: [night.text] });
  // Granted nights are nautical at any site. Without a time zone, UTC has the local date at noon.
  const part = site ? partOf(night, { zone: "UTC", ...site, darkLimit: twilightDepths.nautical }) : anySpan;
  return part instanceof Refusal
    ? new Refusals({ day: [part.text] })
    : { ...part, day: night.day, remove: night.remove };
}

function partOf({ day, portion_of_night, late_start, early_end }: GrantedNight, site: Site) {
  if (!isPlaced(site)) return new Refusal("The site's position is unknown.");
  const { sun } = nightOf(day, site);
  const [from, to] = portionEdges[portion_of_night];
  const edges = [sun[from], sun[to], sun.dusk, sun.dawn].filter((edge) => typeof edge === "string");
  const [first, last, dusk, dawn] = edges;
  if (!first || !last || !dusk || !dawn)
    return new Refusal(`The sun doesn't cross ${twilightDepths.nautical}° below the horizon in this night.`);
  const millis = (minutes: number) => Math.min(minutes, 1440) * 60_000;
  const start = from === "dusk" ? moved(dusk, millis(late_start)) : first;
  const end = to === "dawn" ? moved(dawn, -millis(early_end)) : last;
  const night = { start: dusk, end: dawn };
  return start < end ? { start, end, night } : new Refusal("Nothing of this night is left.");
}

const halves = ["first_half", "second_half"] as const;

/** Selected halves, each as `2027-01-15,first_half`. */
export type Selection = ReadonlySet<string>;
const keysOf = (day: string, portion = "") =>
  halves.map((half) => `${day},${half}`).filter((key) => key.endsWith(portion));

export interface SemesterNight<Row = unknown> {
  /** Local date of the evening. */
  readonly day: string;
  readonly halves: readonly (Interval & {
    readonly key: string;
    readonly isGranted: boolean;
    /** The downtimes of others that stay in it if it is granted. */
    readonly blockers: readonly Row[];
    /** Whether they leave nothing to grant. */
    readonly isBlocked: boolean;
    /** The dark hours in which the telescope is available; if the half isn't granted, those that it would give. */
    readonly hours: number;
  })[];
  /** Why it has no halves. */
  readonly why?: string;
}

/** Computing a night again, from another position of its site, changes it by seconds. */
const toleranceSeconds = 60;

/** Returns the nights that overlap a semester. @param rows the telescope's downtimes */
export function nightsIn<Row extends Down>(semester: Interval, site: Site, rows: readonly Row[]): SemesterNight<Row>[] {
  const [first, end] = [semester.start.slice(0, 10), semester.end.slice(0, 10)];
  const halfOf = (key: string, { night, ...half }: Pick<NightPart, "start" | "end" | "night">) => {
    const within = rows.filter((row) => clipped([row], half).length > 0);
    const blockers = within.filter((row) => !givesWay(row, night ?? half, semester));
    const isGranted = isManaged(rows, semester) && secondsOf(upIn(within, half)) >= toleranceSeconds;
    const open = upIn(isGranted ? within : blockers, half);
    const isBlocked = secondsOf(open) < toleranceSeconds;
    return { ...half, key, isGranted, blockers, isBlocked, hours: isBlocked ? 0 : darkHours(site, open) };
  };
  // In the west, a semester begins in the night of the day before.
  return [...datesBetween(addDays(first, -1), end)].flatMap((day): SemesterNight<Row>[] => {
    const read = halves.map((portion_of_night) => readNight({ day, portion_of_night }, site));
    const refused = read.find((half) => half instanceof Refusals);
    if (refused) return first <= day && day < end ? [{ day, halves: [], why: textOf(refused) }] : [];
    const found = read.flatMap((half, index) =>
      half instanceof Refusals ? [] : clipped([half], semester).map((part) => halfOf(keysOf(day)[index] ?? "", part)),
    );
    return found.length > 0 ? [{ day, halves: found }] : [];
  });
}

/** Dark hours, by the site's own limit of dark. */
export function darkHours(site: Site, parts: readonly Interval[]): number {
  const position = positionOf(site);
  return position ? parts.reduce((sum, { start, end }) => sum + darkSeconds(position, start, end), 0) / 3600 : 0;
}

const textOf = ({ errors }: Refusals) => Object.values(errors).flat().join(" ");

/** A line for each night, in order: `2027-01-15,all`. */
export const linesOf = (selection: Selection): string[] =>
  [...Map.groupBy([...selection].sort(), (key) => key.slice(0, 10))].map(([day, [key = "", other]]) =>
    other === undefined ? key : `${day},all`,
  );

/** Reads `date,portion` lines. A spreadsheet may write semicolons or tabs. @returns the first 10 errors */
export function readLines(text: string, nights: readonly SemesterNight[], site: Site) {
  const known = new Set(nights.flatMap(({ halves }) => halves.flatMap(({ key, isBlocked }) => (isBlocked ? [] : key))));
  const keysIn = (line: string): string[] | string => {
    const [day = "", portion = "", ...others] = line
      .split(/[,;\t]/)
      .map((cell) => cell.replace(/^[\s"\ufeff]+|[\s"]+$/g, ""));
    if (/^date$/i.test(day)) return [];
    if (others.some(Boolean)) return "Enter a date and a portion, such as 2027-01-15,all.";
    const read = readNight({ day, portion_of_night: portion }, site);
    if (read instanceof Refusals) return textOf(read);
    const keys = keysOf(day, portion.replace("all", "")).filter((key) => known.has(key));
    return keys.length > 0 ? keys : `The night of ${day} isn't in this semester, or downtimes of others cover it.`;
  };
  const read = linesIn(text).map(({ number, text }) => ({ number, keys: keysIn(text) }));
  const errors = read.flatMap(({ number, keys }) =>
    typeof keys === "string" ? [`Line ${number}: ${shorten(keys, 160)}`] : [],
  );
  return { selection: new Set(read.flatMap(({ keys }) => keys)), errors: errors.slice(0, 10) };
}

/** What `/api/uptime/` is sent to get from one selection to another. */
export const uptimesBetween = (from: Selection, to: Selection): object[] =>
  [to.difference(from), from.difference(to)].flatMap((changed, index) =>
    linesOf(changed).map((line) => {
      const [day, portion_of_night] = line.split(",");
      return { day, portion_of_night, remove: index === 1 };
    }),
  );
