/** @jsxImportSource @kitajs/html */
/** The inputs of a series' rule. The style sheet shows those of the selected kind. */

import { weekdayNames } from "../time/local-date.ts";
import { plain } from "../ui/attribute.ts";
import { SelectField, TextArea, TicksField } from "../ui/field.tsx";
import { NightFields } from "./night-view.tsx";
import type { Rule } from "./rule.ts";
import { Choice, type RuleFieldsProps, Text } from "./rule-input-view.tsx";

type Kind = readonly [kind: Rule["kind"], label: string, Fields: (props: RuleFieldsProps) => JSX.Element];
const kinds: readonly Kind[] = [
  ["night", "Nightly", NightFields],
  ["calendar", "By clock time", CalendarFields],
  ["once", "One time", OnceFields],
];

export function RuleFields(props: RuleFieldsProps): JSX.Element {
  const { name, value, error } = props.field("rule.kind");
  const selected = kinds.some(([kind]) => kind === value) ? value : "night";
  return (
    <>
      <fieldset class="field kinds" id={name}>
        <legend class="label">When</legend>
        <div class="ticks">
          {kinds.map(([kind, label]) => (
            <Choice name={name} id={`kind-${kind}`} value={kind} label={label} isSelected={kind === selected} />
          ))}
        </div>
        {error ? (
          <p class="error" id={`${name}-error`} safe>
            {error}
          </p>
        ) : null}
      </fieldset>
      {kinds.map(([kind, label, Fields]) => (
        <fieldset class={`kind ${kind}`}>
          <legend class="hidden" safe>
            {label}
          </legend>
          <Fields {...props} />
        </fieldset>
      ))}
    </>
  );
}

const repeats = new Map([
  ["DAILY", "Daily"],
  ["WEEKLY", "Weekly"],
  ["MONTHLY", "Monthly on this date"],
  ["custom", "Custom (RRULE)"],
]);

function CalendarFields({ field, zones }: RuleFieldsProps): JSX.Element {
  const input = (name: string) => field(`rule.calendar.${name}`);
  const repeatName = (code: string) => repeats.get(code) ?? code;
  return (
    <>
      <div class="pair">
        <Text of="calendar.start" field={field} />
        <Text of="calendar.minutes" field={field} />
        <Text of="calendar.zone" field={field} />
        <Text of="calendar.until_time" field={field} />
        <SelectField {...input("repeat")} label="Repeats" options={[...repeats.keys()]} nameOf={repeatName} />
        <Text of="calendar.until" field={field} />
      </div>
      <datalist id="zones">
        {zones.map((zone) => (
          <option value={plain(zone)}></option>
        ))}
      </datalist>
      <div class="repeat-weekly">
        <TicksField
          {...input("weekdays")}
          legend="On"
          options={weekdayNames}
          hint="Leave empty for the weekday of the first occurrence."
        />
      </div>
      <div class="repeat-custom">
        <Text of="calendar.rrule" field={field} />
      </div>
      <div class="pair">
        <TextArea
          {...input("exdates")}
          label="Excluded dates (one per line)"
          hint="For example, 2027-02-16."
          rows={2}
        />
        <TextArea
          {...input("rdates")}
          label="Extra dates (one per line)"
          hint="For example, 2027-02-20 20:00."
          rows={2}
        />
      </div>
    </>
  );
}

function OnceFields({ field }: RuleFieldsProps): JSX.Element {
  return (
    <div class="pair">
      <Text of="once.start" field={field} />
      <Text of="once.end" field={field} />
    </div>
  );
}
