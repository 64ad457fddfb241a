/** @jsxImportSource @kitajs/html */
/** Shows the fields of a downtime: their labels, its state, times, duration, category, reason and telescope. */

import { type Children, escapeHtml } from "@kitajs/html";
import { emptyPlace, type Place } from "../facility/facility.ts";
import { capitalized } from "../input/text.ts";
import { fromNow, inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant, toMinute } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import {
  type Category,
  categories,
  type Downtime,
  type Draft,
  describePlace,
  draftFields,
  type State,
  spellReason,
} from "./downtime.ts";
import { needsConfirmation, type UntilNotice, untilNoticeText } from "./state.ts";

/** The names of the states. */
export const stateNames = { past: "Past", now: "Active", upcoming: "Upcoming" } as const satisfies Record<
  State,
  string
>;

type Period = Pick<Downtime, "id" | "start" | "end">;

/** Describes the next change of a downtime's state: `ends in 20 min`. */
export function describeState(
  state: State,
  { id, start, end }: Period,
  now: Instant,
  untilNotice: UntilNotice,
): string {
  if (state === "upcoming") return `starts ${fromNow(start, now)}`;
  if (state === "past") return `ended ${fromNow(end, now)}`;
  if (!untilNotice.has(id)) return `ends ${fromNow(end, now)}`;
  return needsConfirmation({ id }, untilNotice, now) ? `${untilNoticeText} · still closed?` : untilNoticeText;
}

/** A state's name; its class adds a shape and a color. */
export const StateMark = ({ state }: { state: State }): JSX.Element => (
  <span class={`state ${state}`}>{stateNames[state]}</span>
);

/** Formats the end: `until 2026-11-22 08:15Z`, or `until further notice`. */
export const spellEnd = ({ id, end }: Pick<Downtime, "id" | "end">, untilNotice: UntilNotice): string =>
  untilNotice.has(id) ? untilNoticeText : `until ${spellInstant(toMinute(end))}`;

type EndProps = Parameters<typeof Time>[0] & { id: number; untilNotice: UntilNotice };

/** The end in UTC, or `until further notice`. */
export const End = ({ id, untilNotice, ...time }: EndProps): JSX.Element =>
  untilNotice.has(id) ? <span>{untilNoticeText}</span> : <Time {...time} />;

/** Formats the duration; empty for downtimes until further notice. */
export const spellDuration = ({ id, start, end }: Period, untilNotice: UntilNotice) =>
  untilNotice.has(id) ? "" : inWords(secondsBetween(start, end));

/** The reason, with the category before it. */
export const Reason = ({ downtime: { category, reason } }: { downtime: Downtime }): JSX.Element => (
  <>
    {category ? <CategoryMark category={category} isNamed /> : null}
    <bdi safe>{reason}</bdi>
  </>
);

type DowntimeLinkProps = { id: number; text: string; class?: string };

/** Links to a downtime. @param text its reason, or what describes it */
export const DowntimeLink = ({ id, text, ...attributes }: DowntimeLinkProps): JSX.Element => (
  <a href={`/downtimes/${id}`} dir="auto" {...attributes} safe>
    {spellReason(text)}
  </a>
);

export const categoryShapes: Readonly<Record<Category, string>> = {
  maintenance: "■",
  engineering: "▲",
  weather: "●",
  education: "◆",
  fault: "✖",
  closure: "▼",
};

/** The mark of a category, with its name as text or, without `isNamed`, for screen readers alone. */
export const CategoryMark = ({ category, isNamed }: { category: Category; isNamed?: boolean }): JSX.Element => (
  <>
    <span class={`category ${category}`} aria-hidden="true" safe>
      {categoryShapes[category]}
    </span>
    <small class={isNamed ? "muted" : "hidden"} safe>{` ${category} `}</small>
  </>
);

export const CategoryLegend = (): JSX.Element => (
  <p class="categories" aria-hidden="true">
    {categories.map((category) => (
      <span>
        <CategoryMark category={category} isNamed />
      </span>
    ))}
  </p>
);

/** What was done to a downtime or a series. */
export const participles = {
  create: "created",
  change: "edited",
  end: "ended",
  delete: "deleted",
  restore: "restored",
} as const;

export const fieldNames = Object.fromEntries(
  draftFields.map((field) => [field, capitalized(field.replace("_", " "))]),
) as Record<keyof Draft, string>;

/** Returns the address of a telescope's page; of its site's, if no telescope is given. */
export function placePath({ site = "", enclosure = "", telescope = "" }: Partial<Place>): string {
  const codes = telescope ? [site, enclosure, telescope] : [site];
  // A path can't contain empty codes, nor dots, which browsers resolve even if they are encoded.
  if (codes.some((code) => /^\.{0,2}$/.test(code)))
    return `/why?${new URLSearchParams({ telescope, site, enclosure })}`;
  const steps = codes.map((code) => encodeURIComponent(code.toWellFormed()));
  return `/${telescope ? "telescopes" : "sites"}/${steps.join("/")}`;
}

/** Links codes to their page. @param children the text, by default all codes */
export function PlaceLink({ children, ...place }: Partial<Place> & { readonly children?: Children }): JSX.Element {
  return <a href={plain(placePath(place))}>{children ?? escapeHtml(describePlace({ ...emptyPlace, ...place }))}</a>;
}

/** Links several places, such as the locations of a series. */
export const PlaceLinks = ({ places }: { readonly places: readonly Partial<Place>[] }): JSX.Element => (
  <>
    {places.map((place, index) => (
      <>
        {index > 0 ? "; " : ""}
        <PlaceLink {...place} />
      </>
    ))}
  </>
);

type CollapsibleListProps = { title: string; drafts: readonly Draft[]; zoneOf: ZoneOf };

/** A list of downtimes, collapsed at first. */
export function CollapsibleList({ title, drafts, zoneOf }: CollapsibleListProps): JSX.Element | null {
  if (drafts.length === 0) return null;
  const maxListed = 100;
  return (
    <details>
      <summary safe>{`${title}: ${drafts.length.toLocaleString("en")}`}</summary>
      <ul>
        {drafts.slice(0, maxListed).map((draft) => (
          <li class="time">
            <Time at={draft.start} to={draft.end} zone={zoneOf(draft.site)} />
            {", "}
            <PlaceLink {...draft} />
          </li>
        ))}
        {drafts.length > maxListed ? (
          <li safe>{`and ${(drafts.length - maxListed).toLocaleString("en")} more`}</li>
        ) : null}
      </ul>
    </details>
  );
}
