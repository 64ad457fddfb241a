/** @jsxImportSource @kitajs/html */
/** The message after a change: what was done, what still blocks the telescopes, and how to undo it. */

import { mayChange, type User, type Visitor } from "../auth/user.ts";
import { findWhy, type WhyTelescope } from "../availability/why.ts";
import { endOfBlock } from "../availability/why-view.tsx";
import { ActiveActions, EndNow } from "../downtime/actions-view.tsx";
import { describePlace, stateOf } from "../downtime/downtime.ts";
import { DowntimeLink, PlaceLink, PlaceLinks, spellEnd } from "../downtime/fields-view.tsx";
import { telescopeStateNames, untilNoticeText } from "../downtime/state.ts";
import { telescopeName } from "../facility/facility.ts";
import { counted } from "../input/text.ts";
import type { SeriesStaffServices } from "../series/one-series.ts";
import { spellInstant, toInstant, toMinute } from "../time/instant.ts";
import { spellWindow } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import { UndoButton } from "../ui/token.tsx";
import { ClosureActions } from "./closing-view.tsx";
import { findEditable } from "./closures.ts";

type DoneServices = Pick<SeriesStaffServices, "auth" | "changeSets" | "downtimes" | "series" | "configdb" | "clock">;
type Done = NonNullable<Awaited<ReturnType<typeof findDone>>>;

/**
 * Creates the function that renders what a visitor did, as a message that stays until the next page. The query only names
 * the change set, so a link can't fake a message; 0: a form changed nothing.
 */
export const createDoneMessage =
  (services: DoneServices) =>
  async (changeSet: number, { user, csrf }: Visitor, path: string): Promise<JSX.Element | undefined> => {
    if (!user || !csrf || !Number.isSafeInteger(changeSet)) return undefined;
    const done = changeSet === 0 ? undefined : await findDone(services, user, changeSet);
    if (changeSet !== 0 && !done) return undefined;
    const isWarning = !done || done.stillBlocked.length > 0 || done.left.length > 0 || done.hasBegun;
    return (
      <section class="toast" aria-live="polite" aria-label="Done">
        <a class="dismiss" href={plain(path)} aria-label="Dismiss">
          ×
        </a>
        <div class={isWarning ? "message warning" : "message"} role="status">
          {done ? (
            <DoneMessage {...done} csrf={csrf} path={path} />
          ) : (
            <p>No changes to save: the downtime already has these values.</p>
          )}
        </div>
      </section>
    );
  };

/** Reads what was done from the store; undefined if it was someone else. */
async function findDone(services: DoneServices, user: User, changeSet: number) {
  const { auth, changeSets, configdb, downtimes, series } = services;
  const found = await changeSets.find(changeSet);
  if (!found || found.by !== user.name) return undefined;
  const { kind } = found;
  const versions = (await downtimes.writtenBy(changeSet)).map((one) => ({ ...one, id: one.downtime_id }));
  if (versions.length === 0) return undefined;
  const now = toInstant(services.clock());
  const stored = await downtimes.findAllStored(versions.map(({ id }) => id));
  const current = stored.map(({ downtime }) => downtime);
  const active = current.filter((one) => stateOf(one, now) === "now");
  const { closures, mayEdit } = await findEditable(services, { user }, now, active);
  const deleted = versions.filter(({ action, start }) => action === "delete" && start <= now);
  const freed = [
    ...deleted.filter(({ end }) => end > now),
    ...(kind === "end" || kind === "end_series" ? current.filter((one) => stateOf(one, now) === "past") : []),
    // A telescope that was edited individually isn't ended with its closure.
    ...(kind === "end_series" ? await series.rows(versions[0]?.series ?? 0) : []).map(({ downtime }) => downtime),
  ];
  const extended = kind === "extend" || kind === "until_notice" ? stored.find(({ byHand }) => !byHand) : undefined;
  const left = (await series.rows(extended?.downtime.series ?? 0)).filter(
    ({ byHand, downtime }) =>
      byHand && stateOf(downtime, now) === "now" && !versions.some(({ id }) => id === downtime.id),
  );
  const names = new Set(freed.map(telescopeName));
  const sites = [...new Set(freed.map(({ site }) => site))];
  const why = freed.length > 0 ? await findWhy(downtimes, configdb.find(), { site: sites }, now) : undefined;
  return {
    ...{ changeSet, kind, versions },
    /** Whether it deleted a downtime that had begun. */
    hasBegun: deleted.length > 0,
    /** The id of the active closure that it wrote; or of the only downtime, if that is active. */
    closure: closures.find(({ mayChange }) => mayChange)?.series.id,
    single: versions.length === 1 ? [...mayEdit] : [],
    mayEdit: (createdBy: string | null) => mayChange(user, auth.writeAccess, createdBy),
    /** The telescopes that other downtimes still block. */
    stillBlocked: why?.telescopes.filter((one) => names.has(telescopeName(one)) && one.state !== "available") ?? [],
    /** The active downtimes of an extended closure that were edited individually, and so not extended. */
    left: left.map(({ downtime }) => downtime),
    untilNotice: await downtimes.untilNotice(now),
  };
}

const maxListed = 20;

function DoneMessage(props: Done & Readonly<Record<"csrf" | "path", string>>): JSX.Element {
  const { changeSet, kind, versions, closure, single, untilNotice, csrf, path } = props;
  const more = versions.length - maxListed;
  return (
    <>
      <WhatWasDone {...props} />
      {props.hasBegun ? <p>Downtimes that had started no longer count as lost time; the history keeps them.</p> : null}
      <ul>
        {versions.slice(0, maxListed).map(({ id, start, end, ...place }) => (
          <li>
            <a href={`/downtimes/${id}`} safe>
              {`${describePlace(place)}, ${untilNotice.has(id) ? `from ${spellInstant(toMinute(start))} ${untilNoticeText}` : spellWindow(toMinute(start), toMinute(end))}`}
            </a>
            {" · "}
            <PlaceLink {...place}>Telescope page</PlaceLink>
          </li>
        ))}
        {more > 0 ? <li safe>{`and ${more.toLocaleString("en")} more`}</li> : null}
      </ul>
      {props.stillBlocked.map((telescope) => (
        <StillBlocked {...props} telescope={telescope} />
      ))}
      {props.left.length > 0 ? (
        <p>
          <strong>Not extended, edited individually:</strong>
          {props.left.map(({ id, ...place }, index) => (
            <>
              {index > 0 ? ", " : " "}
              <DowntimeLink id={id} text={describePlace(place)} />
            </>
          ))}
        </p>
      ) : null}
      <div class="actions">
        <UndoButton changeSet={changeSet} csrf={csrf} next={path} label={kind === "undo" ? "Redo" : "Undo"} />
        {closure === undefined ? null : (
          <ClosureActions id={closure} about="these" isOpen={versions.some(({ id }) => untilNotice.has(id))} />
        )}
        {single.map((id) => (
          <ActiveActions id={id} untilNotice={untilNotice} />
        ))}
      </div>
    </>
  );
}

const verbs: Readonly<Record<string, string>> = {
  ...{ close: "Closed", until_notice: "Closed", extend: "Extended", end: "Ended", end_series: "Ended" },
  ...{ move: "Moved", skip: "Skipped" },
};
const participles = { create: "saved", change: "saved", restore: "restored", delete: "deleted" } as const;

/** `Closed 2 telescopes at ogg until 2026-11-22 16:40Z`, `2 downtimes deleted`, `Undone: Downtime reverted`. */
function WhatWasDone({ kind, versions, untilNotice }: Done): JSX.Element {
  const verb = verbs[kind];
  if (verb) {
    const ends = new Set(versions.map((one) => spellEnd(one, untilNotice)));
    return (
      <p>
        <span safe>{`${verb} ${counted(versions.length, verb === "Closed" ? "telescope" : "downtime")} at `}</span>
        <PlaceLinks places={[...new Set(versions.map(({ site }) => site))].map((site) => ({ site }))} />
        {["Closed", "Extended"].includes(verb) && ends.size === 1 ? <span safe>{` ${[...ends]}`}</span> : null}
      </p>
    );
  }
  const isUndo = kind === "undo";
  const parts = [...Map.groupBy(versions, ({ action }) => action)].map(([action, { length }]) => {
    const what = isUndo && action === "change" ? "reverted" : participles[action];
    return `${length === 1 ? "Downtime" : `${length.toLocaleString("en")} downtimes`} ${what}`;
  });
  return <p safe>{`${isUndo ? "Undone: " : ""}${parts.join(", ")}`}</p>;
}

/** A telescope that is still down, and what blocks it. */
function StillBlocked({ telescope, kind, untilNotice, mayEdit }: Done & { telescope: WhyTelescope }): JSX.Element {
  const { state } = telescope;
  const until = state === "down" ? ` ${endOfBlock(telescope, untilNotice)}` : "";
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
        {[telescope, ...telescope.instrument_types]
          .flatMap(({ downtimes }) => downtimes)
          .map(({ id, instrument_type, reason, created_by, ...downtime }) => (
            <li>
              <DowntimeLink id={id} text={reason} />
              <span
                safe
              >{`${instrument_type && `, ${instrument_type} only`}, ${spellEnd({ id, ...downtime }, untilNotice)} `}</span>
              {kind !== "undo" && mayEdit(created_by) ? <EndNow id={id} label="End this too" /> : null}
            </li>
          ))}
      </ul>
    </>
  );
}
