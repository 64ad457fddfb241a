/** The query of the schedule: the API's filters, a time filter relative to now, an order, and the timeline's window. */

import { type Category, categories } from "../downtime/downtime.ts";
import {
  bySoonest,
  type ChoiceField,
  type Filter,
  filterFields,
  fits,
  hasInstants,
  type Listing,
  narrowed,
  type OrderTerm,
  orderFields,
} from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import { type Facility, forEachPlaceField, type PlaceField, placeFields } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import type { FieldErrors } from "../input/problem.ts";
import { darkness } from "../sky/twilight.ts";
import { dayMillis, type Instant, isNear, moved, parseFilterInstant, toInstant, toMillis } from "../time/instant.ts";
import { merged, type Span, type Window, type WindowKind, windowKinds } from "../time/interval.ts";

/** Time filters relative to now. `open`: active and upcoming. */
export const timeFilters = ["open", "now", "tonight", "7d", "30d", "all"] as const;
export type TimeFilter = (typeof timeFilters)[number];

export interface ScheduleQuery {
  /** The filters, without the time filter. */
  readonly filter: Filter;
  /** The table's query: the filters and the time filter. */
  readonly listing: Listing;
  /** The timeline's query: the filters and the window. */
  readonly timelineFilter: Filter;
  /** Undefined if the filters set start or end times instead. */
  readonly when: TimeFilter | undefined;
  readonly window: Window;
  readonly errors: FieldErrors;
}

/** Rows per page. */
export const pageSize = 50;

const hourMillis = 3_600_000;
const windowMillis = { night: dayMillis, week: 7 * dayMillis, month: 30 * dayMillis } as const;
const windowKindOf: Readonly<Record<TimeFilter, WindowKind>> = {
  open: "week",
  now: "night",
  tonight: "night",
  "7d": "week",
  "30d": "month",
  all: "week",
};

/** Reads the page's parameters. Invalid ones are ignored and reported in `errors`. */
export function readScheduleQuery(
  parameters: URLSearchParams,
  facility: Facility | undefined,
  now: Instant,
): ScheduleQuery {
  const columnOrder = readColumnOrder(parameters.get("order") ?? "");
  const known = new URLSearchParams(parameters);
  if (columnOrder) known.delete("order");
  const { listing, errors } = tryListing(known, facility);
  const { filter } = listing;
  const when =
    oneOf(timeFilters, parameters.get("when")) ?? (hasInstants(filter) ? undefined : defaultTimeFilter(parameters));
  const window = readWindow(parameters, filter, when, now);
  return {
    filter,
    listing: {
      filter: when ? narrowed(filter, spanOf(when, facility, filter, now)) : filter,
      order: columnOrder ?? (parameters.get("order") && !errors.order ? listing.order : bySoonest),
      limit: pageSize,
      offset: parameters.has("offset") ? listing.offset : offsetOfPage(parameters.get("page") ?? ""),
    },
    timelineFilter: narrowed(filter, window),
    when,
    window,
    errors,
  };
}

/** Links with a filter or an order but no time filter come from OCS Downtime, whose page then includes the past. */
const defaultTimeFilter = (parameters: URLSearchParams): TimeFilter =>
  [...filterFields, "order"].some((name) => parameters.get(name)) ? "all" : "open";

/** Returns the offset for a page number, which links of OCS Downtime use. */
const offsetOfPage = (text: string): number => (/^[1-9]\d{0,8}$/.test(text) ? (Number(text) - 1) * pageSize : 0);

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

const oneOf = <T extends string>(words: readonly T[], text: string | null): T | undefined =>
  words.find((word) => word === text);

/** The orders of columns that the API can't sort by. Downtimes of one telescope stay together. */
const columnOrders: Readonly<Record<string, readonly OrderTerm["field"][]>> = {
  length: ["length_seconds", "start"],
  site: ["site", "enclosure", "telescope", "start"],
  instrument_type: ["instrument_type", "start"],
  category: ["category", "start"],
  reason: ["reason_folded", "start"],
};

function readColumnOrder(text: string): readonly OrderTerm[] | undefined {
  const descending = text.startsWith("-");
  const name = text.slice(descending ? 1 : 0);
  return Object.hasOwn(columnOrders, name) ? columnOrders[name]?.map((field) => ({ field, descending })) : undefined;
}

/** Returns the order as an API parameter; undefined if the API can't sort by it. */
export const apiOrder = (order: readonly OrderTerm[]): string | undefined =>
  order.every(({ field }) => (orderFields as readonly string[]).includes(field))
    ? order.map(({ field, descending }) => `${descending ? "-" : ""}${field}`).join(",")
    : undefined;

function readWindow(parameters: URLSearchParams, filter: Filter, when: TimeFilter | undefined, now: Instant): Window {
  const kind = oneOf(windowKinds, parameters.get("window")) ?? windowKindOf[when ?? "open"];
  const given = parseFilterInstant(parameters.get("from") ?? "");
  const from = given && isNear(given) ? toMillis(given) : defaultStart(kind, filter, now);
  return { kind, from: toInstant(from), to: toInstant(from + windowMillis[kind]) };
}

/** Returns where the timeline starts by default: shortly before now, or at the start of the filters. */
function defaultStart(kind: WindowKind, filter: Filter, now: Instant): number {
  const first = filter.starts_after ?? filter.ends_after;
  const step = kind === "night" ? hourMillis : dayMillis;
  const lead = kind === "night" ? 2 * hourMillis : 0;
  const at = first && isNear(first) ? toMillis(first) : toMillis(now) - lead;
  return Math.floor(at / step) * step;
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
      const spot = spotOf(site);
      const phases = spot ? darkness(spot, moved(now, -dayMillis), moved(now, 2 * dayMillis)) : [];
      return merged(phases.filter(({ kind }) => kind !== "day")).find(({ end }) => end > now) ?? [];
    });
  const [from = now] = nights.map(({ start }) => start).sort();
  const to =
    nights
      .map(({ end }) => end)
      .sort()
      .at(-1) ?? moved(now, dayMillis);
  return { from, to };
}

export interface FilterChoice {
  readonly code: string;
  readonly selected: boolean;
}

export type FilterChoices = Readonly<Record<ChoiceField, readonly FilterChoice[]>>;

/** Returns for each field the codes that exist in combination with the other filters. Selected codes always stay. */
export function choicesOf(facility: Facility | undefined, filter: Filter): FilterChoices {
  const places = facility?.places() ?? [];
  const choices = (field: PlaceField): FilterChoice[] => {
    const others = placeFields.filter((other) => other !== field);
    const codes = new Set(filter[field]);
    for (const place of places) if (place[field] && fits(place, filter, others)) codes.add(place[field]);
    return [...codes].sort().map((code) => ({ code, selected: Boolean(filter[field]?.includes(code)) }));
  };
  const isChosen = (category: Category) => Boolean(filter.category?.includes(category));
  return {
    ...forEachPlaceField(choices),
    category: categories.map((code) => ({ code, selected: isChosen(code) })),
  };
}
