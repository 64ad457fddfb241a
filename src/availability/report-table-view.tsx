/** @jsxImportSource @kitajs/html */
/** The table of a report: a row per telescope, a column per reason for the most costly reasons. */

import { shorten } from "../input/text.ts";
import type { Report, ReportTelescope, Total } from "./report.ts";

/** Reasons with a column of their own; the others share one. */
const maxReasonColumns = 5;

/** Formats seconds as hours: `12.5`, or a dash for null. */
export const spellHours = (seconds: number | null): string => (seconds === null ? "–" : (seconds / 3600).toFixed(1));
export const spellNights = (nights: number | null): string => (nights === null ? "–" : nights.toFixed(1));

/** Formats the share of dark time that is lost: `12.5 %`. */
export const spellShare = (of: Pick<ReportTelescope, "dark_seconds" | "dark_seconds_lost">): string =>
  of.dark_seconds ? `${(((of.dark_seconds_lost ?? 0) / of.dark_seconds) * 100).toFixed(1)} %` : "–";

export function ReportTable({ report, total }: { report: Report; total: Total }): JSX.Element {
  const reasons = total.reasons.slice(0, maxReasonColumns).map(({ reason }) => reason);
  const hasOthers = total.reasons.length > maxReasonColumns;
  const columns = { reasons, hasOthers };
  return (
    <section class="scroll" tabindex="0" aria-label="Losses by telescope and reason">
      <table class="losses">
        <caption class="hidden">Nights and dark hours lost by telescope and reason</caption>
        <thead>
          <tr>
            <th scope="col">Telescope</th>
            <Numbers of={["Nights lost", "Nights affected", "Dark hours lost", "% of dark time", "Total hours lost"]} />
            {reasons.map((reason) => (
              <th scope="col" class="number" dir="auto" safe>
                {shorten(reason || "No reason", 24)}
              </th>
            ))}
            {hasOthers ? (
              <th scope="col" class="number">
                Other reasons
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {report.telescopes.map((telescope) => (
            <>
              <Row
                name={`${telescope.site} · ${telescope.enclosure} · ${telescope.telescope}`}
                note={noteOf(telescope)}
                of={telescope}
                {...columns}
              />
              {telescope.instrument_types.map((type) => (
                <tr class="apart">
                  <th scope="row">
                    <span class="code" safe>
                      {type.instrument_type}
                    </span>{" "}
                    instrument only
                  </th>
                  <Cells of={type} share="" />
                  <td colspan={reasons.length + Number(hasOthers)}></td>
                </tr>
              ))}
            </>
          ))}
        </tbody>
        <tfoot>
          <Row name="Total" note="" of={total} {...columns} />
        </tfoot>
      </table>
    </section>
  );
}

const noteOf = ({ known, active }: ReportTelescope) =>
  known === false ? "not in ConfigDB" : active === false ? "inactive" : "";

function Numbers({ of }: { of: readonly string[] }): JSX.Element {
  return (
    <>
      {of.map((text) => (
        <th scope="col" class="number" safe>
          {text}
        </th>
      ))}
    </>
  );
}

interface RowProps {
  readonly name: string;
  readonly note: string;
  readonly of: Total;
  readonly reasons: readonly string[];
  readonly hasOthers: boolean;
}

function Row({ name, note, of, reasons, hasOthers }: RowProps): JSX.Element {
  const lostTo = (reason: string) => of.reasons.find((other) => other.reason === reason)?.dark_seconds_lost ?? 0;
  const others = (of.dark_seconds_lost ?? 0) - reasons.reduce((sum, reason) => sum + lostTo(reason), 0);
  const spell = (seconds: number) => (of.dark_seconds_lost === null ? "–" : seconds > 0 ? spellHours(seconds) : "");
  return (
    <tr>
      <th scope="row">
        <span class="code" safe>
          {name}
        </span>
        {note ? <small safe>{` ${note}`}</small> : null}
      </th>
      <Cells of={of} share={spellShare(of)} />
      {[...reasons.map(lostTo), ...(hasOthers ? [others] : [])].map((seconds) => (
        <td class="number" safe>
          {spell(seconds)}
        </td>
      ))}
    </tr>
  );
}

function Cells({
  of,
  share,
}: {
  of: Omit<Total, "reasons" | "categories" | "dark_seconds" | "nights">;
  share: string;
}): JSX.Element {
  const texts = [
    spellNights(of.nights_lost),
    of.nights_touched === null ? "–" : String(of.nights_touched),
    spellHours(of.dark_seconds_lost),
    share,
    spellHours(of.seconds_lost),
  ];
  return (
    <>
      {texts.map((text) => (
        <td class="number" safe>
          {text}
        </td>
      ))}
    </>
  );
}
