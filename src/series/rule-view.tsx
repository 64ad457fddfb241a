/** @jsxImportSource @kitajs/html */
/** When: the times, the repetition, and its inputs. The style sheet shows those of the selected repetition. */

import { wallMillis } from "../time/zone.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { weekdayInMonth } from "./calendar-rule.ts";
import type { Input } from "./inputs-view.tsx";
import { moreFields } from "./night-rule.ts";
import { siteZone } from "./typed-times.ts";

export interface RuleFieldsProps {
  readonly field: FieldOf;
  readonly input: Input;
  readonly zones: readonly string[];
  /** The local date of the start, if it is known. */
  readonly date: string | undefined;
  /** Only the times, of one downtime that is stored. */
  readonly isSingle: boolean;
}

export function RuleFields(props: RuleFieldsProps): JSX.Element {
  const { field, input, zones, isSingle, date } = props;
  return (
    <>
      <div class="pair times">
        {input("start")}
        {input("end", isSingle ? { hint: "For example, 12:15, Tue 15:00, 4 h or 90 min." } : {})}
      </div>
      <div class="pair">
        <div class="times">{input("zone", { options: ["", siteZone, ...zones] })}</div>
        {isSingle ? null : <RepeatField input={input} date={date} />}
      </div>
      {isSingle ? null : (
        <>
          <CalendarFields field={field} input={input} />
          <NightFields field={field} input={input} />
          <div class="repeats">
            {input("breaks")}
            {input("name")}
          </div>
        </>
      )}
    </>
  );
}

const longWeekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" });
const ordinals = ["first", "second", "third", "fourth"];

/** The repetitions in words. @param date the local date of the start; undefined if it isn't known yet */
function repeatNames(date: string | undefined): Readonly<Record<string, string>> {
  const weekday = date && longWeekday.format(wallMillis(date));
  const nth = date && (ordinals[Number.parseInt(weekdayInMonth(date), 10) - 1] ?? "last");
  return {
    none: "Does not repeat",
    DAILY: "Daily",
    WEEKLY: weekday ? `Weekly on ${weekday}` : "Weekly",
    NTH: weekday ? `Monthly on the ${nth} ${weekday}` : "Monthly on this weekday",
    MONTHLY: date ? `Monthly on day ${Number(date.slice(8))}` : "Monthly on this date",
    night: "Nightly",
    custom: "Custom (RRULE)",
  };
}

type RepeatProps = Pick<RuleFieldsProps, "input" | "date"> & { readonly outOfBand?: boolean };

/** @param outOfBand whether htmx replaces the field on the page, besides the target of the response */
export function RepeatField({ input, date, outOfBand }: RepeatProps): JSX.Element {
  const names = repeatNames(date);
  return (
    <div id="repetition" hx-swap-oob={outOfBand ? "outerMorph" : undefined}>
      {input("repeat", { options: Object.keys(names), nameOf: (code) => names[code] ?? code })}
    </div>
  );
}

type FieldsProps = Pick<RuleFieldsProps, "field" | "input">;

const isUsed = (field: FieldOf, names: readonly string[]) =>
  names.map(field).some(({ value, error }) => value !== "" || error);

function CalendarFields({ field, input }: FieldsProps): JSX.Element {
  return (
    <fieldset class="calendar">
      <legend class="hidden">Repeat</legend>
      {input("until")}
      <div class="repeat-weekly">{input("weekdays")}</div>
      <div class="repeat-custom">{input("rrule")}</div>
      <details open={isUsed(field, ["exdates", "rdates"])}>
        <summary>Excluded and extra dates</summary>
        <div class="pair">
          {input("exdates")}
          {input("rdates")}
        </div>
      </details>
    </fieldset>
  );
}

function NightFields({ field, input }: FieldsProps): JSX.Element {
  const { name, value } = field("rule.night.ends");
  const choice = (end: string, label: string, isSelected: boolean) => (
    <label>
      <input type="radio" name={name} id={`ends-${end}`} value={end} checked={isSelected} /> <span safe>{label}</span>
    </label>
  );
  const more = moreFields.map((field) => `rule.night.${field}`);
  return (
    <fieldset class="night">
      <legend class="hidden">Nights</legend>
      <div class="pair">
        {input("rule.night.first")}
        {input("rule.night.last")}
      </div>
      {input("rule.night.weekdays")}
      <fieldset class="event">
        <legend class="label">Starts</legend>
        {eventFields(input, "from")}
      </fieldset>
      <fieldset class="field">
        <legend class="label">Ends</legend>
        <div class="ticks">
          {choice("for", "after a duration", value !== "at")}
          {choice("at", "at a time of night", value === "at")}
        </div>
      </fieldset>
      <div class="ends-for">{input("rule.night.minutes")}</div>
      <div class="event ends-at">{eventFields(input, "to")}</div>
      {/* Rarely used. */}
      <details open={isUsed(field, more)}>
        <summary>Halves, rounding and single nights</summary>
        <div class="pair">{more.map((name) => input(name))}</div>
      </details>
    </fieldset>
  );
}

/** `30 min` · `after` · `astronomical dusk` */
const eventFields = (input: Input, edge: "from" | "to") =>
  ["offset_minutes", "side", "event"].map((part) => input(`rule.night.${edge}.${part}`));
