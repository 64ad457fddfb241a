/** @jsxImportSource @kitajs/html */
/** The buttons and links that edit, end, extend, delete or restore a downtime. */

import { RowButton, Token } from "../ui/token.tsx";
import type { State } from "./downtime.ts";
import type { UntilNotice } from "./until-notice.ts";

/** The button that ends a downtime now. */
export const EndNow = ({ id, label }: { id: number; label: string }): JSX.Element => (
  <RowButton isQuiet to={`/admin/downtimes/${id}/end`} label={label} />
);

/** The one-click actions for an active downtime. One until further notice can't be extended. */
export function ActiveActions({ id, untilNotice }: { id: number; untilNotice: UntilNotice }): JSX.Element {
  const durations = untilNotice.has(id) ? [] : ["1 h", "2 h", "4 h"];
  return (
    <>
      <EndNow id={id} label="End now" />
      {durations.map((by) => (
        <RowButton isQuiet to={`/admin/downtimes/${id}/extend`} name="by" value={by} label={`+${by}`} />
      ))}
    </>
  );
}

interface RestoreProps {
  readonly ids: readonly number[];
  readonly csrf: string;
  readonly label: string;
}

/** The button that restores deleted downtimes. */
export function Restore({ ids, csrf, label }: RestoreProps): JSX.Element {
  return (
    <form method="post" action="/admin/downtimes/restore">
      <Token csrf={csrf} />
      {ids.map((id) => (
        <input type="hidden" name="id" value={String(id)} />
      ))}
      <button type="submit" safe>
        {label}
      </button>
    </form>
  );
}

interface ActionsProps {
  readonly untilNotice: UntilNotice;
  readonly id: number;
  readonly state: State | "deleted";
  readonly csrf: string;
  /** If false, the user may only delete and restore it. */
  readonly mayChange: boolean;
}

/** All actions for one downtime. */
export function Actions({ id, state, csrf, mayChange, untilNotice }: ActionsProps): JSX.Element {
  if (state === "deleted") return <Restore ids={[id]} csrf={csrf} label="Restore" />;
  const remove = (
    <a class="button danger" href={`/admin/downtimes/delete?id=${id}`}>
      Delete
    </a>
  );
  if (!mayChange) return remove;
  return (
    <>
      <a class="button" href={`/admin/downtimes/${id}/change`}>
        Edit
      </a>
      <a class="button" href={`/admin/downtimes/new?from=${id}`}>
        Duplicate
      </a>
      {state === "now" ? <ActiveActions id={id} untilNotice={untilNotice} /> : null}
      {remove}
    </>
  );
}
