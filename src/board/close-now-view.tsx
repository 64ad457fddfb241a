/** @jsxImportSource @kitajs/html */
/** Down now: every telescope with a button a choice, for whoever stands in the dome in the middle of the night. */

import { RowForm, WhileRunning } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { spellEnd } from "../downtime/state-view.tsx";
import { telescopeStateNames, telescopeStateOf } from "../downtime/telescope-state.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { TextField } from "../ui/field.tsx";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { Token } from "../ui/token.tsx";
import type { Closing } from "./closing-times.ts";
import { CloseButtons, ExtendButtons } from "./closing-view.tsx";
import { type Questionable, StillClosed } from "./still-closed-view.tsx";

export interface TelescopeNow {
  readonly site: string;
  readonly enclosure: string;
  readonly telescope: string;
  /** What keeps it down at the moment. */
  readonly running: readonly (Downtime & { readonly mayChange: boolean })[];
  /** The downtime of the whole telescope that can be extended instead of adding another one. */
  readonly extendable: number | undefined;
  /** Until when it can be closed, or extended. */
  readonly closings: readonly Closing[];
  /** The site's IANA zone. */
  readonly zone: string | undefined;
}

interface NowProps extends PageContext {
  readonly csrf: string;
  readonly now: Instant;
  readonly reason: string;
  readonly reasonError?: string | undefined;
  /** Why nothing was stored. */
  readonly refusal?: string | undefined;
  readonly untilNotice: UntilNotice;
  readonly questionable: readonly Questionable[];
  readonly telescopes: readonly TelescopeNow[];
  /** The sites that can be looked at alone, and the one that is; empty: all. */
  readonly sites: readonly string[];
  readonly site: string;
}

export function NowPage(props: NowProps): JSX.Element {
  const { csrf, now, reason, reasonError, refusal, telescopes, untilNotice, questionable, sites, site, ...frame } =
    props;
  return (
    <Layout {...frame} title="Down now">
      <h1>Down now</h1>
      <p>
        Starts now, at <span safe>{spellInstant(now)}</span>. Choosing a duration saves immediately.
      </p>
      <nav class="chips" aria-label="Sites">
        {["", ...sites].map((code) => (
          <a
            href={plain(code ? `/admin/now?site=${encodeURIComponent(code)}` : "/admin/now")}
            aria-current={code === site ? "true" : undefined}
            safe
          >
            {code || "all"}
          </a>
        ))}
      </nav>
      <RowForm csrf={csrf} />
      {refusal ? (
        <p class="message error" role="alert" safe>
          {refusal}
        </p>
      ) : null}
      <StillClosed questionable={questionable} />
      <form class="now" method="post" action="/admin/now">
        <Token csrf={csrf} />
        {/* Enter in the field would press the first button of the form: that is this one, and it does nothing. */}
        <button type="submit" class="hidden" disabled>
          Press a button of a telescope
        </button>
        <TextField name="reason" label="Reason" value={reason} error={reasonError} focus />
        <div class="scroll">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Telescope</th>
                <th scope="col">Now</th>
                <th scope="col">Close for</th>
              </tr>
            </thead>
            <tbody>
              {telescopes.map((telescope) => (
                <TelescopeRow {...telescope} untilNotice={untilNotice} />
              ))}
            </tbody>
          </table>
        </div>
      </form>
      {telescopes.length === 0 ? <p class="message">ConfigDB knows no such telescope.</p> : null}
      <p>
        <a href="/admin/downtimes">All downtimes</a>
      </p>
    </Layout>
  );
}

function TelescopeRow(props: TelescopeNow & Pick<NowProps, "untilNotice">): JSX.Element {
  const { running, extendable, closings, zone, untilNotice, site, enclosure, telescope } = props;
  const place = { site, enclosure, telescope };
  const where = describePlace({ ...place, instrument_type: "" });
  return (
    <tr class={running.length > 0 ? "now" : undefined}>
      <th scope="row" class="code" safe>
        {where}
      </th>
      <td data-label="Now">
        <span class={running.length > 0 ? "state now" : "muted"} safe>
          {telescopeStateNames[telescopeStateOf(running)]}
        </span>
        {running.map((downtime) => (
          <p>
            <span safe>
              {`${downtime.instrument_type && `${downtime.instrument_type} `}${spellEnd(downtime, untilNotice)}`}
            </span>{" "}
            <bdi class="reason short" safe>
              {downtime.reason}
            </bdi>{" "}
            {downtime.mayChange ? <WhileRunning id={downtime.id} untilNotice={untilNotice} /> : null}
          </p>
        ))}
      </td>
      <td class="do" data-label="Close for">
        {extendable === undefined ? (
          <CloseButtons where={where} place={place} closings={closings} zone={zone} />
        ) : (
          <ExtendButtons id={extendable} where={where} closings={closings} zone={zone} />
        )}
      </td>
    </tr>
  );
}
