/** Downtimes as a calendar that programs subscribe to: RFC 5545. */

import ical, { escape as escaped, type ICalCalendar, ICalEventStatus, ICalEventTransparency } from "ical-generator";
import { describePlace } from "../downtime/downtime.ts";
import { type Filter, isPlaceField } from "../downtime/filter.ts";
import { telescopeStateNames, telescopeStateOf } from "../downtime/telescope-state.ts";
import { shortened, withoutControls } from "../input/text.ts";
import { type Instant, spellInstant, toMillis } from "../time/instant.ts";
import { type CalendarEvent, sequenceOf } from "./subscription.ts";

export interface CalendarProps {
  /** What was asked for; the calendar is named after it. */
  readonly filter: Filter;
  /** The reason of the series that was asked for, where there is one. */
  readonly seriesReason?: string | undefined;
  readonly entries: readonly CalendarEvent[];
  /** Where the pages are. */
  readonly origin: string;
  /** Tells this service's entries from all others', under whatever name it is reached. */
  readonly installation: string;
}

/** How soon a program should ask again. */
const refreshSeconds = 15 * 60;
/** Characters of a reason in an entry's title; the whole stands in its description. */
const longestTitle = 120;
/** Entries that are written at a time. */
const chunkSize = 200;

/** The calendar piece by piece. */
export async function* calendarOf({ filter, seriesReason, entries, ...rest }: CalendarProps): AsyncGenerator<string> {
  const name = nameOf(filter, seriesReason);
  const [head, foot] = splitAt("END:VCALENDAR", newCalendar(name).toString());
  yield head;
  if (entries.length === 0) yield zoneOfUtc;
  for (let from = 0; from < entries.length; from += chunkSize) {
    const chunk = newCalendar(name);
    for (const entry of entries.slice(from, from + chunkSize)) addEntry(chunk, entry, rest);
    const [, events] = splitAt("BEGIN:VEVENT", splitAt("END:VCALENDAR", chunk.toString())[0]);
    yield events;
  }
  yield `${foot}\r\n`;
}

/** The texts before a line that begins like this, and from there on. */
function splitAt(beginning: string, text: string): [string, string] {
  const at = text.indexOf(`\r\n${beginning}`) + 2;
  return [text.slice(0, at), text.slice(at)];
}

/** A calendar must have one component (RFC 5545, section 3.6). Nobody sees this one. */
const zoneOfUtc = [
  ...["BEGIN:VTIMEZONE", "TZID:UTC"],
  ...["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD"],
  ...["END:VTIMEZONE", ""],
].join("\r\n");

const newCalendar = (name: string): ICalCalendar =>
  ical({ prodId: "//Downtime//Downtime//EN", name, ttl: refreshSeconds });

/** The calendar's name: the filters, with which a program tells several calendars apart. The library writes it as it is. */
function nameOf(filter: Filter, seriesReason = ""): string {
  const words = Object.entries(filter).flatMap(([field, value]) => {
    if (isPlaceField(field)) return value;
    if (field === "series") return seriesReason || `series ${value}`;
    if (field === "reason" || field === "reason_exact") return `"${value}"`;
    return `${field.replace("_", " ")} ${spellInstant(value as Instant)}`;
  });
  return escaped(shortened(withoutControls(["Downtimes", ...words].join(" ")), longestTitle), false);
}

function addEntry(
  calendar: ICalCalendar,
  entry: CalendarEvent,
  { origin, installation }: Pick<CalendarProps, "origin" | "installation">,
): void {
  const { id, start, end, site, enclosure, telescope, instrument_type, reason, created, modified } = entry.downtime;
  const state = telescopeStateNames[telescopeStateOf([entry.downtime])];
  const what = `${state}${instrument_type && ` (${instrument_type})`}`;
  const title = `${site} ${telescope} ${what}${reason ? `: ${reason}` : ""}`;
  const place = `${describePlace(entry.downtime)}${instrument_type ? "" : " (the whole telescope)"}`;
  const changedAt = new Date(toMillis(modified));
  calendar.createEvent({
    id: `downtime-${id}@${installation}`,
    sequence: sequenceOf(entry),
    // Without a method, the stamp says when the entry was last revised.
    stamp: changedAt,
    created: new Date(toMillis(created)),
    lastModified: changedAt,
    start: new Date(toMillis(start)),
    // What was moved in may end before it starts, which no calendar can hold: then it is a moment.
    ...(end > start && { end: new Date(toMillis(end)) }),
    summary: shortened(withoutControls(title), longestTitle),
    location: withoutControls([site, enclosure, telescope].join(" ")),
    description: withoutControls(`${reason || "No reason given"}\n\n${place}`),
    categories: [site, telescope, instrument_type].filter(Boolean).map((name) => ({ name: withoutControls(name) })),
    url: `${origin}/downtimes/${id}`,
    status: entry.isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    // Whoever subscribes isn't busy because a telescope is.
    transparency: ICalEventTransparency.TRANSPARENT,
  });
}
