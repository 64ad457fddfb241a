/** The query of the schedule: the API's filters, a time filter relative to now, an order, and the timeline's window. */

import { categories } from "../downtime/downtime.ts";
import {
  bySoonest,
  type ChoiceField,
  type Filter,
  filterFields,
  fits,
  hasInstants,
  narrowed,
  type OrderTerm,
  orderFields,
} from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import { type Facility, forEachPlaceField, type PlaceField, placeFields } from "../facility/facility.ts";
import { positionOf } from "../facility/places.ts";
import { darkness } from "../sky/twilight.ts";
import {
  dayMillis,
  hourMillis,
  type Instant,
  isNear,
  moved,
  parseFilterInstant,
  toInstant,
  toMillis,
} from "../time/instant.ts";
import { merged, type Span, type Window, windowKinds } from "../time/interval.ts";

/** Time filters relative to now, each with its label and the timeline's window. `open`: active and upcoming. */
export const timeFilters = {
  open: ["Current and upcoming", "week"],
  now: ["Active now", "night"],
  tonight: ["Tonight", "night"],
  "7d": ["7 days", "week"],
  "30d": ["30 days", "month"],
  all: ["All", "week"],
} as const;
type TimeFilter = keyof typeof timeFilters;
const isTimeFilter = (text: string): text is TimeFilter => Object.hasOwn(timeFilters, text);

/** Rows per page. */
const pageSize = 50;

const windowMillis = { night: dayMillis, week: 7 * dayMillis, month: 30 * dayMillis } as const;

export type ScheduleQuery = ReturnType<typeof readScheduleQuery>;

/** Reads the page's parameters. Invalid ones are ignored and reported in `errors`. */
export function readScheduleQuery(parameters: URLSearchParams, facility: Facility | undefined, now: Instant) {
  const columnOrder = readColumnOrder(parameters.get("order") ?? "");
  const known = new URLSearchParams(parameters);
  if (columnOrder) known.delete("order");
  const { listing, errors } = tryListing(known, facility);
  const { filter } = listing;
  const given = parameters.get("when") ?? "";
  // Links with a filter or an order but no time filter come from OCS Downtime, whose page then includes the past.
  const usual = [...filterFields, "order"].some((name) => parameters.get(name)) ? "all" : "open";
  const when = isTimeFilter(given) ? given : hasInstants(filter) ? undefined : usual;
  const window = readWindow(parameters, filter, when, now);
  // Links of OCS Downtime have page numbers.
  const page = /^[1-9]\d{0,8}$/.test(parameters.get("page") ?? "") ? Number(parameters.get("page")) : 1;
  return {
    /** The filters, without the time filter. */
    filter,
    /** The table's query: the filters and the time filter. */
    listing: {
      filter: when ? narrowed(filter, spanOf(when, facility, filter, now)) : filter,
      order: columnOrder ?? (parameters.get("order") && !errors.order ? listing.order : bySoonest),
      limit: pageSize,
      offset: parameters.has("offset") ? listing.offset : (page - 1) * pageSize,
    },
    /** The timeline's query: the filters and the window. */
    timelineFilter: narrowed(filter, window),
    /** Undefined if a filter sets a time instead. */
    when,
    window,
    errors,
  };
}

/** Returns the parameters for links and forms: always with a time filter, and an offset instead of a page number. */
export function toLinkQuery(
  parameters: URLSearchParams,
  { when, listing: { offset } }: ScheduleQuery,
): URLSearchParams {
  const query = new URLSearchParams(parameters);
  query.set("when", when ?? "all");
  query.delete("page");
  if (offset > 0) query.set("offset", String(offset));
  return query;
}

/** The orders of columns that the API can't sort by. Downtimes of one telescope stay together. */
export const columnOrders: Readonly<Record<string, readonly OrderTerm["field"][]>> = {
  length: ["length_seconds", "start"],
  site: ["site", "enclosure", "telescope", "start"],
  instrument_type: ["instrument_type", "start"],
  reason: ["reason_folded", "start"],
};

function readColumnOrder(text: string): readonly OrderTerm[] | undefined {
  const descending = text.startsWith("-");
  const name = text.slice(descending ? 1 : 0);
  return Object.hasOwn(columnOrders, name) ? columnOrders[name]?.map((field) => ({ field, descending })) : undefined;
}

/** Returns the order as an API parameter; undefined if the API can't sort by it. */
export const apiOrder = (order: readonly OrderTerm[]): string | undefined =>
  order.every(({ field }) => orderFields.some((name) => name === field))
    ? order.map(({ field, descending }) => `${descending ? "-" : ""}${field}`).join(",")
    : undefined;

/** Reads the timeline's window. By default, it begins shortly before now, or where the filters begin. */
function readWindow(parameters: URLSearchParams, filter: Filter, when: TimeFilter | undefined, now: Instant): Window {
  const kind = windowKinds.find((name) => name === parameters.get("window")) ?? timeFilters[when ?? "open"][1];
  const [step, lead] = kind === "night" ? [hourMillis, 2 * hourMillis] : [dayMillis, 0];
  const first = filter.starts_after ?? filter.ends_after;
  const usual = Math.floor((first && isNear(first) ? toMillis(first) : toMillis(now) - lead) / step) * step;
  const given = parseFilterInstant(parameters.get("from") ?? "");
  const from = toInstant(given && isNear(given) ? toMillis(given) : usual);
  return { kind, from, to: moved(from, windowMillis[kind]) };
}

function spanOf(when: TimeFilter, facility: Facility | undefined, filter: Filter, now: Instant): Partial<Span> {
  if (when === "all") return {};
  if (when === "open") return { from: now };
  if (when === "tonight") return tonight(facility, filter, now);
  return { from: now, to: moved(now, { now: 1000, "7d": 7 * dayMillis, "30d": 30 * dayMillis }[when]) };
}

/** Returns the time from the first sunset to the last sunrise of the current or next night at the selected sites. */
function tonight(facility: Facility | undefined, filter: Filter, now: Instant): Span {
  const nights = (facility?.sites ?? [])
    .filter(({ code, active }) => (filter.site?.length ? filter.site.includes(code) : active))
    .flatMap((site) => {
      const position = positionOf(site);
      const phases = position ? darkness(position, moved(now, -dayMillis), moved(now, 2 * dayMillis)) : [];
      return merged(phases.filter(({ kind }) => kind !== "day")).find(({ end }) => end > now) ?? [];
    });
  const [from = now] = nights.map(({ start }) => start).sort();
  const [to = moved(now, dayMillis)] = nights.map(({ end }) => end).sort((a, b) => (a < b ? 1 : -1));
  return { from, to };
}

export type FilterChoice = ReturnType<typeof choicesOf>["category"][number];

/** Returns for each field the codes that exist in combination with the other filters. Selected codes always stay. */
export function choicesOf(facility: Facility | undefined, filter: Filter) {
  const choices = (field: ChoiceField, codes: Iterable<string>) =>
    [...codes].map((code) => ({ code, selected: Boolean(filter[field]?.includes(code)) }));
  const places = facility?.places() ?? [];
  const placeChoices = (field: PlaceField) => {
    const others = placeFields.filter((other) => other !== field);
    const codes = places.filter((place) => place[field] && fits(place, filter, others)).map((place) => place[field]);
    return choices(field, [...new Set([...(filter[field] ?? []), ...codes])].sort());
  };
  return { ...forEachPlaceField(placeChoices), category: choices("category", categories) };
}
