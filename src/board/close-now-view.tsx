/** @jsxImportSource @kitajs/html */
/** Close now: the telescopes to tick, the reasons, and one button per duration, which saves. */

import { ActiveActions } from "../downtime/actions-view.tsx";
import { spellEnd } from "../downtime/fields-view.tsx";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { telescopeName } from "../facility/facility.ts";
import { spellInstant } from "../time/instant.ts";
import { TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { plain } from "../ui/link.ts";
import type { PageContext } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { Closures, StillClosed, spellSunrise } from "./closing-view.tsx";
import type { ClosableSite, CloseNow } from "./closures.ts";

export interface Wrong {
  readonly reasonError?: string;
  readonly conflict?: string;
}

type CloseNowProps = PageContext & CloseNow & Wrong;

export function CloseNowPage(props: CloseNowProps): JSX.Element {
  const { now, query, conflict, untilNotice, unconfirmed, closures, sites, codes, ...frame } = props;
  return (
    <Layout {...frame} title="Close now">
      <h1>Close now</h1>
      {conflict ? (
        <p class="message error" role="alert" safe>
          {conflict}
        </p>
      ) : null}
      <StillClosed unconfirmed={unconfirmed} />
      <Closures closures={closures} untilNotice={untilNotice} />
      <nav class="chips" aria-label="Sites">
        {["", ...codes].map((code) => (
          <a
            href={plain(code ? `/admin/now?site=${encodeURIComponent(code)}` : "/admin/now")}
            aria-current={code === (query.get("site") ?? "") ? "true" : undefined}
            safe
          >
            {code || "All sites"}
          </a>
        ))}
      </nav>
      {sites.length === 0 ? <p class="message">No telescopes found.</p> : <CloseForm {...props} />}
      <p>
        <span safe>{`Starts now (${spellInstant(now)}).`}</span> Choosing a duration saves immediately.{" "}
        <a href="/admin/downtimes">All downtimes</a>
      </p>
    </Layout>
  );
}

function CloseForm(props: CloseNowProps): JSX.Element {
  const { csrf, next, path, sent, reasons, reasonError, sites } = props;
  return (
    <form class="now" method="post" action={plain(path)}>
      <Token csrf={csrf} next={next} />
      {/* Enter in a text field presses the form's first button. This one is disabled, so Enter closes nothing. */}
      <button type="submit" class="hidden" disabled>
        Choose a telescope and a duration
      </button>
      <div class="sites">
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
      <DurationButtons sites={sites} />
    </form>
  );
}

type SiteFieldsProps = ClosableSite & Pick<CloseNowProps, "sent" | "query" | "untilNotice" | "mayEdit">;

function SiteFields(props: SiteFieldsProps): JSX.Element {
  const { code, zone, options, telescopes, sent, query, untilNotice, mayEdit } = props;
  const count = telescopes.filter(({ name }) => name.active).length;
  const sunrise = options.find(({ name }) => name === "sunrise")?.until;
  // Close now of a site or a telescope has an address to return to; the links that filter this page have none.
  const isSelected = sent.size === 0 && (query.has("telescope") || (query.has("site") && query.has("next")));
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
              {mayEdit.has(downtime.id) ? <ActiveActions id={downtime.id} untilNotice={untilNotice} /> : null}
            </p>
          ))}
        </>
      ))}
      {sunrise ? <small class="muted" safe>{`Sunrise ${spellSunrise(sunrise, zone)}`}</small> : null}
    </fieldset>
  );
}

/** The buttons that save. With one site, that until sunrise says when that is. */
function DurationButtons({ sites }: Pick<CloseNowProps, "sites">): JSX.Element {
  const [first, ...others] = sites;
  const sunrise = others.length === 0 ? first?.options.find(({ name }) => name === "sunrise")?.until : undefined;
  const labels = {
    "1h": "1 h",
    "2h": "2 h",
    "4h": "4 h",
    sunrise: sunrise ? `Until sunrise (${spellSunrise(sunrise, first?.zone)})` : "Until sunrise",
    open: "Until further notice",
  };
  const names = new Set<string>(sites.flatMap(({ options }) => options.map(({ name }) => name)));
  return (
    <p class="actions">
      {Object.entries(labels)
        .filter(([name]) => names.has(name))
        .map(([name, label]) => (
          <button type="submit" name="until" value={plain(name)} safe>
            {label}
          </button>
        ))}
    </p>
  );
}
