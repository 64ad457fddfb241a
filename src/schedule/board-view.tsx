/** @jsxImportSource @kitajs/html */
/** The board: a tile per telescope, by site. Each opens to the actions for its telescope. */

import { ClosureActions } from "../board/closing-view.tsx";
import type { Closure } from "../board/closures.ts";
import { ActiveActions } from "../downtime/actions-view.tsx";
import type { Downtime } from "../downtime/downtime.ts";
import { PlaceLink } from "../downtime/place-link-view.tsx";
import { spellEnd } from "../downtime/state-view.tsx";
import type { TelescopeState } from "../downtime/telescope-state.ts";
import { type UntilNotice, untilNoticeText } from "../downtime/until-notice.ts";
import { telescopeName } from "../facility/facility.ts";
import type { PhaseKind } from "../sky/twilight.ts";
import { fromNow } from "../time/duration.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { dayAndMonth } from "../time/local-date.ts";
import { localTime } from "../time/zone.ts";
import { plain } from "../ui/attribute.ts";
import { spellLocal } from "../ui/instants.tsx";
import { href } from "../ui/link.ts";
import type { BoardSite } from "./board.ts";
import type { TelescopeStatus } from "./status.ts";

/** What the visitor may do on the board. */
export interface BoardRights {
  readonly mayClose: boolean;
  /** The ids of the active downtimes that the visitor may end and extend. */
  readonly mayEdit: ReadonlySet<number>;
  /** Active closures that the visitor may edit, by the id of each downtime. */
  readonly closures: ReadonlyMap<number, Closure>;
}

interface BoardProps {
  readonly sites: readonly BoardSite[];
  readonly now: Instant;
  /** Returns the time zone whose times are shown beside UTC. */
  readonly zoneOf: (site: string) => string | undefined;
  readonly untilNotice: UntilNotice;
  readonly rights: BoardRights;
  /** The page's address, to come back to. */
  readonly path: string;
}

const stateNames: Readonly<Record<TelescopeState, string>> = {
  down: "Down",
  partly_down: "Partly down",
  available: "Available",
};
const twilight = { class: "twilight", name: "Twilight" };
const phases: Readonly<Record<PhaseKind, { readonly class: string; readonly name: string }>> = {
  day: { class: "day", name: "Day" },
  civil: twilight,
  nautical: twilight,
  astronomical: twilight,
  night: { class: "night", name: "Night" },
};

export function Board(props: BoardProps): JSX.Element {
  return (
    <section class="board" aria-label="Board">
      {props.sites.map((site) => (
        <Site site={site} {...props} />
      ))}
      {props.sites.length === 0 ? <p class="empty">No telescopes to show.</p> : null}
    </section>
  );
}

function Site({ site, ...props }: BoardProps & { site: BoardSite }): JSX.Element {
  const { code, zone, phase, down, available } = site;
  const name = code ?? "Inactive";
  return (
    <section class="site">
      <header>
        <h2 safe>{name}</h2>
        {zone ? <span class="clock" safe>{`${localTime(props.now, zone).time.slice(0, 5)} local`}</span> : null}
        {phase ? (
          <span class={`clock phase ${phases[phase].class}`} safe>
            {phases[phase].name}
          </span>
        ) : null}
        {code !== undefined && props.rights.mayClose ? (
          <a class="button close" href={closePath({ site: code }, props.path)} aria-label={plain(`Close now: ${code}`)}>
            Close now
          </a>
        ) : null}
      </header>
      <ul>
        {down.map((telescope) => (
          <Tile telescope={telescope} {...props} />
        ))}
      </ul>
      {available.length > 0 ? (
        <details class="rest" id={plain(`available-${name}`)}>
          <summary>{available.length} available</summary>
          <ul>
            {available.map((telescope) => (
              <Tile telescope={telescope} {...props} />
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

const closePath = (place: Record<string, string>, next: string) =>
  href("/admin/now", new URLSearchParams({ ...place, next }));

function Tile({ telescope, ...props }: Omit<BoardProps, "sites"> & { telescope: TelescopeStatus }): JSX.Element {
  const { name, state, blocking, until } = telescope;
  const { now, zoneOf, untilNotice, rights, path } = props;
  const { site, enclosure, telescope: code, active } = name;
  const [main, ...others] = blocking;
  const closure = blocking.map(({ id }) => rights.closures.get(id)).find((found) => found !== undefined);
  return (
    <li class={`tile ${state}`}>
      <details class="choice" id={plain(`tile-${telescopeName(name).replaceAll(" ", "-")}`)}>
        <summary>
          <span class="code" safe>
            {`${active === false ? `${site} ` : ""}${enclosure} ${code}`}
          </span>{" "}
          <span class={`state ${state}`} safe>
            {stateNames[state]}
          </span>{" "}
          {main ? <Cause downtime={main} more={others.length} /> : null}{" "}
          {main && untilNotice.has(main.id) ? <span class="end">{untilNoticeText}</span> : null}
          {until && !(main && untilNotice.has(main.id)) ? <Until at={until} now={now} zone={zoneOf(site)} /> : null}
        </summary>
        <div class="options">
          {blocking.map((downtime) => (
            <>
              <p>
                <a href={`/downtimes/${downtime.id}`} dir="auto" safe>
                  {describeCause(downtime)}
                </a>{" "}
                <span safe>{spellEnd(downtime, untilNotice)}</span>
              </p>
              {rights.mayEdit.has(downtime.id) ? (
                <p class="actions">
                  <ActiveActions id={downtime.id} untilNotice={untilNotice} />
                </p>
              ) : null}
            </>
          ))}
          {closure && closure.downtimes.length > 1 ? (
            <p class="actions">
              <span>All {closure.downtimes.length} of this closure:</span>
              <ClosureActions
                id={closure.series.id}
                where={`all ${closure.downtimes.length} of this closure`}
                isOpen={untilNotice.has(closure.downtimes[0].id)}
              />
            </p>
          ) : null}
          <p class="actions">
            {rights.mayClose ? <a href={closePath({ site, enclosure, telescope: code }, path)}>Close now</a> : null}
            <PlaceLink site={site} enclosure={enclosure} telescope={code}>
              Telescope page
            </PlaceLink>
          </p>
        </div>
      </details>
    </li>
  );
}

const describeCause = ({ instrument_type, reason }: Downtime): string =>
  `${instrument_type && `${instrument_type}: `}${reason || "No reason"}`;

function Cause({ downtime, more }: { downtime: Downtime; more: number }): JSX.Element {
  return (
    <span class="cause">
      <bdi class="reason short" safe>
        {describeCause(downtime)}
      </bdi>
      {more > 0 ? <small> +{more} more</small> : null}
    </span>
  );
}

/** Formats an instant without its date if that is today in UTC, and without its year if that is this year. */
function spellShort(at: Instant, now: Instant): string {
  const text = spellInstant(at);
  if (at.slice(0, 4) !== now.slice(0, 4)) return text;
  return at.slice(0, 10) === now.slice(0, 10) ? text.slice(11) : `${dayAndMonth(at)} ${text.slice(11)}`;
}

/** When the state changes. */
function Until({ at, now, zone }: { at: Instant; now: Instant; zone: string | undefined }): JSX.Element {
  return (
    <span class={`end moment${at.slice(0, 10) === now.slice(0, 10) ? "" : " dated"}`}>
      until{" "}
      <time datetime={at} safe>
        {spellShort(at, now)}
      </time>{" "}
      <small safe>{fromNow(at, now)}</small>
      {zone ? (
        <span class="local" safe>
          {spellLocal(at, zone)}
        </span>
      ) : null}
    </span>
  );
}
