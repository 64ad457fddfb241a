/** @jsxImportSource @kitajs/html */
/** The form of granted nights: the months of a semester with two boxes per night, and the fields beside them. */

import { counted } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { monthNames, spellDate, weekdayNames, weekdayOf, weekdays } from "../time/zone.ts";
import { TextArea, TextField } from "../ui/field.tsx";
import { plain } from "../ui/link.ts";
import { Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import { linesOf, type Selection, type SemesterNight } from "./granted-nights.ts";

export const path = "/admin/granted-nights";

interface NightsProps {
  readonly nights: readonly SemesterNight[];
  readonly ticked: Selection;
  readonly now: Instant;
}

interface GrantFormProps extends NightsProps {
  /** The telescope and the semester, as the page's query has them. */
  readonly query: URLSearchParams;
  /** What was sent; empty when the form is shown first. */
  readonly form: URLSearchParams;
  readonly csrf: string;
  /** The selection that the form was first shown with: what others change meanwhile stays. */
  readonly shown: Selection;
  readonly reason: string;
  /** What is wrong with the CSV; empty for nothing. */
  readonly csvError: string;
  readonly safePreview: JSX.Element;
}

export function GrantForm({ query, form, csrf, shown, reason, csvError, safePreview, ...props }: GrantFormProps) {
  const hint = "Such as 2027-01-15,all or 2027-01-16,first_half. Replaces the selection; nothing is saved yet.";
  const value = csvError && (form.get("csv") ?? "");
  return (
    <form class="grants" id="form" method="post" action={path} data-unsaved={form.size > 0}>
      <Token csrf={csrf} next={`${path}?${query}`} />
      {[...query, ["shown", linesOf(shown).join("\n")]].map(([name = "", value = ""]) => (
        <input type="hidden" name={name} value={plain(value)} />
      ))}
      <Nights {...props} />
      <div class="outcome">
        <TextField name="reason" label="Reason of the closed times" value={form.get("reason") ?? reason} />
        <p class="actions">
          <strong data-sum="nights" aria-live="polite" safe>
            {`${counted(selectedOf(props).length / 2, "night")}, ${hoursOf(props)}`}
          </strong>
          {/* The first, so that Enter doesn't save. */}
          <button type="submit" class="unscripted" name="do" value="preview">
            Preview
          </button>
          <button type="submit" class="primary" name="do" value="save">
            Save
          </button>
        </p>
        <div
          hx-post={`${path}/preview`}
          hx-trigger={'input from:"closest form" delay:400ms'}
          hx-include="closest form"
          hx-sync="this:replace"
        >
          {safePreview}
        </div>
        <a href={plain(`${path}?${query}&format=csv`)}>Download CSV</a>
        <details open={csvError !== ""}>
          <summary>Import CSV</summary>
          <p class="field scripted">
            <label for="file">File</label>
            <input type="file" id="file" accept=".csv,.txt,text/csv,text/plain" />
          </p>
          <TextArea name="csv" label="Nights, one per line" hint={hint} value={value} error={csvError} rows={6} />
          <button type="submit" name="do" value="import">
            Select these nights
          </button>
        </details>
      </div>
    </form>
  );
}

function Nights({ nights, ...props }: NightsProps): JSX.Element {
  const whys = Map.groupBy(nights, ({ why = "" }) => why);
  whys.delete("");
  return (
    <div>
      <p class="hint">
        Each night has two boxes, the first half above the second.{" "}
        <span class="scripted">
          Click a date for the whole night, drag over several, or hold Shift for all between two. Arrow keys move.
        </span>
      </p>
      {[...whys].map(([why, { length }]) => (
        <p class="message warning" safe>{`${counted(length, "night")} (–) can't be granted: ${why}`}</p>
      ))}
      <div class="months">
        {[...Map.groupBy(nights, ({ day }) => day.slice(0, 7)).values()].map((nights) => (
          <Month {...props} nights={nights} />
        ))}
      </div>
    </div>
  );
}

/** The selected halves that can be granted. */
const selectedOf = ({ nights, ticked }: Pick<NightsProps, "nights" | "ticked">) =>
  nights.flatMap(({ halves }) => halves).filter(({ key, isBlocked }) => ticked.has(key) && !isBlocked);

/** Their dark hours. */
function hoursOf({ nights, ticked }: Pick<NightsProps, "nights" | "ticked">): string {
  const selected = selectedOf({ nights, ticked });
  return `${selected.reduce((sum, { hours }) => sum + hours, 0).toFixed(1)} h`;
}

function Month(props: NightsProps): JSX.Element {
  const { day: first = "" } = props.nights[0] ?? {};
  const cells = [...Array<undefined>(weekdays.indexOf(weekdayOf(first))), ...props.nights];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(7 * week, 7 * week + 7));
  const cellOf = (night: SemesterNight | undefined) => (night ? <Night {...props} {...night} /> : "");
  return (
    <section>
      <h2>
        <span safe>{`${monthNames[Number(first.slice(5, 7)) - 1]} ${first.slice(0, 4)}`}</span>{" "}
        <span class="muted" data-sum="hours" safe>
          {hoursOf(props)}
        </span>
      </h2>
      <Table
        class="month"
        columns={weekdays.map((day, index) => ({
          label: weekdayNames[day],
          cell: (week: typeof cells) => cellOf(week[index]),
        }))}
        rows={weeks}
        heading={-1}
      />
    </section>
  );
}

function Night({ day, halves, ticked, now }: SemesterNight & Omit<NightsProps, "nights">): JSX.Element {
  const hours = halves.reduce((sum, half) => sum + half.hours, 0);
  return (
    <div class={halves.some(({ end }) => end > now) ? "night" : "night past"}>
      <span class="date">
        <b>{Number(day.slice(8))}</b> <small>{halves.length > 0 ? hours.toFixed(1) : "–"}</small>
      </span>
      {halves.map(({ key, hours, isBlocked }) => (
        <input
          type="checkbox"
          name="half"
          value={key}
          checked={ticked.has(key)}
          data-hours={hours.toFixed(4)}
          data-nights={isBlocked ? "0" : "0.5"}
          aria-label={`${spellDate(day)}, ${key.slice(11).replace("_", " ")}`}
        />
      ))}
    </div>
  );
}
