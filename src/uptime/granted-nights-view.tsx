/** @jsxImportSource @kitajs/html */
/** The form of granted nights: the months of a semester with two boxes per night, the fields beside them, and the preview. */

import { Downtimes } from "../availability/why-view.tsx";
import type { CheckedDraft, Downtime } from "../downtime/downtime.ts";
import { CollapsibleList } from "../downtime/fields-view.tsx";
import type { UntilNotice } from "../downtime/state.ts";
import { counted } from "../input/text.ts";
import { monthNames, spellDate, weekdayNames, weekdayOf, weekdays } from "../time/zone.ts";
import { TextArea, TextField } from "../ui/field.tsx";
import { plain } from "../ui/link.ts";
import type { ZoneOf } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import { Token } from "../ui/token.tsx";
import { linesOf, type Selection, type SemesterNight } from "./granted-nights.ts";
import type { Down, UptimePlan } from "./uptime.ts";

export const path = "/admin/granted-nights";

interface BlockerRow extends Down {
  readonly downtime: Downtime;
  readonly createdBy: string | null;
}

interface GrantFormProps extends OthersProps {
  readonly nights: readonly SemesterNight<BlockerRow>[];
  readonly ticked: Selection;
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

export function GrantForm(props: GrantFormProps): JSX.Element {
  const { query, form, csrf, shown, reason, csvError, safePreview } = props;
  const hint = "Such as 2027-01-15,all or 2027-01-16,first_half. Replaces the selection; nothing is saved yet.";
  const ticked = props.nights.flatMap(({ halves }) => halves).filter(({ key }) => props.ticked.has(key));
  const hours = ticked.reduce((sum, half) => sum + half.hours, 0);
  return (
    <form class="grants" id="form" method="post" action={path} data-unsaved={form.size > 0}>
      <Token csrf={csrf} next={`${path}?${query}`} />
      {[...query, ["shown", linesOf(shown).join("\n")]].map(([name = "", value = ""]) => (
        <input type="hidden" name={name} value={plain(value)} />
      ))}
      <Nights {...props} />
      <div class="outcome">
        <TextField name="reason" label="Reason for the closed times" value={form.get("reason") ?? reason} />
        <p class="actions">
          <strong data-sum="nights" aria-live="polite" safe>
            {`${counted(ticked.length / 2, "night")}, ${hours.toFixed(1)} h`}
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
        <details open={csvError !== ""}>
          <summary>Import CSV</summary>
          <p class="field scripted">
            <label for="file">File</label>
            <input type="file" id="file" accept=".csv,.txt,text/csv,text/plain" />
          </p>
          <TextArea
            name="csv"
            label="Nights, one per line"
            hint={hint}
            value={csvError && (form.get("csv") ?? "")}
            error={csvError}
            rows={6}
          />
          <button type="submit" name="do" value="import">
            Select these nights
          </button>
        </details>
      </div>
    </form>
  );
}

function Nights({ nights, ticked, zone, untilNotice }: GrantFormProps): JSX.Element {
  const whys = Map.groupBy(nights, ({ why = "" }) => why);
  whys.delete("");
  const blockers = new Set(nights.flatMap(({ halves }) => halves.flatMap((half) => half.blockers)));
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
      {blockers.size > 0 ? (
        <details class="message warning">
          <summary>Downtimes of others that stay: {blockers.size}</summary>
          <Others rows={[...blockers]} zone={zone} untilNotice={untilNotice} />
        </details>
      ) : null}
      <div class="months">
        {[...Map.groupBy(nights, ({ day }) => day.slice(0, 7))].map(([month, nights]) => (
          <section>
            <h2 safe>{`${monthNames[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`}</h2>
            <Table class="month" columns={columnsOf(ticked)} rows={weeksOf(nights)} heading={-1} />
          </section>
        ))}
      </div>
    </div>
  );
}

type Week = readonly (SemesterNight | undefined)[];

function weeksOf(nights: readonly SemesterNight[]): Week[] {
  const cells = [...Array<undefined>(weekdays.indexOf(weekdayOf(nights[0]?.day ?? ""))), ...nights];
  return Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(7 * week, 7 * week + 7));
}

const columnsOf = (ticked: Selection): readonly Column<Week>[] =>
  weekdays.map((day, index) => ({
    label: weekdayNames[day],
    cell: ({ [index]: night }) => (night ? <Night {...night} ticked={ticked} /> : ""),
  }));

/** What a list of others' downtimes needs besides them. */
interface OthersProps {
  readonly zone: string | undefined;
  readonly untilNotice: UntilNotice;
}

const Others = ({ rows, zone, untilNotice }: OthersProps & { readonly rows: readonly BlockerRow[] }) => (
  <Downtimes
    downtimes={rows.map(({ downtime, createdBy }) => ({ ...downtime, created_by: createdBy }))}
    zone={zone}
    untilNotice={untilNotice}
  />
);

function Night({ day, halves, ticked }: SemesterNight & Pick<GrantFormProps, "ticked">): JSX.Element {
  const hours = halves.reduce((sum, half) => sum + half.hours, 0);
  return (
    <div class="night">
      <span class="date">
        <b>{Number(day.slice(8))}</b> <small>{halves.length > 0 ? hours.toFixed(1) : "–"}</small>
      </span>
      {halves.map(({ key, hours, isBlocked }) => (
        <input
          type="checkbox"
          name="half"
          value={key}
          checked={ticked.has(key)}
          disabled={isBlocked}
          data-hours={hours.toFixed(4)}
          aria-label={`${spellDate(day)}, ${key.slice(11).replace("_", " ")}`}
        />
      ))}
    </div>
  );
}

interface PreviewProps extends Pick<GrantFormProps, "shown" | "ticked" | "untilNotice"> {
  readonly plan: UptimePlan<BlockerRow, CheckedDraft>;
  readonly hours: readonly number[];
  readonly isFirst: boolean;
  readonly zoneOf: ZoneOf;
}

/** What a save would do. */
export function Preview(props: PreviewProps): JSX.Element {
  const { shown, ticked, plan, hours, isFirst, zoneOf, untilNotice } = props;
  const { create, change, remove } = plan;
  const nights = (selection: Selection) => counted(selection.size / 2, "night");
  const others = [...change.map(({ row }) => row), ...remove].filter(({ isOwn }) => !isOwn);
  return (
    <section class="preview" aria-label="Preview">
      {isFirst ? <p class="message warning">The first grant closes the rest of the semester.</p> : null}
      {others.length > 0 ? (
        <div class="message warning">
          <p>This cuts or deletes downtimes of others:</p>
          <Others rows={others} zone={zoneOf(others[0]?.downtime.site)} untilNotice={untilNotice} />
        </div>
      ) : null}
      <p safe>{`Opened: ${nights(ticked.difference(shown))} · Closed: ${nights(shown.difference(ticked))}`}</p>
      <p safe>{`Dark hours: ${hours.map((one) => one.toFixed(1)).join(" → ")}`}</p>
      <CollapsibleList title="Downtimes added" drafts={create} zoneOf={zoneOf} />
      <CollapsibleList title="Downtimes edited" drafts={change.map(({ to }) => to)} zoneOf={zoneOf} />
      <CollapsibleList title="Downtimes deleted" drafts={remove.map(({ downtime }) => downtime)} zoneOf={zoneOf} />
    </section>
  );
}
