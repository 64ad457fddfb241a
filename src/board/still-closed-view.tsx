/** @jsxImportSource @kitajs/html */
/** Asks whether telescopes closed until further notice are still closed. */

import { EndNow } from "../downtime/actions-view.tsx";
import type { Downtime } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { type Instant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";

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
            <button
              type="submit"
              class="quiet"
              form="row"
              formaction={plain(closure ? `/admin/series/${closure}/extend` : `/admin/downtimes/${downtime.id}/extend`)}
              name="until"
              value="open"
            >
              Still closed
            </button>{" "}
            {closure ? (
              <button
                type="submit"
                class="quiet"
                form="row"
                formaction={`/admin/series/${closure}/end`}
                name="from"
                value="now"
              >
                End now
              </button>
            ) : (
              <EndNow id={downtime.id} label="End now" />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
