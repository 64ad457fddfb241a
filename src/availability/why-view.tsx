/** @jsxImportSource @kitajs/html */
/** The availability of a telescope, in one sentence, and the downtimes that block it. */

import type { Downtime } from "../downtime/downtime.ts";
import { End, spellEnd } from "../downtime/fields-view.tsx";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { type TelescopeState, telescopeStateNames } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import { type Facility, telescopeName } from "../facility/facility.ts";
import { placeNotices } from "../facility/places.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { spellLocal, Time } from "../ui/instants.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import type { WhyTelescope } from "./why.ts";

interface AnswerProps {
  readonly facility: Facility | undefined;
  readonly zoneOf: ZoneOf;
  /** Undefined: now. */
  readonly at?: Instant | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
}

/** The availability of a telescope, in one sentence, and the downtimes that block it. */
export function Answer({ telescope, ...props }: AnswerProps & { readonly telescope: WhyTelescope }): JSX.Element {
  const { facility, at, now, untilNotice } = props;
  const { active, state, downtimes, instrument_types } = telescope;
  const zone = props.zoneOf(telescope.site);
  const ending = endOfBlock(telescope, untilNotice);
  const detail = [
    // Says how old the result is if the page stays open.
    at ? undefined : `As of ${spellInstant(now)}`,
    detailOf(ending === untilNoticeText ? null : telescope.until, zone, now),
    telescope.dark && `${telescope.is_dark ? "dark" : "not dark"} at the limit ${spellDarkLimit(telescope.dark)}`,
  ]
    .filter(Boolean)
    .join(" · ");
  return (
    <section class={`answer ${active === false ? "inactive" : state}`}>
      <h2 class="verdict">
        <Verdict telescope={telescope} at={at} blockedUntil={ending} />
      </h2>
      <p class="muted" safe>
        {detail}
      </p>
      {placeNotices({ ...telescope, instrument_type: "" }, facility).map((notice) => (
        <p class="message warning" safe>
          {notice}
        </p>
      ))}
      <Downtimes downtimes={downtimes} zone={zone} untilNotice={untilNotice} />
      {instrument_types.map(({ instrument_type, until, downtimes }) => (
        <>
          <h3>
            Instrument{" "}
            <span class="code" safe>
              {instrument_type}
            </span>{" "}
            is down <span safe>{endOfBlock({ until, downtimes }, untilNotice)}</span>
          </h3>
          <Downtimes downtimes={downtimes} zone={zone} untilNotice={untilNotice} />
        </>
      ))}
    </section>
  );
}

/** The result in one sentence. An inactive telescope isn't available, even without downtimes. */
function Verdict(props: { telescope: WhyTelescope; at: Instant | undefined; blockedUntil: string }): JSX.Element {
  const { active, state, until } = props.telescope;
  const when = props.at ? ` at ${spellInstant(props.at)}` : "";
  const name = telescopeStateNames[state];
  const end = state === "down" ? props.blockedUntil : until ? spellInstant(until) : undefined;
  const ending = `${when}${endings[state](end)}`;
  return (
    <>
      <PlaceLink {...props.telescope}>
        <span safe>{telescopeName(props.telescope)}</span>
      </PlaceLink>
      {" is "}
      <strong safe>{active === false ? "inactive" : name}</strong>
      <span safe>
        {active !== false ? ending : state === "available" ? " in ConfigDB." : ` in ConfigDB, and ${name}${ending}`}
      </span>
    </>
  );
}

/** The end of the sentence. @param until when the state of the whole telescope changes; undefined if no change is scheduled */
const endings: Readonly<Record<TelescopeState, (until: string | undefined) => string>> = {
  down: (until) => ` ${until}.`,
  partly_down: (until) => (until ? `. The whole telescope goes down at ${until}.` : "."),
  available: (until) => (until ? ` until ${until}.` : ". No downtime scheduled."),
};

/** Formats until when something is blocked, after all overlapping and adjacent downtimes. */
export function endOfBlock({ until, downtimes }: Pick<WhyTelescope, "until" | "downtimes">, untilNotice: UntilNotice) {
  const last = downtimes.find(({ end }) => end === until);
  return last ? spellEnd(last, untilNotice) : until === null ? "" : `until ${spellInstant(until)}`;
}

/** The details below the sentence: the site's local time and the time from now. */
function detailOf(until: Instant | null, zone: string | undefined, now: Instant): string | undefined {
  if (until === null) return undefined;
  return [zone && spellLocal(until, zone), fromNow(until, now)].filter(Boolean).join(", ");
}

interface DowntimesProps {
  readonly downtimes: readonly (Downtime & { readonly created_by?: string | null })[];
  readonly zone: string | undefined;
  readonly untilNotice: UntilNotice;
}

/** Lists downtimes with their creators; with their telescopes, if they have no creators. */
export function Downtimes(props: DowntimesProps): JSX.Element | null {
  if (props.downtimes.length === 0) return null;
  return (
    <ul class="chosen">
      {props.downtimes.map(({ id, start, end, reason, created_by, ...place }) => (
        <li>
          <a href={`/downtimes/${id}`} dir="auto" safe>
            {reason || "No reason"}
          </a>{" "}
          <span class="moment">
            <Time at={start} zone={props.zone} />
          </span>{" "}
          to{" "}
          <span class="moment">
            <End id={id} at={end} zone={props.zone} untilNotice={props.untilNotice} />
          </span>
          {created_by === undefined ? (
            <>
              {" "}
              <PlaceLink {...place} />
            </>
          ) : (
            <span class="muted" safe>
              {`, created by ${created_by ?? "unknown"}`}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
