/** Granted nights, or parts of them, as they are sent and as intervals between nautical dusk and dawn. */

import { type Static, Type } from "@sinclair/typebox";
import type { Site } from "../facility/facility.ts";
import { acrossFields } from "../input/problem.ts";
import { Refusals, readDate, readObject } from "../input/readers.ts";
import { Refusal } from "../input/text.ts";
import { isPlaced, nightOf } from "../series/night-times.ts";
import { portionEdges } from "../sky/twilight.ts";
import { moved, toInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import type { Part } from "./uptime.ts";

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

/** Stands for what isn't known. */
export const anySpan: Interval = { start: toInstant(0), end: toInstant(1000) };

/** A part with the local date of its evening. */
export type NightPart = Part & { readonly day: string };

/** Reads a night. Ignores other fields, as the original does. @param site undefined if unknown, an error of its own */
export function readNight(value: unknown, site: Site | undefined): NightPart | Refusals {
  const night = readObject<GrantedNight>(GrantedNightSchema, {}, Object.keys(Object(value)))(value);
  if (night instanceof Refusals) return night;
  if (night instanceof Refusal) return new Refusals({ [acrossFields]: [night.text] });
  // Granted nights are nautical at any site. Without a time zone, UTC has the local date at noon.
  const part = site ? partOf(night, { zone: "UTC", ...site, darkLimit: 12 }) : anySpan;
  return part instanceof Refusal
    ? new Refusals({ day: [part.text] })
    : { ...part, day: night.day, remove: night.remove };
}

function partOf({ day, portion_of_night, late_start, early_end }: GrantedNight, site: Site): Interval | Refusal {
  if (!isPlaced(site)) return new Refusal("The site's position is unknown.");
  const { sun } = nightOf(day, site);
  const [from, to] = portionEdges[portion_of_night];
  const [dusk, dawn] = [sun[from], sun[to]];
  if (typeof dusk !== "string" || typeof dawn !== "string")
    return new Refusal("The sun doesn't cross 12° below the horizon in this night.");
  const millis = (minutes: number) => Math.min(minutes, 1440) * 60_000;
  const start = from === "dusk" ? moved(dusk, millis(late_start)) : dusk;
  const end = to === "dawn" ? moved(dawn, -millis(early_end)) : dawn;
  return start < end ? { start, end } : new Refusal("Nothing of this night is left.");
}
