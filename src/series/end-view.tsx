/** @jsxImportSource @kitajs/html */
/** The question before a series is ended or deleted. */

import { CollapsibleList } from "../downtime/collapsible-list-view.tsx";
import { counted } from "../input/text.ts";
import { TextField } from "../ui/field.tsx";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { Token } from "../ui/token.tsx";
import { describeRule, describeScopes } from "./describe.ts";
import type { Plan } from "./plan.ts";
import type { Reconciliation } from "./reconcile.ts";

interface Ending extends Reconciliation {
  /** Why no downtime changes; undefined where one does. */
  readonly warning: string | undefined;
}

interface SeriesEndProps extends PageContext {
  readonly csrf: string;
  readonly kind: "end" | "delete";
  readonly series: Plan & { readonly id: number; readonly version: number };
  readonly from: string;
  /** What has begun is meant too. */
  readonly begun: boolean;
  readonly error?: string;
  /** What it does to the downtimes; undefined as long as no date is given. */
  readonly revision?: Ending | undefined;
  /** Somebody changed it since the question was asked. */
  readonly isOvertaken: boolean;
}

export function SeriesEndPage(props: SeriesEndProps): JSX.Element {
  const { csrf, kind, series, from, begun, error, revision, isOvertaken, ...frame } = props;
  const title = kind === "delete" ? "Delete this series?" : "End this series";
  return (
    <Layout {...frame} title={title}>
      <h1>{title}</h1>
      {isOvertaken ? (
        <p class="message error" role="alert">
          Somebody has changed it meanwhile. Nothing is done yet. This is how it is now.
        </p>
      ) : null}
      <p safe>{describeRule(series)}</p>
      <p>
        <span safe>{describeScopes(series.scopes)}</span>{" "}
        <bdi class="reason muted" safe>
          {series.reason}
        </bdi>
      </p>
      <form class="form" method="post">
        <Token csrf={csrf} />
        <input type="hidden" name="version" value={String(series.version)} />
        {kind === "end" ? (
          <TextField
            name="from"
            label="From this date on, or now"
            hint="The first day without it, at the site: 2027-03-01. Or now: active downtimes end now."
            value={from}
            error={error}
            picks="date"
            focus={!revision}
          />
        ) : null}
        {from.trim().toLowerCase() === "now" ? null : (
          <p>
            <label>
              <input type="checkbox" name="begun" value="yes" checked={begun} /> Also delete active and past downtimes
            </label>
          </p>
        )}
        {revision ? <Consequences kind={kind} revision={revision} /> : null}
        <p class="actions">
          <button type="submit" class="danger">
            {kind === "delete" ? "Delete" : "End"}
          </button>
          <button type="submit" name="do" value="preview">
            Show what it deletes
          </button>
          <a class="button quiet" href={`/series/${series.id}`}>
            Keep
          </a>
        </p>
      </form>
      <script src={frame.assets["form.js"]} defer></script>
    </Layout>
  );
}

function Consequences({ kind, revision }: { kind: "end" | "delete"; revision: Ending }): JSX.Element {
  const { change, remove, begun, byHand, warning } = revision;
  const stay = [
    begun > 0 && `${counted(begun, "active or past downtime")}`,
    byHand.length > 0 && `${counted(byHand.length, "downtime")} that somebody changed by hand`,
  ].filter((text) => text !== false);
  return (
    <section class="preview" id="consequences" aria-label="What it does">
      {warning ? (
        <p class="message warning" safe>
          {warning}
        </p>
      ) : null}
      <p>
        {change.length > 0 ? <strong safe>{`Ends ${counted(change.length, "active downtime")} now. `}</strong> : null}
        <strong safe>{`Deletes ${counted(remove.length, "downtime")}.`}</strong>{" "}
        {stay.length > 0 ? <span safe>{`What stays: ${stay.join(", ")}.`}</span> : null}{" "}
        {kind === "delete" && stay.length > 0 ? "The series stays with them, ended." : null}
      </p>
      <CollapsibleList title="Ended now" drafts={change.map(({ to }) => to.draft)} />
      <CollapsibleList title="Deleted" drafts={remove.map(({ downtime }) => downtime)} />
      <CollapsibleList title="Changed by hand" drafts={byHand.map(({ downtime }) => downtime)} />
      <p class="hint">The history keeps them.</p>
    </section>
  );
}
