/** @jsxImportSource @kitajs/html */
/** Shows the fields of a downtime: their labels, its state, times, duration, category and reason. */

import { fromNow, inWords, secondsBetween } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { type Category, categories, type Downtime, type Draft, type State } from "./downtime.ts";
import { needsConfirmation, type UntilNotice, untilNoticeText } from "./until-notice.ts";

/** The names of the states. */
export const stateNames: Readonly<Record<State, string>> = { past: "Past", now: "Active", upcoming: "Upcoming" };

/** Describes the next change of a downtime's state: `ends in 20 min`. */
export function describeState(
  state: State,
  { id, start, end }: Pick<Downtime, "id" | "start" | "end">,
  now: Instant,
  untilNotice: UntilNotice,
): string {
  if (state === "now" && untilNotice.has(id))
    return needsConfirmation({ id }, untilNotice, now) ? `${untilNoticeText} · still closed?` : untilNoticeText;
  if (state === "now") return `ends ${fromNow(end, now)}`;
  return state === "upcoming" ? `starts ${fromNow(start, now)}` : `ended ${fromNow(end, now)}`;
}

/** A state's name; its class adds a shape and a color. */
export function StateMark({ state }: { state: State }): JSX.Element {
  return (
    <span class={`state ${state}`} safe>
      {stateNames[state]}
    </span>
  );
}

/** Formats the end: `until 2026-11-22 08:15Z`, or `until further notice`. */
export const spellEnd = ({ id, end }: Pick<Downtime, "id" | "end">, untilNotice: UntilNotice): string =>
  untilNotice.has(id) ? untilNoticeText : `until ${spellInstant(end)}`;

type EndProps = Parameters<typeof Time>[0] & { id: number; untilNotice: UntilNotice };

/** The end in UTC, or `until further notice`. */
export function End({ id, untilNotice, ...moment }: EndProps): JSX.Element {
  return untilNotice.has(id) ? <span>{untilNoticeText}</span> : <Time {...moment} />;
}

/** Formats the duration; empty for downtimes until further notice. */
export const spellLength = ({ id, start, end }: Pick<Downtime, "id" | "start" | "end">, untilNotice: UntilNotice) =>
  untilNotice.has(id) ? "" : inWords(secondsBetween(start, end));

/** The reason, with the category before it. */
export function Reason({ downtime: { category, reason } }: { downtime: Downtime }): JSX.Element {
  return (
    <>
      {category ? <CategoryMark category={category} isNamed /> : null}
      <bdi safe>{reason}</bdi>
    </>
  );
}

export const categoryShapes: Readonly<Record<Category, string>> = {
  maintenance: "■",
  engineering: "▲",
  weather: "●",
  education: "◆",
  fault: "✖",
  closure: "▼",
};

/** The mark of a category, with its name as text or, without `isNamed`, for screen readers alone. */
export function CategoryMark({ category, isNamed }: { category: Category; isNamed?: boolean }): JSX.Element {
  return (
    <>
      <span class={`category ${category}`} aria-hidden="true" safe>
        {categoryShapes[category]}
      </span>
      <small class={isNamed ? "muted" : "hidden"} safe>{` ${category} `}</small>
    </>
  );
}

export function CategoryLegend(): JSX.Element {
  return (
    <p class="categories" aria-hidden="true">
      {categories.map((category) => (
        <span>
          <CategoryMark category={category} isNamed />
        </span>
      ))}
    </p>
  );
}

/** What was done to a downtime or a series. */
export const participles = {
  create: "created",
  change: "edited",
  end: "ended",
  delete: "deleted",
  restore: "restored",
} as const;

export const fieldNames: Readonly<Record<keyof Draft, string>> = {
  start: "Start",
  end: "End",
  site: "Site",
  enclosure: "Enclosure",
  telescope: "Telescope",
  instrument_type: "Instrument type",
  reason: "Reason",
  category: "Category",
};
