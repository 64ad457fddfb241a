/** @jsxImportSource @kitajs/html */
/** The buttons that close a telescope, or extend an active downtime. */

import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";
import { plain } from "../ui/attribute.ts";
import type { CloseOption } from "./closing-times.ts";

const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (date: string) => day.format(new Date(date.slice(0, 10))).replace(",", "");

/** `Mon 23 Nov 04:54 local, Sun 22 Nov 18:54Z`: with the date, because it may be tomorrow's sunrise. */
function spellSunrise(at: Instant, zone: string | undefined): string {
  const [utcDay, utc] = [dayOf(at), spellInstant(at).slice(11)];
  if (!zone) return `${utcDay} ${utc}`;
  const { date, time } = localTime(at, zone);
  return `${dayOf(date)} ${time} local, ${dayOf(date) === utcDay ? "" : `${utcDay} `}${utc}`;
}

/** @param zone the site's IANA time zone */
function labelOf({ name, until }: CloseOption, zone: string | undefined): string {
  const labels = {
    "1h": "1 h",
    "4h": "4 h",
    sunrise: `Until sunrise (${spellSunrise(until, zone)})`,
    open: "Until further notice",
  };
  return labels[name];
}

interface CloseButtonsProps {
  /** The telescope's site, enclosure and code, as shown to the user. */
  readonly where: string;
  readonly place: Readonly<Record<"site" | "enclosure" | "telescope", string>>;
  readonly options: readonly CloseOption[];
  readonly zone: string | undefined;
}

/** The buttons that close a telescope. */
export function CloseButtons({ where, place, options, zone }: CloseButtonsProps): JSX.Element {
  return (
    <>
      {options.map((option) => (
        <button
          type="submit"
          name="choice"
          value={plain(new URLSearchParams({ ...place, until: option.name }).toString())}
          aria-label={plain(`${labelOf(option, zone)}: ${where} down until ${spellInstant(option.until)}`)}
          safe
        >
          {labelOf(option, zone)}
        </button>
      ))}
    </>
  );
}

/** The buttons that extend a downtime. @param id of the downtime */
export function ExtendButtons(
  props: Pick<CloseButtonsProps, "where" | "options" | "zone"> & { id: number },
): JSX.Element {
  const { id, where, options, zone } = props;
  return (
    <>
      {options.map((option) => (
        <button
          type="submit"
          form="row"
          formaction={`/admin/downtimes/${id}/extend`}
          name="until"
          value={option.name}
          aria-label={plain(`Extend: ${labelOf(option, zone)}: ${where} down until ${spellInstant(option.until)}`)}
          safe
        >
          {`Extend: ${labelOf(option, zone)}`}
        </button>
      ))}
    </>
  );
}
