/** Renders downtimes as iCalendar (RFC 5545). */

import ical, { escape as escaped, type ICalCalendar, ICalEventStatus, ICalEventTransparency } from "ical-generator";
import { describePlace } from "../downtime/downtime.ts";
import { type Filter, isChoiceField } from "../downtime/filter.ts";
import { telescopeStateNames, telescopeStateOf } from "../downtime/telescope-state.ts";
import { shortened, withoutControls } from "../input/text.ts";
import type { SeriesDraft } from "../series/series.ts";
import { type Instant, spellInstant, toMillis } from "../time/instant.ts";
import { type CalendarEvent, sequenceOf } from "./store.ts";

interface CalendarProps {
  /** The filters, which also give the calendar its name. */
  readonly filter: Filter;
  /** The series that the filters select, if any. */
  readonly series?: Pick<SeriesDraft, "name" | "reason"> | undefined;
  readonly events: readonly CalendarEvent[];
  /** Origin of the links to the pages. */
  readonly origin: string;
  /** A unique ID of this installation, so that event IDs don't depend on the host name. */
  readonly installation: string;
}

/** The refresh interval suggested to calendar apps. */
const refreshSeconds = 15 * 60;
/** Characters in an event's title. The description has the full reason. */
const maxTitleLength = 120;
/** Events rendered at a time. */
const chunkSize = 200;

/** Yields the calendar in pieces. */
export async function* calendarOf(props: CalendarProps): AsyncGenerator<string> {
  const { events } = props;
  const name = nameOf(props);
  const [head, foot] = splitBefore("END:VCALENDAR", newCalendar(name).toString());
  yield head;
  if (events.length === 0) yield utcTimezone;
  for (let from = 0; from < events.length; from += chunkSize) {
    const chunk = newCalendar(name);
    for (const event of events.slice(from, from + chunkSize)) addEvent(chunk, event, props);
    const [, text] = splitBefore("BEGIN:VEVENT", splitBefore("END:VCALENDAR", chunk.toString())[0]);
    yield text;
  }
  yield `${foot}\r\n`;
}

/** Splits a text before the first line with this beginning. */
function splitBefore(beginning: string, text: string): [string, string] {
  const at = text.indexOf(`\r\n${beginning}`) + 2;
  return [text.slice(0, at), text.slice(at)];
}

/** A calendar needs at least one component (RFC 5545, section 3.6). Calendar apps don't show a time zone. */
const utcTimezone = [
  ...["BEGIN:VTIMEZONE", "TZID:UTC"],
  ...["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD"],
  ...["END:VTIMEZONE", ""],
].join("\r\n");

const newCalendar = (name: string): ICalCalendar =>
  ical({ prodId: "//Downtime//Downtime//EN", name, ttl: refreshSeconds });

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

function addEvent(calendar: ICalCalendar, event: CalendarEvent, { origin, installation, series }: CalendarProps): void {
  const { id, start, end, site, enclosure, telescope, instrument_type, reason, category, created, modified } =
    event.downtime;
  const state = telescopeStateNames[telescopeStateOf([event.downtime])];
  const what = `${state}${instrument_type && ` (${instrument_type})`}`;
  // In the calendar of a series, its name says what the downtime is for.
  const why = reason || series?.name;
  const title = `${site} ${telescope} ${what}${why ? `: ${why}` : ""}`;
  const place = `${describePlace(event.downtime)}${instrument_type ? "" : " (the whole telescope)"}`;
  const changedAt = new Date(toMillis(modified));
  calendar.createEvent({
    id: `downtime-${id}@${installation}`,
    sequence: sequenceOf(event),
    // Without a METHOD, DTSTAMP is the time of the last revision (RFC 5545, section 3.8.7.2).
    stamp: changedAt,
    created: new Date(toMillis(created)),
    lastModified: changedAt,
    start: new Date(toMillis(start)),
    // A migrated downtime may end before it starts, which iCalendar doesn't allow: it gets no end.
    ...(end > start && { end: new Date(toMillis(end)) }),
    summary: shortened(withoutControls(title), maxTitleLength),
    location: withoutControls([site, enclosure, telescope].join(" ")),
    description: withoutControls(`${why || "No reason given"}\n\n${place}`),
    categories: [site, telescope, instrument_type, category].flatMap((name) =>
      name ? { name: withoutControls(name) } : [],
    ),
    url: `${origin}/downtimes/${id}`,
    status: event.isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    // A downtime doesn't make the subscriber busy.
    transparency: ICalEventTransparency.TRANSPARENT,
  });
}
