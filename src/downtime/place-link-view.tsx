/** @jsxImportSource @kitajs/html */
/** Links to the pages of telescopes and sites, wherever their codes are shown. */

import type { Children } from "@kitajs/html";
import { emptyPlace, type Place } from "../facility/facility.ts";
import { plain } from "../ui/attribute.ts";
import { describePlace } from "./downtime.ts";

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
  const path = plain(placePath(place));
  if (children) return <a href={path}>{children}</a>;
  return (
    <a href={path} safe>
      {describePlace({ ...emptyPlace, ...place })}
    </a>
  );
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
