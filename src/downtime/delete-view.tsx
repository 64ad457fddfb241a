/** @jsxImportSource @kitajs/html */
/** Asks for confirmation before downtimes are deleted. */

import type { Instant } from "../time/instant.ts";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { type Downtime, stateOf } from "./downtime.ts";
import { PlaceLink } from "./place-link-view.tsx";
import { StateMark } from "./state-view.tsx";

interface DeleteProps extends PageContext {
  readonly csrf: string;
  readonly now: Instant;
  readonly downtimes: readonly { readonly downtime: Downtime; readonly version: number }[];
  /** Whether someone changed one of them since the page was shown. */
  readonly isConflict: boolean;
}

/** The confirmation page, with the downtimes to delete. */
export function DeletePage({ csrf, now, downtimes, isConflict: overtaken, ...frame }: DeleteProps): JSX.Element {
  const title = downtimes.length === 1 ? "Delete this downtime?" : `Delete these ${downtimes.length} downtimes?`;
  return (
    <Layout {...frame} title={title}>
      <h1 safe>{title}</h1>
      {overtaken ? (
        <p class="message error" role="alert">
          Someone changed one of these while you were here. Nothing was deleted. Review the current versions.
        </p>
      ) : null}
      <form method="post" action="/admin/downtimes/delete">
        <Token csrf={csrf} />
        <ul class="chosen">
          {downtimes.map(({ downtime, version }) => (
            <li>
              <input type="hidden" name="seen" value={`${downtime.id}.${version}`} />
              <PlaceLink {...downtime} />
              {", "}
              <span class="moment">
                <Time at={downtime.start} to={downtime.end} zone={frame.zoneOf(downtime.site)} />
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
