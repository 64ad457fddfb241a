/** @jsxImportSource @kitajs/html */
/** The active closures, and the buttons that extend or end one. */

import { describePlace } from "../downtime/downtime.ts";
import { spellEnd } from "../downtime/fields-view.tsx";
import { PlaceLink, PlaceLinks } from "../downtime/place-link-view.tsx";
import type { UntilNotice } from "../downtime/until-notice.ts";
import { counted } from "../input/text.ts";
import { describeScopes } from "../series/series.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { localTime } from "../time/zone.ts";
import { RowButton } from "../ui/token.tsx";
import type { Closure, UnconfirmedClosure } from "./closures.ts";

const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const dayOf = (date: string) => day.format(new Date(date.slice(0, 10))).replace(",", "");

/** `Mon 23 Nov 04:54 local, Sun 22 Nov 18:54Z`: with the date, because it may be tomorrow's sunrise. */
export function spellSunrise(at: Instant, zone: string | undefined): string {
  const [utcDay, utc] = [dayOf(at), spellInstant(at).slice(11)];
  if (!zone) return `${utcDay} ${utc}`;
  const { date, time } = localTime(at, zone);
  return `${dayOf(date)} ${time} local, ${dayOf(date) === utcDay ? "" : `${utcDay} `}${utc}`;
}

/** The buttons of a whole closure. @param about names it for those who can't see it */
export function ClosureActions({ id, about, isOpen }: { id: number; about: string; isOpen: boolean }): JSX.Element {
  const extend = { to: `/admin/series/${id}/extend`, about };
  return (
    <span class="buttons">
      {isOpen ? null : ["1 h", "2 h"].map((by) => <RowButton {...extend} name="by" value={by} label={`+${by}`} />)}
      <RowButton {...extend} name="until" value="sunrise" label="Until sunrise" />
      <RowButton to={`/admin/series/${id}/end`} about={about} name="from" value="now" label="End" />
    </span>
  );
}

interface ClosuresProps {
  readonly closures: readonly Closure[];
  readonly untilNotice: UntilNotice;
}

export function Closures({ closures, untilNotice }: ClosuresProps): JSX.Element | null {
  if (closures.length === 0) return null;
  return (
    <section id="closures" aria-labelledby="closures-title">
      <h2 id="closures-title">Active closures</h2>
      <ul>
        {closures.map((closure) => (
          <ClosureItem closure={closure} untilNotice={untilNotice} />
        ))}
      </ul>
    </section>
  );
}

function ClosureItem({ closure, untilNotice }: { closure: Closure; untilNotice: UntilNotice }): JSX.Element {
  const { series, downtimes, mayChange } = closure;
  const [first, ...others] = downtimes;
  const where =
    others.length === 0
      ? describePlace(first)
      : `${describeScopes(series.scopes)} (${counted(downtimes.length, "telescope")})`;
  const ends = new Map(downtimes.map((one) => [spellEnd(one, untilNotice), one.site]));
  const until = ends.size === 1 ? [...ends.keys()] : [...ends].map(([end, site]) => `${site} ${end}`);
  return (
    <li>
      <PlaceLinks places={others.length === 0 ? [first] : series.scopes} />
      <span safe>{others.length === 0 ? "" : ` (${counted(downtimes.length, "telescope")})`}</span>{" "}
      <span safe>{until.join(", ")}</span>{" "}
      <a class="reason short" href={`/series/${series.id}`} dir="auto" safe>
        {series.reason || "No reason"}
      </a>{" "}
      <small class="muted" safe>
        {`${series.category ? `${series.category}, ` : ""}by ${series.createdBy ?? "unknown"}`}
      </small>{" "}
      {mayChange ? <ClosureActions id={series.id} about={where} isOpen={untilNotice.has(first.id)} /> : null}
    </li>
  );
}

export function StillClosed({ unconfirmed }: { unconfirmed: readonly UnconfirmedClosure[] }): JSX.Element | null {
  if (unconfirmed.length === 0) return null;
  return (
    <section class="message warning" id="still-closed" aria-labelledby="still-closed-title">
      <h2 id="still-closed-title">Still closed?</h2>
      <ul>
        {unconfirmed.map(({ downtime, path, more, confirmedAt }) => (
          <li>
            <PlaceLink {...downtime} />
            <span
              safe
            >{`${more > 0 ? ` and ${more} more` : ""}, until further notice since ${spellInstant(confirmedAt)}: `}</span>
            <a class="reason short" href={`/downtimes/${downtime.id}`} dir="auto" safe>
              {downtime.reason || "No reason"}
            </a>{" "}
            <RowButton to={`${path}/extend`} name="until" value="open" label="Still closed" />{" "}
            <RowButton to={`${path}/end`} name="from" value="now" label="End now" />
          </li>
        ))}
      </ul>
    </section>
  );
}
