/** @jsxImportSource @kitajs/html */
/** What was just done, what it leaves, and how to go on. */

import type { WhyTelescope } from "../availability/why.ts";
import { endOfBlock } from "../availability/why-view.tsx";
import { EndNow, Restore } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { spellEnd, spellWindow } from "../downtime/state-view.tsx";
import { telescopeStateNames } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeWords } from "../downtime/until-notice.ts";
import { spellInstant } from "../time/instant.ts";

type DoneDowntime = Parameters<typeof describePlace>[0] & Pick<Downtime, "id" | "start" | "end">;

export interface DoneProps {
  readonly what: "saved" | "ended" | "deleted";
  readonly downtimes: readonly DoneDowntime[];
  /** The telescopes that stay blocked by something else. */
  readonly still: readonly WhyTelescope[];
  readonly untilNotice: UntilNotice;
  /** Whether the user may end what another one has created. */
  readonly mayEnd: (createdBy: string | null) => boolean;
}

const words = { saved: "Saved", ended: "Ended", deleted: "Deleted" } as const;

/** What was just done, and how to undo it. */
export function Done(props: DoneProps & { csrf: string }): JSX.Element {
  const { what, downtimes, still, untilNotice, csrf } = props;
  const noun = downtimes.length === 1 ? "" : ` ${downtimes.length} downtimes`;
  return (
    <div class={still.length > 0 ? "message warning" : "message"} role="status">
      <p safe>{`${words[what]}${noun}:`}</p>
      <ul>
        {downtimes.map((downtime) => (
          <li>
            <a href={`/downtimes/${downtime.id}`}>
              <span safe>{`${describePlace(downtime)}, ${spell(downtime, untilNotice)}`}</span>
            </a>
          </li>
        ))}
      </ul>
      {still.map((telescope) => (
        <Still {...props} telescope={telescope} />
      ))}
      {what === "deleted" ? <Restore ids={downtimes.map(({ id }) => id)} csrf={csrf} label="Undo" /> : null}
    </div>
  );
}

const spell = (downtime: DoneDowntime, untilNotice: UntilNotice): string =>
  untilNotice.has(downtime.id)
    ? `from ${spellInstant(downtime.start)} ${untilNoticeWords}`
    : spellWindow(downtime.start, downtime.end);

/** What still blocks a telescope, until when, and the button that ends it too. */
function Still(props: Pick<DoneProps, "untilNotice" | "mayEnd"> & { telescope: WhyTelescope }): JSX.Element {
  const { telescope, untilNotice, mayEnd } = props;
  const { state, site, enclosure, telescope: code } = telescope;
  const until = state === "down" ? ` ${endOfBlock(telescope, untilNotice)}` : "";
  const blocking = [telescope, ...telescope.instrument_types].flatMap(({ downtimes }) => downtimes);
  return (
    <>
      <p>
        <strong safe>{`${site} ${enclosure} ${code} is still ${telescopeStateNames[state]}${until}:`}</strong>
      </p>
      <ul>
        {blocking.map((downtime) => (
          <li>
            <a href={`/downtimes/${downtime.id}`} dir="auto" safe>
              {downtime.reason || "no reason given"}
            </a>
            <span safe>
              {`${downtime.instrument_type && `, only ${downtime.instrument_type}`}, ${spellEnd(downtime, untilNotice)} `}
            </span>
            {mayEnd(downtime.created_by) ? <EndNow id={downtime.id} label="End this too" /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}
