/** @jsxImportSource @kitajs/html */
/** Links to the pages of telescopes and sites, wherever their codes are shown, and lists of downtimes with them. */

import { type Children, escapeHtml } from "@kitajs/html";
import { emptyPlace, type Place } from "../facility/facility.ts";
import { Time } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Draft, describePlace } from "./downtime.ts";

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
export function PlaceLinks({ places }: { readonly places: readonly Partial<Place>[] }): JSX.Element {
  return (
    <>
      {places.map((place, index) => (
        <>
          {index > 0 ? "; " : ""}
          <PlaceLink {...place} />
        </>
      ))}
    </>
  );
}

const maxListed = 100;

type CollapsibleListProps = { title: string; drafts: readonly Draft[]; zoneOf: ZoneOf };

/** A list of downtimes, collapsed at first. */
export function CollapsibleList({ title, drafts, zoneOf }: CollapsibleListProps): JSX.Element | null {
  if (drafts.length === 0) return null;
  return (
    <details>
      <summary safe>{`${title}: ${drafts.length.toLocaleString("en")}`}</summary>
      <ul>
        {drafts.slice(0, maxListed).map((draft) => (
          <li class="moment">
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
