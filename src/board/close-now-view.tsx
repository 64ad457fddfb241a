/** @jsxImportSource @kitajs/html */
/** Close now: the telescopes to tick, the reasons, and one button per duration, which saves. */

import { ActiveActions } from "../downtime/actions-view.tsx";
import { PlaceLink, spellEnd } from "../downtime/fields-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { spellInstant, toMinute } from "../time/instant.ts";
import { TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { Button, Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import type { PageContext } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { Closures, StillClosed, spellSunrise } from "./closing-view.tsx";
import type { CloseNow } from "./closures.ts";

export interface Wrong {
  readonly reasonError?: string | undefined;
  readonly conflict?: string;
}

type CloseNowProps = PageContext & CloseNow & Wrong;

/** The names of the buttons that save, by their values. */
export const durations = {
  ...{ "1h": "1 h", "2h": "2 h", "4h": "4 h" },
  ...{ sunrise: "Until sunrise", open: "Until further notice" },
} as const;

export function CloseNowPage(props: CloseNowProps): JSX.Element {
  const { now, conflict, untilNotice, unconfirmed, closures, sites, ...pageContext } = props;
  return (
    <Layout {...pageContext} title="Close now" live="page">
      <div id="renew" hidden data-now={now}></div>
      <h1>Close now</h1>
      <Line class="message error" role="alert" text={conflict} />
      <StillClosed unconfirmed={unconfirmed} untilNotice={untilNotice} />
      <Closures closures={closures} untilNotice={untilNotice} />
      {sites.length === 0 ? <p class="message">No telescopes found.</p> : <CloseForm {...props} />}
      <p>
        <span safe>{`Starts now (${spellInstant(toMinute(now))}).`}</span> Choosing a duration saves immediately.{" "}
        {props.query.size > 0 ? <a href="/admin/now">All sites</a> : null}
      </p>
    </Layout>
  );
}

function CloseForm(props: CloseNowProps): JSX.Element {
  const { csrf, next, path, sent, reasons, reasonError, sites } = props;
  const sunrises = sites.flatMap(({ sunrise, zone }) => (sunrise ? spellSunrise(sunrise, zone) : []));
  return (
    <form class="now" method="post" action={plain(path)}>
      <Token csrf={csrf} next={next} />
      {/* Enter in a text field presses the form's first button. This one is disabled, so Enter closes nothing. */}
      <button type="submit" class="hidden" disabled>
        Choose a telescope and a duration
      </button>
      <div class="sites" id="sites">
        {sites.map((site) => (
          <SiteFields {...props} {...site} />
        ))}
      </div>
      <fieldset class="choices">
        <legend>Reason</legend>
        {reasons.map((reason) => (
          <label class="tick">
            <input type="radio" name="chip" value={plain(reason)} checked={sent.get("chip") === reason} />{" "}
            <bdi safe>{reason}</bdi>
          </label>
        ))}
      </fieldset>
      <TextField
        name="reason"
        label="Details, or another reason"
        value={sent.get("reason") ?? ""}
        error={reasonError}
      />
      <p class="actions">
        {Object.entries(durations)
          .filter(([name]) => name !== "sunrise" || sunrises.length > 0)
          .map(([name, label]) => (
            <Button
              name="until"
              value={name}
              text={name === "sunrise" && sites.length === 1 ? `${label} (${sunrises})` : label}
            />
          ))}
      </p>
    </form>
  );
}

function SiteFields(props: CloseNowProps & CloseNow["sites"][number]): JSX.Element {
  const { code, zone, sunrise, telescopes, sent, query, untilNotice, mayEdit } = props;
  const count = telescopes.filter(({ name }) => name.active).length;
  // The page that a site or a telescope is closed from is the one to return to.
  const isSelected = sent.size === 0 && query.has("next") && (query.has("site") || query.has("telescope"));
  return (
    <fieldset>
      <legend>
        <PlaceLink site={code} />
      </legend>
      {count > 1 && !query.get("telescope") ? (
        <label class="tick">
          <input type="checkbox" name="site" value={plain(code)} checked={sent.getAll("site").includes(code)} />{" "}
          <span safe>{`All ${count} at ${code}`}</span>
        </label>
      ) : null}
      {telescopes.map(({ name, blocking }) => (
        <>
          <label class="tick">
            <input
              type="checkbox"
              name="telescope"
              value={plain(telescopeName(name))}
              checked={(isSelected && name.active) || sent.getAll("telescope").includes(telescopeName(name))}
              aria-label={plain(telescopeName(name))}
            />{" "}
            <span class="code" safe>
              {`${name.enclosure} · ${name.telescope}`}
            </span>
          </label>
          {blocking.map((downtime) => (
            <p class="down">
              <span class="state now" safe>
                {downtime.instrument_type || "Down"}
              </span>{" "}
              <span safe>{spellEnd(downtime, untilNotice)}</span>{" "}
              <bdi class="reason short" safe>
                {downtime.reason}
              </bdi>{" "}
              {mayEdit.has(downtime.id) ? (
                <span class="buttons">
                  <ActiveActions id={downtime.id} untilNotice={untilNotice} />
                </span>
              ) : null}
            </p>
          ))}
        </>
      ))}
      {sunrise ? <small class="muted" safe>{`Sunrise ${spellSunrise(sunrise, zone)}`}</small> : null}
    </fieldset>
  );
}
