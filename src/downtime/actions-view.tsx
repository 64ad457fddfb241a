/** @jsxImportSource @kitajs/html */
/** The buttons and links that edit, end, extend, delete or restore a downtime, and the page that confirms a deletion. */

import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";
import { RowButton, Token } from "../ui/token.tsx";
import { type State, stateOf } from "./downtime.ts";
import { PlaceLink, StateMark } from "./fields-view.tsx";
import type { Stored } from "./rows.ts";
import type { UntilNotice } from "./state.ts";

export const EndNow = ({ id, label }: { id: number; label: string }): JSX.Element => (
  <RowButton to={`/admin/downtimes/${id}/end`} label={label} />
);

/** The one-click actions for an active downtime. One until further notice can't be extended. */
export const ActiveActions = ({ id, untilNotice }: { id: number; untilNotice: UntilNotice }): JSX.Element => (
  <>
    <EndNow id={id} label="End now" />
    {(untilNotice.has(id) ? [] : ["1 h", "2 h", "4 h"]).map((by) => (
      <RowButton to={`/admin/downtimes/${id}/extend`} name="by" value={by} label={`+${by}`} />
    ))}
  </>
);

interface ActionsProps {
  readonly untilNotice: UntilNotice;
  readonly id: number;
  readonly state: State | "deleted";
  /** If false, the user may only delete and restore it. */
  readonly mayChange: boolean;
}

/** All actions for one downtime. */
export function Actions({ id, state, mayChange, untilNotice }: ActionsProps): JSX.Element {
  if (state === "deleted")
    return <RowButton to="/admin/downtimes/restore" name="id" value={String(id)} label="Restore" />;
  return (
    <>
      {mayChange ? (
        <>
          <a class="button" href={`/admin/downtimes/${id}/change`}>
            Edit
          </a>
          <a class="button" href={`/admin/downtimes/new?from=${id}`}>
            Duplicate
          </a>
          {state === "now" ? <ActiveActions id={id} untilNotice={untilNotice} /> : null}
        </>
      ) : null}
      <a class="button danger" href={`/admin/downtimes/delete?id=${id}`}>
        Delete
      </a>
    </>
  );
}

interface DeleteProps extends PageContext {
  readonly csrf: string;
  readonly now: Instant;
  readonly downtimes: readonly Pick<Stored, "downtime" | "version">[];
  /** Whether someone changed one of them since the page was shown. */
  readonly isConflict: boolean;
}

/** The confirmation page, with the downtimes to delete. */
export function DeletePage({ csrf, now, downtimes, isConflict, ...pageContext }: DeleteProps): JSX.Element {
  const title = downtimes.length === 1 ? "Delete this downtime?" : `Delete these ${downtimes.length} downtimes?`;
  return (
    <Layout {...pageContext} title={title}>
      <h1 safe>{title}</h1>
      {isConflict ? (
        <p class="message error" role="alert">
          Someone changed one of these while you were here. Nothing was deleted. Review the current versions.
        </p>
      ) : null}
      <form method="post" action="/admin/downtimes/delete">
        <Token csrf={csrf} />
        <ul class="selected">
          {downtimes.map(({ downtime, version }) => (
            <li>
              <input type="hidden" name="seen" value={`${downtime.id}.${version}`} />
              <PlaceLink {...downtime} />
              {", "}
              <span class="time">
                <Time at={downtime.start} to={downtime.end} zone={pageContext.zoneOf(downtime.site)} />
              </span>{" "}
              <StateMark state={stateOf(downtime, now)} />{" "}
              <bdi class="reason" safe>
                {downtime.reason}
              </bdi>
            </li>
          ))}
        </ul>
        <p class="hint">You can undo this.</p>
        <p class="actions">
          <button type="submit" class="danger" autofocus>
            Delete
          </button>
          <a class="button quiet" href="/admin/downtimes">
            Cancel
          </a>
        </p>
      </form>
    </Layout>
  );
}
