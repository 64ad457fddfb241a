/** @jsxImportSource @kitajs/html */
/** The inputs of a series' rule. The style sheet shows those of the selected kind. */

import { plain } from "../ui/attribute.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { DaysField, SelectField, TextArea, TextField } from "../ui/field.tsx";
import { eventName, nightEvents } from "./night-rule.ts";
import type { Rule } from "./rule.ts";

interface RuleFieldsProps {
  readonly field: FieldOf;
  /** Time zones to suggest. */
  readonly zones: readonly string[];
}

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

type ChoiceProps = { name: string; id: string; value: string; label: string; isSelected: boolean };

function Choice({ name, id, value, label, isSelected }: ChoiceProps): JSX.Element {
  return (
    <label>
      <input type="radio" name={name} id={id} value={value} checked={isSelected} /> <span safe>{label}</span>
    </label>
  );
}

/** The label, hint and calendar of each text input, by its name below `rule`. */
const texts = {
  "night.first": { label: "First night", hint: "Local date of the evening.", picks: "date" },
  "night.last": { label: "Last night", picks: "date" },
  "night.minutes": { label: "Duration", hint: "For example, 30 min, 2 h or 1 h 30 min." },
  "calendar.start": { label: "First occurrence", hint: "2027-01-12 20:00, in the time zone below.", picks: "wall" },
  "calendar.minutes": { label: "Duration", hint: "For example, 30 min or 2 h." },
  "calendar.zone": {
    label: "Time zone",
    hint: "For example, Pacific/Honolulu or UTC. Defaults to the site's.",
    list: "zones",
  },
  "calendar.until_time": { label: "or end time", hint: "For example, 12:00, in the time zone." },
  "calendar.until": { label: "Ends on", hint: "Last date, such as 2027-06-01.", picks: "date" },
  "calendar.rrule": {
    label: "Rule",
    hint: "For example, FREQ=MONTHLY;BYDAY=1TU (RFC 5545). You can use UNTIL or COUNT instead of an end date.",
  },
  "once.start": { label: "Start (UTC)", hint: 'For example, 2027-01-15 08:45, or "now".', picks: "instant" },
  "once.end": {
    label: "End (UTC) or duration",
    hint: "For example, 2027-01-15 09:45; a duration such as 4 h; sunrise; or until further notice.",
    picks: "instant",
  },
} as const;

const Text = ({ of, field }: { of: keyof typeof texts; field: FieldOf }): JSX.Element => (
  <TextField {...field(`rule.${of}`)} {...texts[of]} />
);

const ends = [
  ["for", "after a duration"],
  ["at", "at a time of night"],
] as const;

function NightFields({ field }: RuleFieldsProps): JSX.Element {
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
        <DaysField {...input("weekdays")} legend="On" hint="Leave empty for the weekday of the first occurrence." />
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
