/** @jsxImportSource @kitajs/html */
/** The question whether telescopes that are closed until further notice are still closed. */

import { EndNow } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { type Instant, spellInstant } from "../time/instant.ts";

export interface Questionable {
  readonly downtime: Downtime;
  /** When somebody last said that it is closed until further notice. */
  readonly saidAt: Instant;
}

/** Nothing where nothing is to be asked. */
export function StillClosed({ questionable }: { questionable: readonly Questionable[] }): JSX.Element | null {
  if (questionable.length === 0) return null;
  return (
    <section class="message warning" id="still-closed" aria-labelledby="still-closed-title">
      <h2 id="still-closed-title">Still closed?</h2>
      <ul>
        {questionable.map(({ downtime, saidAt }) => (
          <li>
            <a href={`/downtimes/${downtime.id}`} safe>
              {describePlace(downtime)}
            </a>
            <span safe>{`, closed until further notice on ${spellInstant(saidAt)}: `}</span>
            <bdi class="reason short" safe>
              {downtime.reason || "no reason given"}
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
