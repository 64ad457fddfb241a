/** @jsxImportSource @kitajs/html */
/** The form that checks a telescope's availability, and its result in one sentence. */

import type { Downtime } from "../downtime/downtime.ts";
import { End, spellEnd } from "../downtime/state-view.tsx";
import { type TelescopeState, telescopeStateNames } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import type { FieldErrors } from "../input/problem.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { spellLocal, Time } from "../ui/instants.tsx";
import { href } from "../ui/link.ts";
import type { WhyTelescope } from "./why.ts";

/** The result for one telescope. */
interface WhyAnswer {
  readonly telescope: WhyTelescope;
  readonly zone: string | undefined;
  /** Problems found in ConfigDB, such as an inactive site. */
  readonly notices: readonly string[];
}

interface WhyProps {
  readonly query: URLSearchParams;
  readonly codes: Readonly<Record<"site" | "enclosure" | "telescope", readonly string[]>>;
  readonly errors: FieldErrors;
  /** Undefined until the form is complete and valid. */
  readonly answers: readonly WhyAnswer[] | undefined;
  readonly at: Instant;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
}

export function WhyView({ query, codes, errors, answers, at, now, untilNotice }: WhyProps): JSX.Element {
  const givenAt = query.has("at") ? at : undefined;
  return (
    <>
      <h1>Check telescope availability</h1>
      <Form query={query} codes={codes} errors={errors} />
      {answers?.map((answer) => (
        <Answer {...answer} at={givenAt} now={now} untilNotice={untilNotice} />
      ))}
      {answers?.length === 0 ? <p class="verdict">No matching telescope in ConfigDB.</p> : null}
      {answers?.length ? (
        <p>
          <a href={href("/api/why/", query)}>JSON</a>
        </p>
      ) : null}
    </>
  );
}

function Form({ query, codes, errors }: Pick<WhyProps, "query" | "codes" | "errors">): JSX.Element {
  const select = (name: "site" | "enclosure" | "telescope", label: string, empty: string) => (
    <SelectField
      name={name}
      label={label}
      value={query.get(name) ?? ""}
      options={codes[name]}
      empty={empty}
      error={errors[name]?.join(" ")}
    />
  );
  return (
    <search>
      <form class="search" action="/why">
        {select("telescope", "Telescope", "Select…")}
        {select("site", "Site", "Any")}
        {select("enclosure", "Enclosure", "Any")}
        <TextField
          name="at"
          label="Time (UTC)"
          value={query.get("at") ?? ""}
          placeholder="now"
          error={errors.at?.join(" ")}
        />
        {query.has("dark") ? (
          <TextField name="dark" label="Limit of dark" value={query.get("dark") ?? ""} error={errors.dark?.join(" ")} />
        ) : null}
        <button type="submit" class="primary">
          Check
        </button>
      </form>
    </search>
  );
}

interface AnswerProps extends WhyAnswer {
  /** Undefined: now. */
  readonly at: Instant | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
}

function Answer({ telescope, zone, notices, at, now, untilNotice }: AnswerProps): JSX.Element {
  const { active, state, downtimes, instrument_types } = telescope;
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
      {notices.map((notice) => (
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
  const { site, enclosure, telescope, active, state, until } = props.telescope;
  const when = props.at ? ` at ${spellInstant(props.at)}` : "";
  const name = telescopeStateNames[state];
  const end = state === "down" ? props.blockedUntil : until ? spellInstant(until) : undefined;
  const ending = `${when}${endings[state](end)}`;
  return (
    <>
      <span safe>{`${site} ${enclosure} ${telescope} is `}</span>
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

type DowntimeWithCreator = Downtime & { readonly created_by: string | null };

interface DowntimesProps {
  readonly downtimes: readonly DowntimeWithCreator[];
  readonly zone: string | undefined;
  readonly untilNotice: UntilNotice;
}

function Downtimes(props: DowntimesProps): JSX.Element | null {
  if (props.downtimes.length === 0) return null;
  return (
    <ul class="chosen">
      {props.downtimes.map(({ id, start, end, reason, created_by }) => (
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
          <span class="muted" safe>
            {`, created by ${created_by ?? "unknown"}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
