/** @jsxImportSource @kitajs/html */
/** The table of a report: a row per telescope, a column per reason for the most costly reasons. */

import { PlaceLink } from "../downtime/fields-view.tsx";
import type { Place } from "../facility/facility.ts";
import { shorten } from "../input/text.ts";
import { plain } from "../ui/link.ts";
import type { Total } from "./report.ts";
import type { Report, ReportTelescope } from "./report-schema.ts";

/** Reasons with a column of their own; the others share one. */
const maxReasonColumns = 5;

/** Formats seconds as hours: `12.5`, or a dash for null. */
const spellHours = (seconds: number | null): string => (seconds === null ? "–" : (seconds / 3600).toFixed(1));
const spellNights = (nights: number | null): string => (nights === null ? "–" : nights.toFixed(1));

/** Formats the share of dark time that is lost: `12.5 %`. */
const spellShare = (of: Pick<ReportTelescope, "dark_seconds" | "dark_seconds_lost">): string =>
  of.dark_seconds ? `${(((of.dark_seconds_lost ?? 0) / of.dark_seconds) * 100).toFixed(1)} %` : "–";

/** Formats a sum: `1.5 of 30.0 telescope nights and 12.5 dark hours (4.1 %)`. */
export const spellLosses = (total: Omit<Total, "reasons" | "categories" | "kinds">): string =>
  `${spellNights(total.nights_lost)} of ${spellNights(total.nights)} telescope nights and ${spellHours(total.dark_seconds_lost)} dark hours (${spellShare(total)})`;

type Losses = Omit<ReportTelescope["instrument_types"][number], "instrument_type">;

/** The columns before those of the reasons: label → text. An instrument type has no share of its own. */
const figures: readonly (readonly [label: string, spell: (of: Losses | Total) => string])[] = [
  ["Nights lost", (of) => spellNights(of.nights_lost)],
  ["Nights affected", (of) => String(of.nights_touched ?? "–")],
  ["Dark hours lost", (of) => spellHours(of.dark_seconds_lost)],
  ["% of dark time", (of) => ("dark_seconds" in of ? spellShare(of) : "")],
  ["Total hours lost", (of) => spellHours(of.seconds_lost)],
];

export function ReportTable({ report, total }: { report: Report; total: Total }): JSX.Element {
  const reasons = total.reasons.slice(0, maxReasonColumns).map(({ reason }) => reason);
  const hasOthers = total.reasons.length > maxReasonColumns;
  const names = reasons.map((reason) => shorten(reason || "No reason", 24));
  const labels = ["Telescope", ...figures.map(([label]) => label), ...names, ...(hasOthers ? ["Other reasons"] : [])];
  const row = (heading: JSX.Element, of: Losses | Total, kind = "") => (
    <tr class={kind}>
      <th scope="row" class="code">
        {heading}
      </th>
      {[...figures.map(([, spell]) => spell(of)), ...lossesTo(reasons, hasOthers, of)].map((text) => (
        <td class="number" safe>
          {text}
        </td>
      ))}
    </tr>
  );
  return (
    <section class="scroll" tabindex="0" aria-label="Losses by telescope and reason">
      <table class="losses">
        <caption class="hidden">Nights and dark hours lost by telescope and reason</caption>
        <thead>
          <tr>
            {labels.map((label, index) => (
              <th scope="col" class={index > 0 ? "number" : undefined} dir="auto" safe>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.telescopes.map((telescope) => (
            <>
              {row(<TelescopeName telescope={telescope} />, telescope)}
              {telescope.instrument_types.map((type) =>
                row(<span safe>{`${type.instrument_type} instrument only`}</span>, type, "apart"),
              )}
            </>
          ))}
        </tbody>
        <tfoot>{row(<>Total</>, total)}</tfoot>
      </table>
    </section>
  );
}

function TelescopeName({ telescope }: { telescope: ReportTelescope }): JSX.Element {
  const { known, active } = telescope;
  const note = known === false ? " not in ConfigDB" : active === false ? " inactive" : "";
  return (
    <>
      <PlaceLink {...telescope} />
      <small>{note}</small>
    </>
  );
}

/** The dark hours lost to each reason, and to the other ones; not known of an instrument type. */
function lossesTo(reasons: readonly string[], hasOthers: boolean, of: Losses | Total): string[] {
  const lostTo = "reasons" in of ? of.reasons : [];
  const seconds = reasons.map((reason) => lostTo.find((other) => other.reason === reason)?.dark_seconds_lost ?? 0);
  const others = "reasons" in of ? (of.dark_seconds_lost ?? 0) - seconds.reduce((sum, lost) => sum + lost, 0) : 0;
  const isUnknown = "reasons" in of && of.dark_seconds_lost === null;
  const spell = (lost: number) => (isUnknown ? "–" : lost > 0 ? spellHours(lost) : "");
  return [...seconds, ...(hasOthers ? [others] : [])].map(spell);
}

export interface BarsProps {
  readonly title: string;
  readonly bars: readonly {
    readonly name: string;
    readonly dark_seconds_lost: number | null;
    /** The telescope to link to, if the bar is that of one. */
    readonly place?: Partial<Place>;
  }[];
}

/** The table on the same page has the rest. */
const maxBars = 12;
const rowHeight = 28;

export function Bars({ title, bars }: BarsProps): JSX.Element {
  const shown = bars
    .map(({ dark_seconds_lost, ...bar }) => ({ ...bar, value: dark_seconds_lost ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, maxBars);
  const [longest] = shown;
  return (
    <figure class="bars">
      <figcaption safe>{title}</figcaption>
      {longest ? (
        <svg
          width="100%"
          height={shown.length * rowHeight}
          role={longest.place ? "group" : "img"}
          aria-label={plain(describe(shown))}
        >
          {shown.map(({ name, value, place }, index) => (
            <>
              <Name place={place}>
                <text x="0" y={index * rowHeight + 12} safe>
                  {name}
                </text>
              </Name>
              <text class="value" x="100%" y={index * rowHeight + 12} text-anchor="end" safe>
                {spellHours(value)}
              </text>
              <rect class="ground" y={index * rowHeight + 17} width="100%" height="6" />
              <rect
                class="length"
                y={index * rowHeight + 17}
                width={`${((value / longest.value) * 100).toFixed(2)}%`}
                height="6"
              />
            </>
          ))}
        </svg>
      ) : (
        <p class="muted">None</p>
      )}
    </figure>
  );
}

const Name = ({ place, children }: { readonly place: Partial<Place> | undefined; readonly children: JSX.Element }) =>
  place ? <PlaceLink {...place}>{children}</PlaceLink> : children;

const describe = (bars: readonly { readonly name: string; readonly value: number }[]) =>
  bars.map(({ name, value }) => `${name}: ${spellHours(value)}`).join("; ");
