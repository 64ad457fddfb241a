/** @jsxImportSource @kitajs/html */
/** The confirmation before a series is ended or deleted. */

import { CollapsibleList } from "../downtime/collapsible-list-view.tsx";
import { counted } from "../input/text.ts";
import { TextField } from "../ui/field.tsx";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { Token } from "../ui/token.tsx";
import { describeRule, describeScopes } from "./describe.ts";
import type { PreparedWrite } from "./reconciliation.ts";
import type { StoredSeries } from "./rows.ts";

interface SeriesEndProps extends PageContext {
  readonly csrf: string;
  readonly kind: "end" | "delete";
  readonly series: StoredSeries;
  readonly from: string;
  /** Whether active and past downtimes are deleted too. */
  readonly begun: boolean;
  readonly error?: string | undefined;
  /** What it does to the downtimes; undefined until a date is entered. */
  readonly write?: PreparedWrite | undefined;
  /** Someone edited the series meanwhile. */
  readonly isOvertaken: boolean;
}

export function SeriesEndPage(props: SeriesEndProps): JSX.Element {
  const { csrf, kind, series, from, begun, error, write, isOvertaken, ...frame } = props;
  const title = kind === "delete" ? "Delete this series?" : "End this series";
  return (
    <Layout {...frame} title={title}>
      <h1>{title}</h1>
      {isOvertaken ? (
        <p class="message error" role="alert">
          Someone edited this series while you were here. Nothing was changed. Review the current version.
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
            label="First local date without occurrences"
            hint='For example, 2027-03-01; or "now": active downtimes end now.'
            value={from}
            error={error}
            picks="date"
            focus={!write}
          />
        ) : null}
        {from.trim().toLowerCase() === "now" ? null : (
          <p>
            <label>
              <input type="checkbox" name="begun" value="yes" checked={begun} /> Include active and past downtimes
            </label>
          </p>
        )}
        {write ? <Consequences kind={kind} write={write} /> : null}
        <p class="actions">
          <button type="submit" class="danger">
            {kind === "delete" ? "Delete series" : "End series"}
          </button>
          <button type="submit" name="do" value="preview">
            Preview
          </button>
          <a class="button quiet" href={`/series/${series.id}`}>
            Cancel
          </a>
        </p>
      </form>
      <script src={frame.assets["form.js"]} defer></script>
    </Layout>
  );
}

function Consequences({ kind, write }: { kind: "end" | "delete"; write: PreparedWrite }): JSX.Element {
  const { change, remove, begun, byHand, warning } = write;
  const kept = [
    ...(begun > 0 ? [counted(begun, "active or past downtime")] : []),
    ...(byHand.length > 0 ? [`${counted(byHand.length, "downtime")} edited individually`] : []),
  ];
  return (
    <section class="preview" id="consequences" aria-label="Preview">
      {warning ? (
        <p class="message warning" safe>
          {warning}
        </p>
      ) : null}
      <p>
        {change.length > 0 ? <strong safe>{`Ends ${counted(change.length, "active downtime")} now. `}</strong> : null}
        <strong safe>{`Deletes ${counted(remove.length, "downtime")}.`}</strong>{" "}
        {kept.length > 0 ? <span safe>{`Kept: ${kept.join(", ")}.`}</span> : null}{" "}
        {kind === "delete" && kept.length > 0 ? "The series is ended and kept with them." : null}
      </p>
      <CollapsibleList title="Ended now" drafts={change.map(({ to }) => to.draft)} />
      <CollapsibleList title="Deleted" drafts={remove.map(({ downtime }) => downtime)} />
      <CollapsibleList title="Edited individually" drafts={byHand.map(({ downtime }) => downtime)} />
      <p class="hint">Deleted downtimes stay in the history.</p>
    </section>
  );
}
