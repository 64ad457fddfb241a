/** @jsxImportSource @kitajs/html */
/** The availability of a telescope, in one sentence, and the downtimes that block it. */

import type { Downtime } from "../downtime/downtime.ts";
import { DowntimeLink, End, PlaceLink, spellEnd } from "../downtime/fields-view.tsx";
import { type TelescopeState, telescopeStateNames, type UntilNotice, untilNoticeText } from "../downtime/state.ts";
import { type Facility, telescopeName } from "../facility/facility.ts";
import { placeNotices } from "../facility/places.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant, toMinute } from "../time/instant.ts";
import { spellLocal, Time } from "../ui/instants.tsx";
import { Line } from "../ui/line.tsx";
import type { ZoneOf } from "../ui/page-context.ts";
import type { WhyTelescope } from "./why.ts";

interface AnswerProps {
  readonly telescope: WhyTelescope;
  readonly facility: Facility | undefined;
  readonly zoneOf: ZoneOf;
  /** Undefined: now. */
  readonly at?: Instant | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
}

export function Answer({ telescope, facility, at, now, untilNotice, ...props }: AnswerProps): JSX.Element {
  const { active, state, until, downtimes, instrument_types, dark } = telescope;
  const zone = props.zoneOf(telescope.site);
  const end = endOfBlock(telescope, untilNotice);
  const local = until && end !== untilNoticeText && [zone && spellLocal(toMinute(until), zone), fromNow(until, now)];
  const detail = [
    // Says how old the result is if the page stays open.
    at ? "" : `As of ${spellInstant(toMinute(now))}`,
    local ? local.filter(Boolean).join(", ") : "",
    dark ? `${telescope.is_dark ? "dark" : "not dark"} at the limit ${spellDarkLimit(dark)}` : "",
  ];
  const name = telescopeStateNames[state];
  const ending = `${at ? ` at ${spellInstant(at)}` : ""}${endings[state](state === "down" ? end : until && spellInstant(toMinute(until)))}`;
  return (
    <section class={`answer ${active === false ? "inactive" : state}`}>
      <h2 class="verdict">
        <PlaceLink {...telescope}>
          <span safe>{telescopeName(telescope)}</span>
        </PlaceLink>
        {" is "}
        <strong>{active === false ? "inactive" : name}</strong>
        {/* An inactive telescope isn't available, even without downtimes. */}
        <span safe>
          {active !== false ? ending : state === "available" ? " in ConfigDB." : ` in ConfigDB, and ${name}${ending}`}
        </span>
      </h2>
      <Line class="muted" text={detail.filter(Boolean).join(" · ")} />
      {placeNotices({ ...telescope, instrument_type: "" }, facility).map((notice) => (
        <Line class="message warning" text={notice} />
      ))}
      <Downtimes {...{ downtimes, zone, untilNotice }} />
      {instrument_types.map(({ instrument_type, until, downtimes }) => (
        <>
          <h3>
            Instrument{" "}
            <span class="code" safe>
              {instrument_type}
            </span>{" "}
            is down <span safe>{endOfBlock({ until, downtimes }, untilNotice)}</span>
          </h3>
          <Downtimes {...{ downtimes, zone, untilNotice }} />
        </>
      ))}
    </section>
  );
}

/** The end of the sentence. @param until when the state of the whole telescope changes; null if no change is scheduled */
const endings: Readonly<Record<TelescopeState, (until: string | null) => string>> = {
  down: (until) => ` ${until}.`,
  partly_down: (until) => (until ? `. The whole telescope goes down at ${until}.` : "."),
  available: (until) => (until ? ` until ${until}.` : ". No downtime scheduled."),
};

/** Formats until when something is blocked, after all overlapping and adjacent downtimes. */
export function endOfBlock({ until, downtimes }: Pick<WhyTelescope, "until" | "downtimes">, untilNotice: UntilNotice) {
  const last = downtimes.find(({ end }) => end === until);
  return last ? spellEnd(last, untilNotice) : until === null ? "" : `until ${spellInstant(toMinute(until))}`;
}

interface DowntimesProps extends Pick<AnswerProps, "untilNotice"> {
  readonly downtimes: readonly (Downtime & { readonly created_by?: string | null })[];
  readonly zone: string | undefined;
}

/** Lists downtimes with their creators; with their telescopes, if they have no creators. */
export function Downtimes(props: DowntimesProps): JSX.Element | null {
  if (props.downtimes.length === 0) return null;
  return (
    <ul class="selected">
      {props.downtimes.map(({ id, start, end, reason, created_by, ...place }) => (
        <li>
          <DowntimeLink id={id} text={reason} />{" "}
          <span class="time">
            <Time at={start} zone={props.zone} />
          </span>{" "}
          to{" "}
          <span class="time">
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
