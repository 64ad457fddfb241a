/** @jsxImportSource @kitajs/html */
/** Asks whether telescopes closed until further notice are still closed. */

import type { Downtime } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { type Instant, spellInstant } from "../time/instant.ts";
import { RowButton } from "../ui/token.tsx";

export interface UnconfirmedClosure {
  readonly downtime: Downtime;
  /** The id of its closure, which is confirmed as a whole. */
  readonly closure: number | undefined;
  /** The number of other downtimes of the closure. */
  readonly more: number;
  /** When someone last confirmed that it is closed until further notice. */
  readonly confirmedAt: Instant;
}

/** The list of closures to confirm; null if there are none. */
export function StillClosed({ unconfirmed }: { unconfirmed: readonly UnconfirmedClosure[] }): JSX.Element | null {
  if (unconfirmed.length === 0) return null;
  return (
    <section class="message warning" id="still-closed" aria-labelledby="still-closed-title">
      <h2 id="still-closed-title">Still closed?</h2>
      <ul>
        {unconfirmed.map(({ downtime, closure, more, confirmedAt }) => (
          <li>
            <PlaceLink {...downtime} />
            <span
              safe
            >{`${more > 0 ? ` and ${more} more` : ""}, until further notice since ${spellInstant(confirmedAt)}: `}</span>
            <a class="reason short" href={`/downtimes/${downtime.id}`} dir="auto" safe>
              {downtime.reason || "No reason"}
            </a>{" "}
            <RowButton
              isQuiet
              to={`${pathOf(closure, downtime)}/extend`}
              name="until"
              value="open"
              label="Still closed"
            />{" "}
            <RowButton isQuiet to={`${pathOf(closure, downtime)}/end`} name="from" value="now" label="End now" />
          </li>
        ))}
      </ul>
    </section>
  );
}

const pathOf = (closure: number | undefined, { id }: Downtime) =>
  closure === undefined ? `/admin/downtimes/${id}` : `/admin/series/${closure}`;
