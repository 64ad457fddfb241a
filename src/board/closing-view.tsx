/** @jsxImportSource @kitajs/html */
/** Closing times as buttons: to close a telescope, or to extend what closes it already. */

import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";
import { plain } from "../ui/attribute.ts";
import type { Closing } from "./closing-times.ts";

const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (date: string) => day.format(new Date(date.slice(0, 10))).replace(",", "");

/** `Mon 23 Nov 04:54 local, Sun 22 Nov 18:54Z`: the date is told, since it may be tomorrow's sunrise, and both clocks. */
function spellSunrise(at: Instant, zone: string | undefined): string {
  const [utcDay, utc] = [dayOf(at), spellInstant(at).slice(11)];
  if (!zone) return `${utcDay} ${utc}`;
  const { date, time } = localTime(at, zone);
  return `${dayOf(date)} ${time} local, ${dayOf(date) === utcDay ? "" : `${utcDay} `}${utc}`;
}

/** @param zone the site's IANA zone */
function labelOf({ name, until }: Closing, zone: string | undefined): string {
  const labels = {
    "1h": "1 h",
    "4h": "4 h",
    sunrise: `Until sunrise (${spellSunrise(until, zone)})`,
    open: "Until further notice",
  };
  return labels[name];
}

interface ClosingsProps {
  /** The telescope, in one line. */
  readonly where: string;
  readonly place: Readonly<Record<"site" | "enclosure" | "telescope", string>>;
  readonly closings: readonly Closing[];
  readonly zone: string | undefined;
}

/** The buttons that close a telescope. */
export function CloseButtons({ where, place, closings, zone }: ClosingsProps): JSX.Element {
  return (
    <>
      {closings.map((closing) => (
        <button
          type="submit"
          name="choice"
          value={plain(new URLSearchParams({ ...place, until: closing.name }).toString())}
          aria-label={plain(`${labelOf(closing, zone)}: ${where} down until ${spellInstant(closing.until)}`)}
          safe
        >
          {labelOf(closing, zone)}
        </button>
      ))}
    </>
  );
}

/** The buttons that extend a downtime until later than it lasts. @param id of the downtime */
export function ExtendButtons(props: Pick<ClosingsProps, "where" | "closings" | "zone"> & { id: number }): JSX.Element {
  const { id, where, closings, zone } = props;
  return (
    <>
      {closings.map((closing) => (
        <button
          type="submit"
          form="row"
          formaction={`/admin/downtimes/${id}/extend`}
          name="until"
          value={closing.name}
          aria-label={plain(`Extend: ${labelOf(closing, zone)}: ${where} down until ${spellInstant(closing.until)}`)}
          safe
        >
          {`Extend: ${labelOf(closing, zone)}`}
        </button>
      ))}
    </>
  );
}
