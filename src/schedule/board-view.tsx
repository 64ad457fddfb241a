/** @jsxImportSource @kitajs/html */
/** The board: a tile per telescope, by site. Each opens to the actions for its telescope. */

import type { TelescopeStatus } from "../availability/why.ts";
import { ClosureActions } from "../board/closing-view.tsx";
import { ActiveActions } from "../downtime/actions-view.tsx";
import { type Downtime, spellReason } from "../downtime/downtime.ts";
import { CategoryMark, DowntimeLink, PlaceLink, spellEnd } from "../downtime/fields-view.tsx";
import { telescopeStateNames, untilNoticeText } from "../downtime/state.ts";
import { telescopeName } from "../facility/facility.ts";
import { capitalized } from "../input/text.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant, toMinute } from "../time/instant.ts";
import { dayAndMonth, localTime } from "../time/zone.ts";
import { Time } from "../ui/instants.tsx";
import { href, plain } from "../ui/link.ts";
import type { BoardSite, Schedule } from "./schedule.ts";

type BoardProps = Pick<Schedule, "sites" | "now" | "zoneOf" | "untilNotice" | "mayCreate" | "editable" | "path">;

export const Board = (props: BoardProps): JSX.Element => (
  <section class="board" aria-label="Board">
    {props.sites.map((site) => (
      <Site site={site} {...props} />
    ))}
    {props.sites.length === 0 ? <p class="empty">No telescopes to show.</p> : null}
  </section>
);

function Site({ site, ...props }: BoardProps & { site: BoardSite }): JSX.Element {
  const { code, zone, phase, down, available } = site;
  const name = code ?? "Inactive";
  const sky = phase && phase !== "day" && phase !== "night" ? "twilight" : phase;
  return (
    <section class="site">
      <header>
        <h2 safe>{name}</h2>
        {zone ? <span class="clock" safe>{`${localTime(props.now, zone).time.slice(0, 5)} local`}</span> : null}
        {sky ? (
          <span class={`clock phase ${sky}`} safe>
            {capitalized(sky)}
          </span>
        ) : null}
        {code !== undefined && props.mayCreate ? (
          <a class="button close" href={closePath({ site: code }, props.path)} aria-label={plain(`Close now: ${code}`)}>
            Close now
          </a>
        ) : null}
      </header>
      <Tiles {...props} telescopes={down} />
      {available.length > 0 ? (
        <details class="rest" id={plain(`available-${name}`)}>
          <summary>{available.length} available</summary>
          <Tiles {...props} telescopes={available} />
        </details>
      ) : null}
    </section>
  );
}

type TilesProps = Omit<BoardProps, "sites"> & { readonly telescopes: readonly TelescopeStatus[] };

const Tiles = ({ telescopes, ...props }: TilesProps): JSX.Element => (
  <ul>
    {telescopes.map((telescope) => (
      <Tile telescope={telescope} {...props} />
    ))}
  </ul>
);

const closePath = (place: Record<string, string>, next: string) =>
  href("/admin/now", new URLSearchParams({ ...place, next }));

function Tile({ telescope, ...props }: Omit<BoardProps, "sites"> & { telescope: TelescopeStatus }): JSX.Element {
  const { name, state, blocking, until } = telescope;
  const { now, zoneOf, untilNotice, mayCreate, path } = props;
  const { site, enclosure, telescope: code, active } = name;
  const [main, ...others] = blocking;
  return (
    <li class={`tile ${state}`}>
      <details class="choice" id={plain(`tile-${telescopeName(name).replaceAll(" ", "-")}`)}>
        <summary>
          <span class="code" safe>
            {`${active === false ? `${site} ` : ""}${enclosure} ${code}`}
          </span>{" "}
          <span class={`state ${state}`} safe>
            {capitalized(telescopeStateNames[state])}
          </span>{" "}
          {main ? (
            <span class="cause">
              {main.category ? <CategoryMark category={main.category} /> : null}{" "}
              <bdi class="reason short" safe>
                {describeCause(main)}
              </bdi>
              {others.length > 0 ? <small> +{others.length} more</small> : null}
            </span>
          ) : null}{" "}
          {main && untilNotice.has(main.id) ? (
            <span class="end">{untilNoticeText}</span>
          ) : until ? (
            <Until at={until} now={now} zone={zoneOf(site)} />
          ) : null}
        </summary>
        <div class="options">
          {blocking.map((downtime) => (
            <Blocking {...props} downtime={downtime} />
          ))}
          <p class="actions">
            {mayCreate ? <a href={closePath({ site, enclosure, telescope: code }, path)}>Close now</a> : null}
            <PlaceLink site={site} enclosure={enclosure} telescope={code}>
              Telescope page
            </PlaceLink>
          </p>
        </div>
      </details>
    </li>
  );
}

type BlockingProps = Pick<BoardProps, "editable" | "untilNotice"> & { readonly downtime: Downtime };

/** What blocks a telescope, with the buttons of its whole closure, or its own. */
function Blocking({ downtime, editable, untilNotice }: BlockingProps): JSX.Element {
  const { id } = downtime;
  const closure = editable.closures.find((one) => one.mayChange && one.downtimes.some((row) => row.id === id));
  const count = closure?.downtimes.length ?? 0;
  const about = count > 1 ? `all ${count} telescopes of this closure` : "this closure";
  return (
    <>
      <p>
        <DowntimeLink id={id} text={describeCause(downtime)} /> <span safe>{spellEnd(downtime, untilNotice)}</span>
      </p>
      {closure || editable.mayEdit.has(id) ? (
        <p class="actions">
          {count > 1 ? <span>All {count} of this closure:</span> : null}
          {closure ? <ClosureActions id={closure.series.id} about={about} isOpen={untilNotice.has(id)} /> : null}
          {editable.mayEdit.has(id) ? <ActiveActions id={id} untilNotice={untilNotice} /> : null}
        </p>
      ) : null}
    </>
  );
}

const describeCause = ({ instrument_type, reason }: Downtime): string =>
  `${instrument_type && `${instrument_type}: `}${spellReason(reason)}`;

/** When the state changes: without the date if that is today in UTC, and without the year if that is this year. */
function Until({ at, now, zone }: { at: Instant; now: Instant; zone: string | undefined }): JSX.Element {
  const minute = toMinute(at);
  const isToday = at.slice(0, 10) === now.slice(0, 10);
  const date = isToday ? "" : at.slice(0, 4) === now.slice(0, 4) ? `${dayAndMonth(at)} ` : `${at.slice(0, 10)} `;
  return (
    <>
      <span class="end time">
        until <Time at={minute} text={date + spellInstant(minute).slice(11)} zone={zone} />
      </span>{" "}
      <small class="left" safe>
        {fromNow(at, now)}
      </small>
    </>
  );
}
