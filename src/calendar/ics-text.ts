/** Renders downtimes as iCalendar (RFC 5545). */

import ical, {
  escape as escaped,
  foldLines,
  type ICalCalendar,
  type ICalEvent,
  ICalEventStatus,
  ICalEventTransparency,
} from "ical-generator";
import { describePlace, spellReason } from "../downtime/downtime.ts";
import { type Filter, isChoiceField } from "../downtime/filter.ts";
import { telescopeStateNames, telescopeStateOf } from "../downtime/state.ts";
import { shortened, withoutControls } from "../input/text.ts";
import type { SeriesDraft } from "../series/series.ts";
import { takeTurn } from "../time/event-loop.ts";
import { type Instant, spellInstant, toMillis } from "../time/instant.ts";
import type { CalendarEvent } from "./store.ts";

interface CalendarProps {
  readonly filter: Filter;
  readonly series?: Pick<SeriesDraft, "name" | "reason"> | undefined;
  readonly events: readonly CalendarEvent[];
  readonly origin: string;
  /** A unique ID of this installation, so that event IDs don't depend on the host name. */
  readonly installation: string;
}

/** Characters in an event's title. The description has the full reason. */
const maxTitleLength = 120;

/** Renders the calendar, event by event: 10,000 events take a second. */
export async function calendarOf(props: CalendarProps): Promise<string> {
  const calendar = ical({ prodId: "//Downtime//Downtime//EN", name: nameOf(props), ttl: 15 * 60 });
  const end = "END:VCALENDAR";
  let text = calendar.toString().slice(0, -end.length);
  if (props.events.length === 0) text += utcTimezone;
  for (const event of props.events) {
    text += foldLines(createEvent(calendar, event, props).toString());
    await takeTurn();
  }
  return `${text}${end}\r\n`;
}

/** A calendar needs at least one component (RFC 5545, section 3.6). Calendar apps don't show a time zone. */
const utcTimezone = [
  ...["BEGIN:VTIMEZONE", "TZID:UTC"],
  ...["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD"],
  ...["END:VTIMEZONE", ""],
].join("\r\n");

/** Names the calendar after its series or its filters, so that apps can tell several feeds apart. The library doesn't escape names. */
function nameOf({ filter, series }: CalendarProps): string {
  const words = Object.entries(filter).flatMap(([field, value]) => {
    if (isChoiceField(field)) return value;
    if (field === "series") return series?.name ?? (series?.reason || `series ${value}`);
    if (field === "reason" || field === "reason_exact") return `"${value}"`;
    return `${field.replace("_", " ")} ${spellInstant(value as Instant)}`;
  });
  const name = [...(series?.name ? [] : ["Downtimes"]), ...words].join(" ");
  return escaped(shortened(withoutControls(name), maxTitleLength), false);
}

function createEvent(calendar: ICalCalendar, event: CalendarEvent, props: CalendarProps): ICalEvent {
  const { origin, installation, series } = props;
  const { downtime } = event;
  const { id, start, end, site, enclosure, telescope, instrument_type, reason, category, created } = downtime;
  const state = telescopeStateNames[telescopeStateOf([downtime])];
  const what = `${state}${instrument_type && ` (${instrument_type})`}`;
  // In the calendar of a series, its name says what the downtime is for.
  const why = reason || series?.name;
  const title = `${site} ${telescope} ${what}${why ? `: ${why}` : ""}`;
  const place = `${describePlace(downtime)}${instrument_type ? "" : " (the whole telescope)"}`;
  const changedAt = new Date(toMillis(downtime.modified));
  return calendar.createEvent({
    id: `downtime-${id}@${installation}`,
    sequence: event.sequence,
    // Without a METHOD, DTSTAMP is the time of the last revision (RFC 5545, section 3.8.7.2).
    stamp: changedAt,
    created: new Date(toMillis(created)),
    lastModified: changedAt,
    start: new Date(toMillis(start)),
    // A migrated downtime may end before it starts, which iCalendar doesn't allow: it gets no end.
    ...(end > start && { end: new Date(toMillis(end)) }),
    summary: shortened(withoutControls(title), maxTitleLength),
    location: withoutControls([site, enclosure, telescope].join(" ")),
    description: withoutControls(`${spellReason(why)}\n\n${place}`),
    categories: [site, telescope, instrument_type, category].flatMap((name) =>
      name ? { name: withoutControls(name) } : [],
    ),
    url: `${origin}/downtimes/${id}`,
    status: event.isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    // A downtime doesn't make the subscriber busy.
    transparency: ICalEventTransparency.TRANSPARENT,
  });
}
