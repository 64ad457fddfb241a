/** @jsxImportSource @kitajs/html */
/** Down now: every telescope with a button a choice, for whoever stands in the dome in the middle of the night. */

import { type Downtime, describePlace } from "../../domain/downtime.ts";
import { type Instant, spellInstant } from "../../domain/instant.ts";
import { telescopeStateNames, telescopeStateOf } from "../../domain/telescope-state.ts";
import { plain } from "../attribute.ts";
import { TextField } from "../field.tsx";
import { type Frame, Layout } from "../layout.tsx";
import { Token } from "../token.tsx";
import { RowForm, WhileRunning } from "./acts.tsx";

/** How long a telescope can be down from now on. */
export interface Until {
  readonly name: "1h" | "4h" | "sunrise" | "open";
  readonly at: Instant;
}

export interface TelescopeNow {
  readonly site: string;
  readonly enclosure: string;
  readonly telescope: string;
  /** What keeps it down at the moment. */
  readonly running: readonly Downtime[];
  readonly untils: readonly Until[];
}

export interface NowProps extends Frame {
  readonly csrf: string;
  readonly now: Instant;
  readonly reason: string;
  readonly reasonError?: string | undefined;
  readonly telescopes: readonly TelescopeNow[];
  /** The sites that can be looked at alone, and the one that is; empty: all. */
  readonly sites: readonly string[];
  readonly site: string;
}

const labels: Readonly<Record<Until["name"], (until: string) => string>> = {
  "1h": () => "1 h",
  "4h": () => "4 h",
  sunrise: (until) => `Until sunrise, ${until}`,
  open: (until) => `Open, until ${until}`,
};

const labelOf = ({ name, at }: Until) => labels[name](name === "open" ? at.slice(0, 10) : spellInstant(at).slice(11));

export function NowPage(props: NowProps): JSX.Element {
  const { csrf, now, reason, reasonError, telescopes, sites, site, ...frame } = props;
  return (
    <Layout {...frame} title="Down now">
      <h1>Down now</h1>
      <p>
        From this moment, <span safe>{spellInstant(now)}</span>, until what you press. It is stored at once.
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
                <th scope="col">Down for</th>
              </tr>
            </thead>
            <tbody>
              {telescopes.map((telescope) => (
                <TelescopeRow {...telescope} />
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

function TelescopeRow({ running, untils, site, enclosure, telescope }: TelescopeNow): JSX.Element {
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
            <span
              safe
            >{`${downtime.instrument_type && `${downtime.instrument_type} `}until ${spellInstant(downtime.end)}`}</span>{" "}
            <bdi class="reason short" safe>
              {downtime.reason}
            </bdi>{" "}
            <WhileRunning id={downtime.id} />
          </p>
        ))}
      </td>
      <td class="do" data-label="Down for">
        {untils.map(({ name, at }) => (
          <button
            type="submit"
            name="choice"
            value={plain(new URLSearchParams({ ...place, until: name }).toString())}
            aria-label={plain(`${labelOf({ name, at })}: ${where} down until ${spellInstant(at)}`)}
            safe
          >
            {labelOf({ name, at })}
          </button>
        ))}
      </td>
    </tr>
  );
}
