/** @jsxImportSource @kitajs/html */
/** The active closures, and the buttons that extend or end one. */

import { spellReason } from "../downtime/downtime.ts";
import { DowntimeLink, PlaceLink, PlaceLinks, spellEnd } from "../downtime/fields-view.tsx";
import { type UntilNotice, untilNoticeText } from "../downtime/state.ts";
import { counted } from "../input/text.ts";
import { describeScopes } from "../series/series.ts";
import { type Instant, spellInstant } from "../time/instant.ts";
import { spellLocal } from "../ui/instants.tsx";
import { RowButton } from "../ui/token.tsx";
import type { Closure, findStillClosed } from "./closures.ts";

/** `2026-11-22 18:54Z, 2026-11-23 05:54 local (UTC+11:00)`: with the date, because it may be tomorrow's sunrise. */
export const spellSunrise = (at: Instant, zone: string | undefined) =>
  [spellInstant(at), zone && spellLocal(at, zone)].filter(Boolean).join(", ");

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

type ClosuresProps = { readonly closures: readonly Closure[]; readonly untilNotice: UntilNotice };

export function Closures({ closures, untilNotice }: ClosuresProps): JSX.Element | null {
  if (closures.length === 0) return null;
  return (
    <section id="closures" aria-labelledby="closures-title">
      <h2 id="closures-title">Active closures</h2>
      <ul>
        {closures.map(({ series: { id, reason, scopes, category, createdBy }, downtimes, mayChange }) => {
          const count = `(${counted(downtimes.length, "telescope")})`;
          const ends = Map.groupBy(downtimes, (one) => spellEnd(one, untilNotice));
          const until = [...ends].map(([end, [one]]) => (ends.size > 1 ? `${one?.site} ${end}` : end)).join(", ");
          return (
            <li>
              <PlaceLinks places={scopes} />
              <span safe>{` ${count} ${until} `}</span>
              <a class="reason short" href={`/series/${id}`} dir="auto" safe>
                {spellReason(reason)}
              </a>{" "}
              <small class="muted" safe>
                {`${category ? `${category}, ` : ""}by ${createdBy ?? "unknown"}`}
              </small>{" "}
              {mayChange ? (
                <ClosureActions
                  id={id}
                  about={`${describeScopes(scopes)} ${count}`}
                  isOpen={downtimes.some((one) => untilNotice.has(one.id))}
                />
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

type Unconfirmed = Awaited<ReturnType<typeof findStillClosed>>;
type StillClosedProps = { readonly unconfirmed: Unconfirmed; readonly untilNotice: UntilNotice };

export function StillClosed({ unconfirmed, untilNotice }: StillClosedProps): JSX.Element | null {
  if (unconfirmed.length === 0) return null;
  return (
    <section class="message warning" id="still-closed" aria-labelledby="still-closed-title">
      <h2 id="still-closed-title">Still closed?</h2>
      <ul>
        {unconfirmed.map(({ path, downtime, more }) => (
          <li>
            <PlaceLink {...downtime} />
            <span safe>
              {`${more > 0 ? ` and ${more} more` : ""}, ${untilNoticeText} since ${spellInstant(untilNotice.get(downtime.id) ?? downtime.start)}: `}
            </span>
            <DowntimeLink class="reason short" id={downtime.id} text={downtime.reason} />{" "}
            <RowButton to={`${path}/extend`} name="until" value="open" label="Still closed" />{" "}
            <RowButton to={`${path}/end`} name="from" value="now" label="End now" />
          </li>
        ))}
      </ul>
    </section>
  );
}
