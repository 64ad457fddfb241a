/** @jsxImportSource @kitajs/html */
/** When: the times, the repetition, and its inputs. The style sheet shows those of the selected repetition. */

import { wallMillis, weekdayNames } from "../time/zone.ts";
import { SelectField, TextArea, TextField, TicksField } from "../ui/field.tsx";
import { weekdayInMonth } from "./calendar-rule.ts";
import { NightFields } from "./night-view.tsx";
import { type RuleFieldsProps, Text } from "./rule-input-view.tsx";
import { siteZone } from "./typed-times.ts";

/** @param isSingle only the times, of one downtime that is stored */
export function RuleFields(props: RuleFieldsProps & { isSingle: boolean }): JSX.Element {
  const { field, zones, isSingle, duration } = props;
  return (
    <>
      <div class="pair times">
        <Text of="start" field={field} />
        <Text
          of="end"
          field={field}
          duration={duration}
          {...(isSingle && { hint: "For example, 12:15, Tue 15:00, 4 h or 90 min." })}
        />
      </div>
      <div class="pair">
        <div class="times">
          <SelectField
            {...field("zone")}
            label="Times are in"
            options={["", siteZone, ...zones]}
            nameOf={(zone) => (zone === siteZone ? "Site time" : zone || "UTC")}
          />
        </div>
        {isSingle ? null : <RepeatField {...props} />}
      </div>
      {isSingle ? null : <RepeatDetails field={field} />}
    </>
  );
}

/** The inputs of the repetitions. */
function RepeatDetails({ field }: Pick<RuleFieldsProps, "field">): JSX.Element {
  return (
    <>
      <CalendarFields field={field} />
      <fieldset class="night">
        <legend class="hidden">Nights</legend>
        <NightFields field={field} />
      </fieldset>
      <div class="repeats">
        <TextArea
          {...field("breaks")}
          label="Breaks (one per line)"
          hint="For example, 2027-03-22 – 2027-03-26 Spring holidays. A single date skips one day."
          dir="auto"
          rows={3}
        />
        <TextField
          {...field("name")}
          label="Name of the series"
          hint="Optional, such as Mirror washing. Calendars show it."
        />
      </div>
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

/** @param beside sent beside something else, to replace the one on the page */
export function RepeatField({
  field,
  date,
  beside,
}: Omit<RuleFieldsProps, "zones"> & { beside?: boolean }): JSX.Element {
  const names = repeatNames(date);
  return (
    <div id="repetition" hx-swap-oob={beside ? "outerMorph" : undefined}>
      <SelectField
        {...field("repeat")}
        label="Repeat"
        options={Object.keys(names)}
        nameOf={(code) => names[code] ?? code}
      />
    </div>
  );
}

function CalendarFields({ field }: Pick<RuleFieldsProps, "field">): JSX.Element {
  const isUsed = ["exdates", "rdates"].some((name) => field(name).value !== "" || field(name).error);
  return (
    <fieldset class="calendar">
      <legend class="hidden">Repeat</legend>
      <Text of="until" field={field} />
      <div class="repeat-weekly">
        <TicksField
          {...field("weekdays")}
          legend="On"
          options={weekdayNames}
          hint="Leave empty for the weekday of the start."
        />
      </div>
      <div class="repeat-custom">
        <Text of="rrule" field={field} />
      </div>
      <details open={isUsed}>
        <summary>Excluded and extra dates</summary>
        <div class="pair">
          <TextArea
            {...field("exdates")}
            label="Excluded dates (one per line)"
            hint="For example, 2027-02-16."
            rows={2}
          />
          <TextArea
            {...field("rdates")}
            label="Extra dates (one per line)"
            hint="For example, 2027-02-20 20:00."
            rows={2}
          />
        </div>
      </details>
    </fieldset>
  );
}
