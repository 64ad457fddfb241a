/** @jsxImportSource @kitajs/html */
/** The message after a change: what was done, what still blocks the telescopes, and how to undo it. */

import { UndoButton } from "../account/undo-view.tsx";
import type { Visitor } from "../auth/user.ts";
import type { WhyTelescope } from "../availability/why.ts";
import { endOfBlock } from "../availability/why-page.tsx";
import { ActiveActions, EndNow } from "../downtime/actions-view.tsx";
import { describePlace } from "../downtime/downtime.ts";
import { spellEnd } from "../downtime/fields-view.tsx";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { telescopeStateNames } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import { telescopeName } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import { spellInstant } from "../time/instant.ts";
import { spellWindow } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import { ClosureActions } from "./closing-view.tsx";
import { type Done, type DoneServices, findDone } from "./done.ts";

/** Creates the function that renders what a visitor did. The query only names the change set, so a link can't fake a message. */
export const createDoneMessage =
  (services: DoneServices) =>
  async (changeSet: number, { user, csrf }: Visitor, path: string): Promise<JSX.Element | undefined> => {
    if (!user || !csrf || !Number.isSafeInteger(changeSet)) return undefined;
    const done = changeSet === 0 ? undefined : await findDone(services, user, changeSet);
    return changeSet === 0 || done ? Toast({ done, csrf, path }) : undefined;
  };

const participles = { create: "saved", change: "saved", restore: "restored", delete: "deleted" } as const;

const verbOf = (kind: string) =>
  kind.startsWith("end") ? "Ended" : kind === "extend" ? "Extended" : /^(close|until_notice)$/.test(kind) && "Closed";

/** `Closed 2 telescopes at ogg until 2026-11-22 16:40Z`, `2 downtimes deleted`, `Undone: Downtime changed back`. */
function WhatWasDone({ kind, versions, untilNotice }: Done): JSX.Element {
  const [verb, isUndo] = [verbOf(kind), kind === "undo"];
  if (verb) {
    const sites = [...new Set(versions.map(({ site }) => site))];
    const ends = new Set(versions.map((one) => spellEnd(one, untilNotice)));
    return (
      <p>
        <span safe>{`${verb} ${counted(versions.length, verb === "Closed" ? "telescope" : "downtime")} at `}</span>
        {sites.map((site, index) => (
          <>
            {index > 0 ? ", " : ""}
            <PlaceLink site={site} />
          </>
        ))}
        {verb === "Ended" || ends.size > 1 ? null : <span safe>{` ${[...ends]}`}</span>}
      </p>
    );
  }
  const groups = Map.groupBy(versions, ({ action }) =>
    isUndo && action === "change" ? "changed back" : participles[action],
  );
  const parts = [...groups].map(
    ([what, { length }]) => `${length === 1 ? "Downtime" : `${length.toLocaleString("en")} downtimes`} ${what}`,
  );
  return <p safe>{`${isUndo ? "Undone: " : ""}${parts.join(", ")}`}</p>;
}

const describeLost = (count: number): string =>
  `${count === 1 ? "One had begun. Its" : `${count.toLocaleString("en")} had begun. Their`} time no longer counts as lost; the history keeps it.`;

const maxListed = 20;

type ToastProps = Readonly<Record<"csrf" | "path", string>>;

/** A message that stays until the next page. @param done undefined: nothing was written */
function Toast({ done, ...page }: ToastProps & { done: Done | undefined }): JSX.Element {
  const isWarning = !done || done.stillBlocked.length + done.left.length + lostOf(done) > 0;
  return (
    <section class="toast" aria-live="polite" aria-label="Done">
      <a class="dismiss" href={plain(page.path)} aria-label="Dismiss">
        ×
      </a>
      <div class={isWarning ? "message warning" : "message"} role="status">
        {done ? <DoneMessage {...done} {...page} /> : <p>Nothing to save: the downtime is stored like this already.</p>}
      </div>
    </section>
  );
}

const lostOf = ({ versions, now }: Done) =>
  versions.filter(({ action, start }) => action === "delete" && start <= now).length;

function DoneMessage(props: Done & ToastProps): JSX.Element {
  const { changeSet, kind, versions, closure, active, stillBlocked, untilNotice, csrf, path } = props;
  const lost = lostOf(props);
  // The page of granted nights says what was done in nights.
  const listed = kind === "uptime" ? [] : versions;
  return (
    <>
      <WhatWasDone {...props} />
      {lost > 0 ? <p safe>{describeLost(lost)}</p> : null}
      <ul>
        {listed.slice(0, maxListed).map((downtime) => (
          <li>
            <a href={`/downtimes/${downtime.id}`} safe>
              {`${describePlace(downtime)}, ${spell(downtime, untilNotice)}`}
            </a>
            {" · "}
            <PlaceLink {...downtime}>Telescope page</PlaceLink>
          </li>
        ))}
        {listed.length > maxListed ? (
          <li safe>{`and ${(listed.length - maxListed).toLocaleString("en")} more`}</li>
        ) : null}
      </ul>
      {stillBlocked.map((telescope) => (
        <StillBlocked {...props} telescope={telescope} />
      ))}
      {props.left.length > 0 ? <LeftAsItWas {...props} /> : null}
      <div class="actions">
        <UndoButton changeSet={changeSet} csrf={csrf} next={path} label={kind === "undo" ? "Redo" : "Undo"} />
        {closure === undefined ? null : (
          <ClosureActions id={closure} about="these" isOpen={versions.some(({ id }) => untilNotice.has(id))} />
        )}
        {closure === undefined && active !== undefined ? <ActiveActions id={active} untilNotice={untilNotice} /> : null}
      </div>
    </>
  );
}

const spell = ({ id, start, end }: Done["versions"][number], untilNotice: UntilNotice): string =>
  untilNotice.has(id) ? `from ${spellInstant(start)} ${untilNoticeText}` : spellWindow(start, end);

function StillBlocked({ telescope, kind, untilNotice, mayEnd }: Done & { telescope: WhyTelescope }): JSX.Element {
  const { state } = telescope;
  const until = state === "down" ? ` ${endOfBlock(telescope, untilNotice)}` : "";
  const blocking = [telescope, ...telescope.instrument_types].flatMap(({ downtimes }) => downtimes);
  return (
    <>
      <p>
        <strong>
          <PlaceLink {...telescope}>
            <span safe>{telescopeName(telescope)}</span>
          </PlaceLink>
          <span safe>{` is still ${telescopeStateNames[state]}${until}:`}</span>
        </strong>
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
            {kind !== "undo" && mayEnd(downtime.created_by) ? <EndNow id={downtime.id} label="End this too" /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The rest of a closure. Those edited individually have buttons of their own. */
function LeftAsItWas({ kind, left, rest, untilNotice, mayEnd }: Done): JSX.Element {
  const isEnd = kind.startsWith("end");
  return (
    <>
      <p>
        <strong safe>
          {`${counted(left.length, "telescope")} of this closure ${isEnd ? "still down" : "not extended"}:`}
        </strong>
      </p>
      <ul>
        {left.map(({ downtime, byHand, createdBy }) => (
          <li>
            <PlaceLink {...downtime} />
            <span safe>{`, ${byHand ? "edited individually, " : ""}${spellEnd(downtime, untilNotice)}: `}</span>
            <a href={`/downtimes/${downtime.id}`} dir="auto" safe>
              {downtime.reason || "No reason"}
            </a>{" "}
            {!byHand || !mayEnd(createdBy) ? null : isEnd ? (
              <EndNow id={downtime.id} label="End this too" />
            ) : (
              <ActiveActions id={downtime.id} untilNotice={untilNotice} />
            )}
          </li>
        ))}
      </ul>
      {rest ? (
        <p class="actions">
          <span>The rest of this closure:</span>
          <ClosureActions
            id={rest.series.id}
            about="the rest of this closure"
            isOpen={untilNotice.has(rest.downtimes[0].id)}
          />
        </p>
      ) : null}
    </>
  );
}
