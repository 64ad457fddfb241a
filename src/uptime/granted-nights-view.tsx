/** @jsxImportSource @kitajs/html */
/** Granted nights: the months of a semester with two boxes per night, the preview, and the fields around them. */

import type { Draft } from "../downtime/downtime.ts";
import { CollapsibleList } from "../downtime/place-link-view.tsx";
import { counted } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";
import { monthNames, spellDate, weekdayNames, weekdayOf, weekdays } from "../time/zone.ts";
import { plain } from "../ui/attribute.ts";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import type { PageContext, ZoneOf } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { linesOf, type Selection, type SemesterNight } from "./semester-nights.ts";

export const path = "/admin/granted-nights";

interface PageProps extends PageContext {
  readonly telescope: string;
  readonly semester: string;
  readonly telescopes: readonly string[];
  /** Name → label. */
  readonly semesters: Readonly<Record<string, string>>;
  /** Undefined without a telescope and a semester. */
  readonly grants: GrantsProps | undefined;
}

export function GrantedNightsPage({ telescope, semester, telescopes, semesters, grants, ...frame }: PageProps) {
  const labelOf = (name: string) => semesters[name] ?? name;
  return (
    <Layout {...frame} title="Granted nights">
      <h1>Granted nights</h1>
      <p>On these nights the telescope is available. The rest of the semester it is closed.</p>
      <form class="search" action={path}>
        <SelectField name="telescope" label="Telescope" value={telescope} options={telescopes} empty="Select…" />
        <SelectField
          name="semester"
          label="Semester"
          value={semester}
          options={Object.keys(semesters)}
          nameOf={labelOf}
        />
        <button type="submit">Show</button>
      </form>
      {grants ? <Grants {...grants} query={new URLSearchParams({ telescope, semester })} /> : null}
      <script src={frame.assets["nights.js"]} defer></script>
    </Layout>
  );
}

interface GrantsProps extends PreviewProps, MonthProps {
  readonly csrf: string;
  /** The selection that the form was first shown with: what others change meanwhile stays. */
  readonly shown: Selection;
  readonly reason: string;
  readonly csv: string;
  readonly csvError: string | undefined;
  readonly isUnsaved: boolean;
  /** `nautical (12°)` */
  readonly limit: string;
}

function Grants({ query, ...props }: GrantsProps & { query: URLSearchParams }): JSX.Element {
  const { csrf, nights, ticked, shown, now, isUnsaved, limit } = props;
  const months = [...Map.groupBy(nights, ({ day }) => day.slice(0, 7)).values()];
  return (
    <form class="grants" id="form" method="post" action={path} data-unsaved={isUnsaved}>
      <Token csrf={csrf} next={`${path}?${query}`} />
      {[...query, ["shown", linesOf(shown).join("\n")]].map(([name = "", value = ""]) => (
        <input type="hidden" name={name} value={plain(value)} />
      ))}
      <div>
        <p class="hint">
          Each night has two boxes, the first half above the second.
          <span class="scripted">
            {" "}
            Click a date for the whole night, drag over several, or hold Shift for all between two. Arrow keys move.
          </span>
        </p>
        <NoHalves nights={nights} />
        <div class="months">
          {months.map((nights) => (
            <Month nights={nights} ticked={ticked} now={now} />
          ))}
        </div>
      </div>
      <div class="outcome">
        <TextField name="reason" label="Reason of the closed times" value={props.reason} />
        <p class="actions">
          <strong data-sum="nights" aria-live="polite" safe>
            {sumOf(nights, ticked)}
          </strong>
          <button type="submit" class="primary" name="do" value="save">
            Save
          </button>
          <button type="submit" class="unscripted" name="do" value="preview">
            Preview
          </button>
        </p>
        <p class="hint" safe>{`Hours are dark hours, limit of dark: ${limit}.`}</p>
        <div
          hx-post={`${path}/preview`}
          hx-trigger={'input from:"closest form" delay:400ms'}
          hx-include="closest form"
          hx-sync="this:replace"
        >
          <Preview {...props} />
        </div>
        <Csv {...props} exported={`${path}?${query}&format=csv`} />
      </div>
    </form>
  );
}

const hoursOf = (nights: readonly SemesterNight[], ticked: Selection) =>
  `${nights
    .flatMap(({ halves }) => halves.filter(({ key }) => ticked.has(key)))
    .reduce((sum, { hours }) => sum + hours, 0)
    .toFixed(1)} h`;

/** `19.5 nights, 171.2 h` */
const sumOf = (nights: readonly SemesterNight[], ticked: Selection) =>
  `${counted(ticked.size / 2, "night")}, ${hoursOf(nights, ticked)}`;

/** Why nights have no halves. */
function NoHalves({ nights }: Pick<MonthProps, "nights">): JSX.Element {
  const whys = Map.groupBy(nights, ({ why = "" }) => why);
  whys.delete("");
  return (
    <>
      {[...whys].map(([why, { length }]) => (
        <p class="message warning" safe>{`${counted(length, "night")} (–) can't be granted: ${why}`}</p>
      ))}
    </>
  );
}

interface MonthProps {
  readonly nights: readonly SemesterNight[];
  readonly ticked: Selection;
  readonly now: Instant;
}

function Month({ nights, ticked, now }: MonthProps): JSX.Element {
  const { day: first = "" } = nights[0] ?? {};
  const cells = [...Array<undefined>(weekdays.indexOf(weekdayOf(first))), ...nights];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(7 * week, 7 * week + 7));
  return (
    <table>
      <caption>
        <span safe>{`${monthNames[Number(first.slice(5, 7)) - 1]} ${first.slice(0, 4)}`}</span>{" "}
        <span class="muted" data-sum="hours" safe>
          {hoursOf(nights, ticked)}
        </span>
      </caption>
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th scope="col">{weekdayNames[day]}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr>{week.map((night) => (night ? <Night {...night} ticked={ticked} now={now} /> : <td></td>))}</tr>
        ))}
      </tbody>
    </table>
  );
}

function Night({ day, halves, ticked, now }: SemesterNight & Omit<MonthProps, "nights">): JSX.Element {
  const hours = halves.reduce((sum, half) => sum + half.hours, 0);
  const isPast = halves.length > 0 && halves.every(({ end }) => end <= now);
  return (
    <td class={isPast ? "past" : undefined}>
      <span class="date">
        <b>{Number(day.slice(8))}</b> <small safe>{halves.length > 0 ? hours.toFixed(1) : "–"}</small>
      </span>
      {halves.map(({ key, hours }) => (
        <input
          type="checkbox"
          name="half"
          value={key}
          checked={ticked.has(key)}
          data-hours={hours.toFixed(4)}
          aria-label={`${spellDate(day)}, ${key.slice(11).replace("_", " ")}`}
        />
      ))}
    </td>
  );
}

interface PreviewProps {
  /** What a save would do; undefined if nothing. */
  readonly outcome:
    | {
        /** Whether no nights were granted before. */
        readonly isFirst: boolean;
        /** Before and after. */
        readonly hours: readonly [number, number];
        /** Title → selection. */
        readonly changes: Readonly<Record<string, Selection>>;
        /** Title → downtimes. */
        readonly downtimes: Readonly<Record<string, readonly Draft[]>>;
      }
    | undefined;
  readonly zoneOf: ZoneOf;
}

export function Preview({ outcome, zoneOf }: PreviewProps): JSX.Element {
  if (!outcome) return <p class="muted">No changes.</p>;
  const [before, after] = outcome.hours;
  return (
    <section class="preview" aria-label="Preview">
      {outcome.isFirst ? <p class="message warning">The first grant closes the rest of the semester.</p> : null}
      <p safe>{`Dark hours: ${before.toFixed(1)} → ${after.toFixed(1)}`}</p>
      {Object.entries(outcome.changes).map(([title, selection]) => (
        <details hidden={selection.size === 0}>
          <summary safe>{`${title}: ${counted(selection.size / 2, "night")}`}</summary>
          <p safe>{linesOf(selection).join(" · ").replaceAll(",all", "").replaceAll(",", " ").replaceAll("_", " ")}</p>
        </details>
      ))}
      {Object.entries(outcome.downtimes).map(([title, drafts]) => (
        <CollapsibleList title={title} drafts={drafts} zoneOf={zoneOf} />
      ))}
    </section>
  );
}

function Csv({ csv, csvError, exported }: Pick<GrantsProps, "csv" | "csvError"> & { exported: string }): JSX.Element {
  return (
    <>
      <p>
        <a href={plain(exported)}>Download CSV</a>
      </p>
      <details open={csvError !== undefined}>
        <summary>Import CSV</summary>
        <p class="field scripted">
          <label for="file">File</label>
          <input type="file" id="file" accept=".csv,.txt,text/csv,text/plain" />
        </p>
        <TextArea
          name="csv"
          label="Nights, one per line"
          hint="Such as 2027-01-15,all or 2027-01-16,first_half. Replaces the selection; nothing is saved yet."
          value={csv}
          error={csvError}
        />
        <button type="submit" name="do" value="import">
          Select these nights
        </button>
      </details>
    </>
  );
}
