/** @jsxImportSource @kitajs/html */
/** The message after a change: what was done, what still blocks the telescopes, and how to undo it. */

import type { WhyTelescope } from "../availability/why.ts";
import { endOfBlock } from "../availability/why-view.tsx";
import { EndNow, Restore } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { spellEnd, spellWindow } from "../downtime/state-view.tsx";
import { telescopeStateNames } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import { spellInstant } from "../time/instant.ts";

type DoneDowntime = Parameters<typeof describePlace>[0] & Pick<Downtime, "id" | "start" | "end">;

export interface DoneProps {
  readonly what: "saved" | "ended" | "deleted";
  readonly downtimes: readonly DoneDowntime[];
  /** The telescopes that other downtimes still block. */
  readonly stillBlocked: readonly WhyTelescope[];
  readonly untilNotice: UntilNotice;
  /** Whether the user may end a downtime of this creator. */
  readonly mayEnd: (createdBy: string | null) => boolean;
}

function describeDone(what: DoneProps["what"], count: number): string {
  return `${count === 1 ? "Downtime" : `${count.toLocaleString("en")} downtimes`} ${what}`;
}

/** The message for changed downtimes, with Undo after a delete. */
export function DoneMessage(props: DoneProps & { csrf: string }): JSX.Element {
  const { what, downtimes, stillBlocked, untilNotice, csrf } = props;
  return (
    <div class={stillBlocked.length > 0 ? "message warning" : "message"} role="status">
      <p safe>{describeDone(what, downtimes.length)}</p>
      <ul>
        {downtimes.map((downtime) => (
          <li>
            <a href={`/downtimes/${downtime.id}`}>
              <span safe>{`${describePlace(downtime)}, ${spell(downtime, untilNotice)}`}</span>
            </a>
          </li>
        ))}
      </ul>
      {stillBlocked.map((telescope) => (
        <StillBlocked {...props} telescope={telescope} />
      ))}
      {what === "deleted" ? <Restore ids={downtimes.map(({ id }) => id)} csrf={csrf} label="Undo" /> : null}
    </div>
  );
}

const spell = (downtime: DoneDowntime, untilNotice: UntilNotice): string =>
  untilNotice.has(downtime.id)
    ? `from ${spellInstant(downtime.start)} ${untilNoticeText}`
    : spellWindow(downtime.start, downtime.end);

/** The downtimes that still block a telescope, each with a button to end it. */
function StillBlocked(props: Pick<DoneProps, "untilNotice" | "mayEnd"> & { telescope: WhyTelescope }): JSX.Element {
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
              {downtime.reason || "No reason"}
            </a>
            <span safe>
              {`${downtime.instrument_type && `, ${downtime.instrument_type} only`}, ${spellEnd(downtime, untilNotice)} `}
            </span>
            {mayEnd(downtime.created_by) ? <EndNow id={downtime.id} label="End this too" /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}
