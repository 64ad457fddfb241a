/** @jsxImportSource @kitajs/html */
/** The inputs of a series' rule. The style sheet shows those of the selected kind. */

import { plain } from "../ui/attribute.ts";
import { DaysField, SelectField, TextArea, TextField } from "../ui/field.tsx";
import type { FieldOf } from "./form-input.ts";
import { eventName, nightEvents } from "./night-rule.ts";
import type { Rule } from "./rule.ts";

interface RuleFieldsProps {
  readonly field: FieldOf;
  /** Time zones to suggest. */
  readonly zones: readonly string[];
}

const kinds: readonly (readonly [
  kind: Rule["kind"],
  label: string,
  Fields: (props: RuleFieldsProps) => JSX.Element,
])[] = [
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
            <label>
              <input type="radio" name={name} id={`kind-${kind}`} value={kind} checked={kind === selected} /> {label}
            </label>
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
          <legend class="hidden">{label}</legend>
          <Fields {...props} />
        </fieldset>
      ))}
    </>
  );
}

function NightFields({ field }: RuleFieldsProps): JSX.Element {
  const ends = field("rule.night.ends");
  return (
    <>
      <div class="pair">
        <TextField {...field("rule.night.first")} label="First night" hint="Local date of the evening." picks="date" />
        <TextField {...field("rule.night.last")} label="Last night" picks="date" />
      </div>
      <DaysField {...field("rule.night.weekdays")} legend="Nights" hint="Leave empty for every night." />
      <fieldset class="mark">
        <legend class="label">Starts</legend>
        <EventFields field={field} edge="from" />
      </fieldset>
      <fieldset class="field kinds">
        <legend class="label">Ends</legend>
        <div class="ticks">
          {(["for", "at"] as const).map((end) => (
            <label>
              <input
                type="radio"
                name={ends.name}
                id={`ends-${end}`}
                value={end}
                checked={(ends.value === "at") === (end === "at")}
              />{" "}
              {end === "for" ? "after a duration" : "at a time of night"}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="ends-for">
        <TextField {...field("rule.night.minutes")} label="Duration" hint="For example, 30 min, 2 h or 1 h 30 min." />
      </div>
      <div class="mark ends-at">
        <EventFields field={field} edge="to" />
      </div>
    </>
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

const repeats: Readonly<Record<string, string>> = {
  DAILY: "Daily",
  WEEKLY: "Weekly",
  MONTHLY: "Monthly on this date",
  custom: "Custom (RRULE)",
};

function CalendarFields({ field, zones }: RuleFieldsProps): JSX.Element {
  const input = (name: string) => field(`rule.calendar.${name}`);
  return (
    <>
      <div class="pair">
        <TextField
          {...input("start")}
          label="First occurrence"
          hint="For example, 2027-01-12 20:00, in the time zone below."
          picks="wall"
        />
        <TextField {...input("minutes")} label="Duration" hint="For example, 30 min or 2 h." />
      </div>
      <div class="pair">
        <TextField
          {...input("zone")}
          label="Time zone"
          hint="For example, Pacific/Honolulu or UTC. Defaults to the site's."
          list="zones"
        />
        <TextField {...input("until_time")} label="or end time" hint="For example, 12:00, in the time zone." />
      </div>
      <datalist id="zones">
        {zones.map((zone) => (
          <option value={plain(zone)}></option>
        ))}
      </datalist>
      <div class="pair">
        <SelectField
          {...input("repeat")}
          label="Repeats"
          options={Object.keys(repeats)}
          nameOf={(code) => (Object.hasOwn(repeats, code) ? (repeats[code] ?? code) : code)}
        />
        <TextField {...input("until")} label="Ends on" hint="Last date, such as 2027-06-01." picks="date" />
      </div>
      <div class="repeat-weekly">
        <DaysField {...input("weekdays")} legend="On" hint="Leave empty for the weekday of the first occurrence." />
      </div>
      <div class="repeat-custom">
        <TextField
          {...input("rrule")}
          label="Rule"
          hint="For example, FREQ=MONTHLY;BYDAY=1TU (RFC 5545). You can use UNTIL or COUNT instead of an end date."
        />
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
      <TextField
        {...field("rule.once.start")}
        label="Start (UTC)"
        hint='For example, 2027-01-15 08:45, or "now".'
        picks="instant"
      />
      <TextField
        {...field("rule.once.end")}
        label="End (UTC) or duration"
        hint="For example, 2027-01-15 09:45, or a duration such as 4 h."
        picks="instant"
      />
    </div>
  );
}
