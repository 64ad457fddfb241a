/** @jsxImportSource @kitajs/html */
/** Close now: every telescope with one button per duration, so that closing it takes one click. */

import { ActiveActions, RowForm } from "../downtime/actions-view.tsx";
import { type Downtime, describePlace } from "../downtime/downtime.ts";
import { spellEnd } from "../downtime/state-view.tsx";
import { telescopeStateNames, telescopeStateOf } from "../downtime/telescope-state.ts";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { plain } from "../ui/attribute.ts";
import { TextField } from "../ui/field.tsx";
import { Layout, type PageContext } from "../ui/layout.tsx";
import { Token } from "../ui/token.tsx";
import type { CloseOption } from "./closing-times.ts";
import { CloseButtons, ExtendButtons } from "./closing-view.tsx";
import { StillClosed, type UnconfirmedClosure } from "./still-closed-view.tsx";

export interface ClosableTelescope {
  readonly site: string;
  readonly enclosure: string;
  readonly telescope: string;
  /** The active downtimes. */
  readonly active: readonly (Downtime & { readonly mayChange: boolean })[];
  /** The ID of the active downtime to extend instead of creating another one; undefined if there is none. */
  readonly extendable: number | undefined;
  /** The durations to offer. */
  readonly options: readonly CloseOption[];
  /** The site's IANA time zone. */
  readonly zone: string | undefined;
}

interface CloseNowProps extends PageContext {
  readonly csrf: string;
  readonly now: Instant;
  readonly reason: string;
  readonly reasonError?: string | undefined;
  /** Why nothing was saved. */
  readonly conflict?: string | undefined;
  readonly untilNotice: UntilNotice;
  readonly unconfirmed: readonly UnconfirmedClosure[];
  readonly telescopes: readonly ClosableTelescope[];
  /** The sites to filter by, and the selected one; empty for all. */
  readonly sites: readonly string[];
  readonly site: string;
}

export function CloseNowPage(props: CloseNowProps): JSX.Element {
  const { csrf, now, reason, reasonError, conflict, telescopes, untilNotice, unconfirmed, sites, site, ...frame } =
    props;
  return (
    <Layout {...frame} title="Close now">
      <h1>Close now</h1>
      <p>
        Starts now (<span safe>{spellInstant(now)}</span>). Choosing a duration saves immediately.
      </p>
      <nav class="chips" aria-label="Sites">
        {["", ...sites].map((code) => (
          <a
            href={plain(code ? `/admin/now?site=${encodeURIComponent(code)}` : "/admin/now")}
            aria-current={code === site ? "true" : undefined}
            safe
          >
            {code || "All sites"}
          </a>
        ))}
      </nav>
      <RowForm csrf={csrf} />
      {conflict ? (
        <p class="message error" role="alert" safe>
          {conflict}
        </p>
      ) : null}
      <StillClosed unconfirmed={unconfirmed} />
      <form class="now" method="post" action="/admin/now">
        <Token csrf={csrf} />
        {/* Enter in a text field presses the form's first button. This one is disabled, so Enter closes nothing. */}
        <button type="submit" class="hidden" disabled>
          Choose a telescope and a duration
        </button>
        <TextField name="reason" label="Reason" value={reason} error={reasonError} focus />
        <div class="scroll">
          <table class="rows">
            <thead>
              <tr>
                <th scope="col">Telescope</th>
                <th scope="col">State</th>
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
      {telescopes.length === 0 ? <p class="message">No telescopes found.</p> : null}
      <p>
        <a href="/admin/downtimes">All downtimes</a>
      </p>
    </Layout>
  );
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function TelescopeRow(props: ClosableTelescope & Pick<CloseNowProps, "untilNotice">): JSX.Element {
  const { active, extendable, options, zone, untilNotice, site, enclosure, telescope } = props;
  const place = { site, enclosure, telescope };
  const where = describePlace({ ...place, instrument_type: "" });
  return (
    <tr class={active.length > 0 ? "now" : undefined}>
      <th scope="row" class="code" safe>
        {where}
      </th>
      <td data-label="State">
        <span class={active.length > 0 ? "state now" : "muted"} safe>
          {capitalized(telescopeStateNames[telescopeStateOf(active)])}
        </span>
        {active.map((downtime) => (
          <p>
            <span safe>
              {`${downtime.instrument_type && `${downtime.instrument_type} `}${spellEnd(downtime, untilNotice)}`}
            </span>{" "}
            <bdi class="reason short" safe>
              {downtime.reason}
            </bdi>{" "}
            {downtime.mayChange ? <ActiveActions id={downtime.id} untilNotice={untilNotice} /> : null}
          </p>
        ))}
      </td>
      <td class="do" data-label="Close for">
        {extendable === undefined ? (
          <CloseButtons where={where} place={place} options={options} zone={zone} />
        ) : (
          <ExtendButtons id={extendable} where={where} options={options} zone={zone} />
        )}
      </td>
    </tr>
  );
}
