/** @jsxImportSource @kitajs/html */
/** A bar chart of the largest losses. */

import { PlaceLink } from "../downtime/place-link-view.tsx";
import type { Place } from "../facility/facility.ts";
import { plain } from "../ui/attribute.ts";
import { spellHours } from "./report-table-view.tsx";

export interface BarsProps {
  readonly title: string;
  readonly bars: readonly {
    readonly name: string;
    readonly dark_seconds_lost: number | null;
    /** The telescope to link to, if the bar is that of one. */
    readonly place?: Partial<Place>;
  }[];
}

/** The table on the same page has the rest. */
const maxBars = 12;
const rowHeight = 28;

export function Bars({ title, bars }: BarsProps): JSX.Element {
  const shown = bars
    .map(({ dark_seconds_lost, ...bar }) => ({ ...bar, value: dark_seconds_lost ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, maxBars);
  const [longest] = shown;
  return (
    <figure class="bars">
      <figcaption safe>{title}</figcaption>
      {longest ? (
        <svg
          width="100%"
          height={shown.length * rowHeight}
          role={longest.place ? "group" : "img"}
          aria-label={plain(describe(shown))}
        >
          {shown.map(({ name, value, place }, index) => (
            <>
              <Name place={place}>
                <text x="0" y={index * rowHeight + 12} safe>
                  {name}
                </text>
              </Name>
              <text class="value" x="100%" y={index * rowHeight + 12} text-anchor="end" safe>
                {spellHours(value)}
              </text>
              <rect class="ground" y={index * rowHeight + 17} width="100%" height="6" />
              <rect
                class="length"
                y={index * rowHeight + 17}
                width={`${((value / longest.value) * 100).toFixed(2)}%`}
                height="6"
              />
            </>
          ))}
        </svg>
      ) : (
        <p class="muted">None</p>
      )}
    </figure>
  );
}

const Name = ({ place, children }: { readonly place: Partial<Place> | undefined; readonly children: JSX.Element }) =>
  place ? <PlaceLink {...place}>{children}</PlaceLink> : children;

const describe = (bars: readonly { readonly name: string; readonly value: number }[]) =>
  bars.map(({ name, value }) => `${name}: ${spellHours(value)}`).join("; ");
