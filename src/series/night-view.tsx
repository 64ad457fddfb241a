/** @jsxImportSource @kitajs/html */
/** The inputs of a nightly rule. */

import type { FieldOf } from "../ui/edit-form.tsx";
import { DaysField, SelectField, TextArea, TextField } from "../ui/field.tsx";
import { eventName, nightEvents, portions } from "./night-rule.ts";
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
      <DaysField {...field("rule.night.weekdays")} legend="Nights" hint="Leave empty for every night." />
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
      <MoreNightFields field={field} />
    </>
  );
}

const optionNames: Readonly<Record<string, string>> = {
  all: "dusk to dawn",
  utc_morning: "morning (UTC)",
};
const optionName = (code: string) => optionNames[code] ?? eventName(code);

const portionHint = "From dusk to dawn at the limit of dark. Leave the duration empty for all of it.";

/** The fields that few rules need. */
function MoreNightFields({ field }: { field: FieldOf }): JSX.Element {
  const input = (name: string) => field(`rule.night.${name}`);
  const names = ["portion", "round", "dark", "nights", "rrule", "date_of"];
  const isUsed = names.some((name) => input(name).value !== "" || input(name).error);
  const select = (name: string, label: string, options: readonly string[], empty: string, hint = "") => (
    <SelectField {...input(name)} label={label} options={options} empty={empty} nameOf={optionName} hint={hint} />
  );
  return (
    <details open={isUsed}>
      <summary>Halves, rounding and single nights</summary>
      <div class="pair">
        {select("portion", "Part of the night", portions, "Any", portionHint)}
        <Text of="night.dark" field={field} />
        <Text of="night.round" field={field} />
        {select("rounding", "Rounding", ["up", "down"], "to the nearest")}
        <TextArea
          {...input("nights")}
          label="Nights (one date per line)"
          hint="Instead of the first and the last night."
          rows={3}
        />
        <Text of="night.rrule" field={field} />
        {select("date_of", "Dates are those of the", ["utc_morning"], "evening (local)")}
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
