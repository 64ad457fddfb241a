/** @jsxImportSource @kitajs/html */
/** The inputs of a nightly rule. */

import { weekdayNames } from "../time/zone.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField, TicksField } from "../ui/field.tsx";
import { moreFields } from "./night-kind.ts";
import { eventName, nightChoices, nightEvents } from "./night-rule.ts";
import { Choice, type RuleFieldsProps, Text } from "./rule-input-view.tsx";

const ends = [
  ["for", "after a duration"],
  ["at", "at a time of night"],
] as const;

export function NightFields({ field }: Pick<RuleFieldsProps, "field">): JSX.Element {
  const { name, value } = field("rule.night.ends");
  return (
    <>
      <div class="pair">
        <Text of="night.first" field={field} />
        <Text of="night.last" field={field} />
      </div>
      <TicksField
        {...field("rule.night.weekdays")}
        legend="Nights"
        options={weekdayNames}
        hint="Leave empty for every night."
      />
      <fieldset class="mark">
        <legend class="label">Starts</legend>
        <EventFields field={field} edge="from" />
      </fieldset>
      <fieldset class="field kinds">
        <legend class="label">Ends</legend>
        <div class="ticks">
          {ends.map(([end, label]) => {
            const isSelected = (value === "at") === (end === "at");
            return <Choice name={name} id={`ends-${end}`} value={end} label={label} isSelected={isSelected} />;
          })}
        </div>
      </fieldset>
      <div class="ends-for">
        <Text of="night.minutes" field={field} />
      </div>
      <div class="mark ends-at">
        <EventFields field={field} edge="to" />
      </div>
      <MoreFields field={field} />
    </>
  );
}

const optionNames: Readonly<Record<string, string>> = { all: "dusk to dawn", utc_morning: "morning (UTC)" };
const choices = {
  portion: { label: "Part of the night", empty: "any", hint: "At the limit of dark. Without a duration: all of it." },
  rounding: { label: "Rounding", empty: "to the nearest" },
  date_of: { label: "Dates are those of the", empty: "evening (local)" },
} as const;

/** The fields that few rules have. */
function MoreFields({ field }: { field: FieldOf }): JSX.Element {
  const inputs = moreFields.map((name) => ({ name, props: field(`rule.night.${name}`) }));
  return (
    <details open={inputs.some(({ props }) => props.value !== "" || props.error)}>
      <summary>Halves, rounding and single nights</summary>
      <div class="pair">
        {inputs.map(({ name, props }) => {
          if (name === "nights")
            return <TextArea {...props} label="Nights (one date per line)" hint="Instead of first and last." />;
          if (name === "dark" || name === "round" || name === "rrule")
            return <Text of={`night.${name}`} field={field} />;
          return (
            <SelectField
              {...props}
              {...choices[name]}
              options={nightChoices[name]}
              nameOf={(code) => optionNames[code] ?? eventName(code)}
            />
          );
        })}
      </div>
    </details>
  );
}

/** `30 min` · `after` · `astronomical dusk` */
function EventFields({ field, edge }: { field: FieldOf; edge: "from" | "to" }): JSX.Element {
  const input = (name: string) => field(`rule.night.${edge}.${name}`);
  return (
    <>
      <TextField {...input("offset_minutes")} label="Offset" hint="For example, 30 min. Leave empty for none." />
      <SelectField {...input("side")} label="Before or after" options={["after", "before"]} />
      <SelectField {...input("event")} label="Event" options={nightEvents} nameOf={eventName} />
    </>
  );
}
