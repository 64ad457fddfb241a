/** The limit of dark: how far below the horizon the sun's centre is when dark time begins and ends. */

/** Twilight → how far below the horizon the sun is at its dark end, in degrees. */
export const twilightDepths = { civil: 6, nautical: 12, astronomical: 18 } as const;
export const twilights: Readonly<Record<string, number>> = twilightDepths;

/** In degrees. Observatories count nights, and charge for them, between nautical dusk and dawn. */
const defaultDarkLimit = twilightDepths.nautical;
const maxDegrees = 30;

/** The limits that forms offer. */
export const darkLimitNames = Object.keys(twilights);

/** Site code → degrees; the empty code stands for all other sites. */
export type DarkLimits = Readonly<Record<string, number>>;

export const darkLimitMust = `be civil, nautical, astronomical or degrees from 0 to ${maxDegrees}; for a site of its own, nautical,ogg:astronomical`;
export const darkLimitError = `The limit of dark must ${darkLimitMust}.`;

/** Parses `nautical`, `15` or, with sites of their own, `nautical,ogg:astronomical`; returns undefined if it is invalid. */
export function parseDarkLimits(text: string): DarkLimits | undefined {
  const found: [string, number][] = [];
  for (const term of text.split(",")) {
    const [, site = "", value = ""] = /^\s*(?:([^\s:]+)\s*:)?\s*(\S+)\s*$/.exec(term) ?? [];
    const degrees = Object.hasOwn(twilights, value) ? twilights[value] : /^\d+(\.\d+)?$/.test(value) && Number(value);
    if (typeof degrees !== "number" || degrees > maxDegrees || found.some(([other]) => other === site))
      return undefined;
    found.push([site, degrees]);
  }
  return { "": defaultDarkLimit, ...Object.fromEntries(found) };
}

/** Returns the limit at a site, in degrees. */
export const darkLimitAt = (limits: DarkLimits, site: string): number =>
  (Object.hasOwn(limits, site) ? limits[site] : limits[""]) ?? defaultDarkLimit;

/** Returns the limit at a position, in degrees. */
export const darkLimitOf = ({ darkLimit = defaultDarkLimit }: { readonly darkLimit?: number }): number => darkLimit;

/** `nautical`; or the degrees, as `parseDarkLimits` reads them. */
export const nameOfDarkLimit = (degrees: number): string =>
  darkLimitNames.find((name) => twilights[name] === degrees) ?? String(degrees);

/** Spells one limit as people read it: `nautical (12°)`, `15°`. */
export const spellDarkLimit = (name: string): string =>
  Object.hasOwn(twilights, name) ? `${name} (${twilights[name]}°)` : Number.isFinite(Number(name)) ? `${name}°` : name;
