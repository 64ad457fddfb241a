/** @jsxImportSource @kitajs/html */
/** `/telescopes/{site}/{enclosure}/{telescope}` and `/sites/{site}`: the state, timeline, history and losses of a place. */

import { lastWholeDays } from "../availability/query-params.ts";
import { findReport, type Total, totalOf } from "../availability/report.ts";
import { spellLosses } from "../availability/report-view.tsx";
import { findWhy } from "../availability/why.ts";
import { Answer, Downtimes } from "../availability/why-view.tsx";
import { describePlace } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/fields-view.tsx";
import { bySoonest, type Filter } from "../downtime/filter.ts";
import type { CoreServices } from "../downtime/store.ts";
import { emptyPlace, type Place, type PlaceField } from "../facility/facility.ts";
import { findSite, placeNotices } from "../facility/places.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { createLatest } from "../input/latest.ts";
import { NotFound } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { maxInTimeline, ranks } from "../schedule/schedule.ts";
import { Table } from "../schedule/table-view.tsx";
import { timelineOf } from "../schedule/timeline.ts";
import { Timeline } from "../schedule/timeline-view.tsx";
import { dayMillis, type Instant, moved, toInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { CalendarMenu } from "../ui/calendar-menu.tsx";
import { Layout } from "../ui/layout.tsx";
import { Line } from "../ui/line.tsx";
import { href, withParameters } from "../ui/link.ts";
import { type GetPageContext, type PageContext, sendPage } from "../ui/page-context.ts";

/** Rows per list, and results to cache. */
const most = { next: 5, recent: 25, cached: 100 };

export function placeRoutes(services: CoreServices, getPageContext: GetPageContext) {
  const { downtimes, configdb, clock } = services;

  const show = async (context: RequestContext) => {
    const { params = {} } = context;
    const pageContext = await getPageContext(context);
    const facility = configdb.find();
    // Elysia passes null for a code that it can't decode.
    const codeOf = (field: PlaceField) => facility?.spelling(field, params[field] ?? "") ?? params[field] ?? "";
    const [site, enclosure, telescope] = [codeOf("site"), codeOf("enclosure"), codeOf("telescope")];
    const place = { ...emptyPlace, site, enclosure, telescope };
    checkTexts(Object.values(place));
    const filter = { site: [site], ...(telescope && { enclosure: [enclosure], telescope: [telescope] }) };
    const isKnown = telescope ? facility?.has(place) : findSite(facility, site) !== undefined;
    if (!isKnown && (await downtimes.count(filter)) === 0) {
      // Says that ConfigDB hasn't been reached, if that may be why.
      configdb.get();
      throw new NotFound(`Unknown ${telescope ? "telescope" : "site"}: ${describePlace(place)}.`);
    }
    const now = toInstant(clock());
    const [found, losses] = await Promise.all([load(services, filter, now), findLosses(filter, now)]);
    const markup = (
      <Layout {...pageContext} title={describePlace(place)}>
        <PlaceView {...found} {...{ losses, place, isKnown, pageContext }} />
      </Layout>
    );
    return sendPage(markup, context.request);
  };

  const once = createLatest<Losses>(most.cached);

  /** Returns the losses up to the last midnight, computed once until something changes. */
  const findLosses = async (filter: Filter, now: Instant) => {
    const facility = configdb.find();
    const { end } = lastWholeDays(now);
    return once([await downtimes.version(), facility, end], JSON.stringify(filter), () => {
      const spans = [30, 365].map((days) => ({ days, span: lastWholeDays(now, days) }));
      const lossesIn = async ({ days, span }: (typeof spans)[number]) => {
        return { days, span, total: totalOf(await findReport(downtimes, facility, filter, span)) };
      };
      return Promise.all(spans.map(lossesIn));
    });
  };

  return createRoutes("places")
    .get("/telescopes/:site/:enclosure/:telescope", serving(show))
    .get("/sites/:site", serving(show));
}

async function load({ downtimes, configdb }: CoreServices, filter: Filter, now: Instant) {
  const facility = configdb.find();
  const { end: from } = lastWholeDays(now);
  const window = { kind: "month", from, to: moved(from, 14 * dayMillis) } as const;
  const later = { ...filter, starts_after: moved(now, 1000) };
  const [rows, why, { results: next }, untilNotice] = await Promise.all([
    downtimes.during(filter, { start: moved(now, -30 * dayMillis), end: window.to }),
    findWhy(downtimes, facility, filter, now),
    downtimes.list({ filter: later, order: bySoonest, limit: most.next, offset: 0 }),
    downtimes.untilNotice(now),
  ]);
  const begun = rows.filter(({ start }) => start <= now);
  const recent = begun.toReversed().slice(0, most.recent);
  const shown = rows.filter(({ end }) => end > from);
  return {
    ...{ facility, now, recent, window, why, next, untilNotice },
    creators: await downtimes.creatorsOf(recent),
    groups: timelineOf(facility, filter, shown.slice(0, maxInTimeline), window, now),
    hiddenCount: Math.max(0, shown.length - maxInTimeline),
  };
}

type Losses = readonly { readonly days: number; readonly span: Interval; readonly total: Total }[];

interface PlaceProps extends Awaited<ReturnType<typeof load>> {
  readonly losses: Losses;
  /** A telescope; or a site, if it names no telescope. */
  readonly place: Place;
  readonly isKnown: boolean | undefined;
  readonly pageContext: PageContext;
}

function PlaceView(props: PlaceProps): JSX.Element {
  const { place, facility, isKnown, why, next, losses, untilNotice, pageContext } = props;
  const { zoneOf } = pageContext;
  const query = new URLSearchParams(Object.entries(place).filter(([, code]) => code !== ""));
  const schedule = withParameters(query, { when: "all", order: "-start" });
  return (
    <>
      <h1 safe>{describePlace(place)}</h1>
      {/* Filters, calendars and Close now take only codes in ConfigDB. */}
      {isKnown ? <Links {...props} query={query} /> : null}
      {(place.telescope && why.telescopes.length > 0 ? [] : placeNotices(place, facility)).map((notice) => (
        <Line class="message warning" text={notice} />
      ))}
      <div class="answers">
        {why.telescopes
          .toSorted((a, b) => ranks[a.state] - ranks[b.state])
          .map((telescope) => (
            <Answer {...props} telescope={telescope} zoneOf={zoneOf} />
          ))}
      </div>
      <h2>Next</h2>
      {next.length === 0 ? <p>No downtime scheduled.</p> : null}
      <Downtimes downtimes={next} zone={zoneOf(place.site)} untilNotice={untilNotice} />
      <Timeline {...props} />
      <h2>Time lost</h2>
      <dl>
        {losses.map(({ days, span, total }) => (
          <>
            <dt>Last {days} days</dt>
            <dd>
              <a href={href("/report", withParameters(query, { ...span }))} safe>
                {spellLosses(total)}
              </a>
            </dd>
          </>
        ))}
      </dl>
      <section id="table" aria-labelledby="recent">
        <h2 id="recent">Last 30 days</h2>
        <Table {...props} query={schedule} downtimes={props.recent} order={[]} zoneOf={zoneOf} />
        {isKnown ? <a href={href("/", schedule)}>All downtimes</a> : null}
      </section>
    </>
  );
}

function Links({ place, pageContext, query }: PlaceProps & { readonly query: URLSearchParams }): JSX.Element {
  return (
    <div class="actions">
      {pageContext.visitor.user && pageContext.visitor.mayCreate ? (
        <a class="button primary" href={href("/admin/now", withParameters(query, { next: pageContext.path }))}>
          Close now
        </a>
      ) : null}
      <CalendarMenu query={query} origin={pageContext.origin} />
      {place.telescope ? (
        <>
          <a href={href("/why", query)}>Check another time</a>
          <PlaceLink site={place.site}>
            <span safe>{`Site ${place.site}`}</span>
          </PlaceLink>
        </>
      ) : null}
    </div>
  );
}
