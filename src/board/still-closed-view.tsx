/** @jsxImportSource @kitajs/html */
/** Asks whether telescopes closed until further notice are still closed. */

import { EndNow } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { type Instant, spellInstant } from "../time/instant.ts";

export interface UnconfirmedClosure {
  readonly downtime: Downtime;
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
        {unconfirmed.map(({ downtime, confirmedAt }) => (
          <li>
            <a href={`/downtimes/${downtime.id}`} safe>
              {describePlace(downtime)}
            </a>
            <span safe>{`, until further notice since ${spellInstant(confirmedAt)}: `}</span>
            <bdi class="reason short" safe>
              {downtime.reason || "No reason"}
            </bdi>{" "}
            <button
              type="submit"
              class="quiet"
              form="row"
              formaction={`/admin/downtimes/${downtime.id}/extend`}
              name="until"
              value="open"
            >
              Still closed
            </button>{" "}
            <EndNow id={downtime.id} label="End now" />
          </li>
        ))}
      </ul>
    </section>
  );
}
