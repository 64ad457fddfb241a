/** Agendas: what the first page shows. Filters as everywhere, a time counted from now, a column, a window to draw. */

import {
  bySoonest,
  type Filter,
  filterFields,
  hasInstants,
  type Listing,
  narrowed,
  type OrderTerm,
  orderFields,
} from "../downtime/filter.ts";
import { tryListing } from "../downtime/list-query.ts";
import type { Facility, Site } from "../facility/facility.ts";
import { spotOf } from "../facility/places.ts";
import type { FieldErrors } from "../input/problem.ts";
import { darkness } from "../sky/twilight.ts";
import { dayMillis, type Instant, isNear, moved, parseFilterInstant, toInstant, toMillis } from "../time/instant.ts";
import { type Span, type Window, type WindowKind, windowKinds } from "../time/window.ts";

/** Times counted from now. `open`: what isn't over yet. */
export const whens = ["open", "now", "tonight", "7d", "30d", "all"] as const;
export type When = (typeof whens)[number];

export interface ScheduleQuery {
  /** The filters as they were given. */
  readonly filter: Filter;
  /** The question for the table: the filters and the time. */
  readonly listing: Listing;
  /** The question for the picture: the filters and the window. */
  readonly drawn: Filter;
  /** Undefined where the filters' instants say the time. */
  readonly when: When | undefined;
  readonly window: Window;
  readonly errors: FieldErrors;
}

/** Rows on a page. */
export const pageSize = 50;

const hourMillis = 3_600_000;
const windowMillis = { night: dayMillis, week: 7 * dayMillis, month: 30 * dayMillis } as const;
const windowOf: Readonly<Record<When, WindowKind>> = {
  open: "week",
  now: "night",
  tonight: "night",
  "7d": "week",
  "30d": "month",
  all: "week",
};

/** Reads what somebody wants to see from a page's parameters; what is wrong is left out and named. */
export function readScheduleQuery(
  parameters: URLSearchParams,
  facility: Facility | undefined,
  now: Instant,
): ScheduleQuery {
  const columnOrder = readColumn(parameters.get("order") ?? "");
  const known = new URLSearchParams(parameters);
  if (columnOrder) known.delete("order");
  const { listing, errors } = tryListing(known, facility);
  const { filter } = listing;
  const when = oneOf(whens, parameters.get("when")) ?? (hasInstants(filter) ? undefined : whenUnsaid(parameters));
  const window = readWindow(parameters, filter, when, now);
  return {
    filter,
    listing: {
      filter: when ? narrowed(filter, spanOf(when, facility, filter, now)) : filter,
      order: columnOrder ?? (parameters.get("order") && !errors.order ? listing.order : bySoonest),
      limit: pageSize,
      offset: parameters.has("offset") ? listing.offset : offsetOfPage(parameters.get("page") ?? ""),
    },
    drawn: narrowed(filter, window),
    when,
    window,
    errors,
  };
}

/** The original's page shows the past too as soon as it is asked anything, and such links are passed on. */
const whenUnsaid = (parameters: URLSearchParams): When =>
  [...filterFields, "order"].some((name) => parameters.get(name)) ? "all" : "open";

/** Where a page begins that is named by its number, as the original names it. */
const offsetOfPage = (text: string): number => (/^[1-9]\d{0,8}$/.test(text) ? (Number(text) - 1) * pageSize : 0);

/** The same question as links and forms ask it: always with a time, and with an offset in place of a page's number. */
export function spellQuery(parameters: URLSearchParams, { when, listing: { offset } }: ScheduleQuery): URLSearchParams {
  const query = new URLSearchParams(parameters);
  query.set("when", when ?? "all");
  query.delete("page");
  if (offset > 0) query.set("offset", String(offset));
  return query;
}

const oneOf = <T extends string>(words: readonly T[], text: string | null): T | undefined =>
  words.find((word) => word === text);

/** What the page's other columns are sorted by; the downtimes of one telescope stay together. */
const columnOrders: Readonly<Record<string, readonly OrderTerm["field"][]>> = {
  length: ["length_seconds", "start"],
  site: ["site", "enclosure", "telescope", "start"],
  instrument_type: ["instrument_type", "start"],
  category: ["category", "start"],
  reason: ["reason_folded", "start"],
};

/** The order by a column that the API's `order` doesn't take. */
function readColumn(text: string): readonly OrderTerm[] | undefined {
  const descending = text.startsWith("-");
  const name = text.slice(descending ? 1 : 0);
  return Object.hasOwn(columnOrders, name) ? columnOrders[name]?.map((field) => ({ field, descending })) : undefined;
}

/** The order as the API takes it; undefined where the API can't sort so. */
export const apiOrder = (order: readonly OrderTerm[]): string | undefined =>
  order.every(({ field }) => (orderFields as readonly string[]).includes(field)) ? spellOrder(order) : undefined;

/** The order as a parameter. */
const spellOrder = (order: readonly OrderTerm[]): string =>
  order.map(({ field, descending }) => `${descending ? "-" : ""}${field}`).join(",");

function readWindow(parameters: URLSearchParams, filter: Filter, when: When | undefined, now: Instant): Window {
  const kind = oneOf(windowKinds, parameters.get("window")) ?? windowOf[when ?? "open"];
  const asked = parseFilterInstant(parameters.get("from") ?? "");
  const from = asked && isNear(asked) ? toMillis(asked) : beginningOf(kind, filter, now);
  return { kind, from: toInstant(from), to: toInstant(from + windowMillis[kind]) };
}

/** Where the picture begins when nobody says so: a little before now, or where the filters begin. */
function beginningOf(kind: WindowKind, filter: Filter, now: Instant): number {
  const first = filter.starts_after ?? filter.ends_after;
  const step = kind === "night" ? hourMillis : dayMillis;
  const lead = kind === "night" ? 2 * hourMillis : 0;
  const at = first && isNear(first) ? toMillis(first) : toMillis(now) - lead;
  return Math.floor(at / step) * step;
}

function spanOf(when: When, facility: Facility | undefined, filter: Filter, now: Instant): Partial<Span> {
  switch (when) {
    case "all":
      return {};
    case "open":
      return { from: now };
    case "now":
      return { from: now, to: moved(now, 1000) };
    case "7d":
      return { from: now, to: moved(now, 7 * dayMillis) };
    case "30d":
      return { from: now, to: moved(now, 30 * dayMillis) };
    case "tonight":
      return tonight(facility, filter, now);
  }
}

/** From the first sunset to the last sunrise of this or the next night at the sites that are asked for. */
function tonight(facility: Facility | undefined, filter: Filter, now: Instant): Span {
  const nights = (facility?.sites ?? [])
    .filter(({ code, active }) => (filter.site?.length ? filter.site.includes(code) : active))
    .flatMap((site) => nightAt(site, now) ?? []);
  const from = nights.map((night) => night.from).sort()[0] ?? now;
  const to = nights
    .map((night) => night.to)
    .sort()
    .at(-1);
  return { from, to: to ?? moved(now, dayMillis) };
}

/** The night that it is or that comes next at a site, from sunset to sunrise; undefined where nobody can say. */
function nightAt(site: Site, now: Instant): Span | undefined {
  const spot = spotOf(site);
  if (!spot) return undefined;
  let night: Span | undefined;
  for (const { kind, start, end } of darkness(spot, moved(now, -dayMillis), moved(now, 2 * dayMillis))) {
    if (kind !== "day") night = { from: night?.from ?? start, to: end };
    else if (night && night.to > now) return night;
    else night = undefined;
  }
  return night;
}
