/** @jsxImportSource @kitajs/html */
/** The availability of a telescope, in one sentence, and the downtimes that block it. */

import type { Downtime } from "../downtime/downtime.ts";
import { End, PlaceLink, spellEnd } from "../downtime/fields-view.tsx";
import { type TelescopeState, telescopeStateNames, type UntilNotice, untilNoticeText } from "../downtime/state.ts";
import type { CoreServices } from "../downtime/store.ts";
import { type Facility, telescopeName } from "../facility/facility.ts";
import { placeNotices } from "../facility/places.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { spellDarkLimit } from "../sky/dark-limit.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant, toInstant, toMinute } from "../time/instant.ts";
import { spellLocal, Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { href, withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage, type ZoneOf } from "../ui/page-context.ts";
import { SearchForm } from "../ui/search-form.tsx";
import { readQuery, WhyQuery } from "./query-params.ts";
import { findWhy, type WhyTelescope } from "./why.ts";

interface AnswerProps {
  readonly telescope: WhyTelescope;
  readonly facility: Facility | undefined;
  readonly zoneOf: ZoneOf;
  /** Undefined: now. */
  readonly at?: Instant | undefined;
  readonly now: Instant;
  readonly untilNotice: UntilNotice;
}

/** The availability of a telescope, in one sentence, and the downtimes that block it. */
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
      <p class="muted" safe>
        {detail.filter(Boolean).join(" · ")}
      </p>
      {placeNotices({ ...telescope, instrument_type: "" }, facility).map((notice) => (
        <p class="message warning" safe>
          {notice}
        </p>
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
          <a href={`/downtimes/${id}`} dir="auto" safe>
            {reason || "No reason"}
          </a>{" "}
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

export function whyPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, at, dark, errors } = readQuery(query, WhyQuery, facility, now);
    const why = Object.keys(errors).length === 0 ? await findWhy(downtimes, facility, filter, at, dark) : undefined;
    const pageContext = await getPageContext(context);
    const untilNotice = await downtimes.untilNotice(now);
    const props = { facility, at: query.has("at") ? at : undefined, zoneOf: pageContext.zoneOf, now, untilNotice };
    return sendPage(
      <Layout {...pageContext} title="Availability">
        <h1>Check telescope availability</h1>
        <SearchForm
          action="/why"
          query={query}
          errors={query.size > 0 ? errors : {}}
          fields={[
            { name: "telescope", label: "Telescope", empty: "Select…", options: facility?.codes.telescope ?? [] },
            { name: "site", label: "Site", empty: "Any", options: facility?.codes.site ?? [] },
            { name: "enclosure", label: "Enclosure", empty: "Any", options: facility?.codes.enclosure ?? [] },
            { name: "at", label: "Time (UTC)", placeholder: "now" },
            ...(query.has("dark") ? [{ name: "dark", label: "Limit of dark" }] : []),
          ]}
        >
          <button type="submit" class="primary">
            Check
          </button>
        </SearchForm>
        {why?.telescopes.map((telescope) => (
          <Answer {...props} telescope={telescope} />
        ))}
        {why?.telescopes.length === 0 ? <p class="verdict">No matching telescope in ConfigDB.</p> : null}
        {why?.telescopes.length ? <a href={href("/api/why/", query)}>JSON</a> : null}
      </Layout>,
      context.request,
    );
  };
  return createRoutes("why-page").get("/why", serving(show));
}
