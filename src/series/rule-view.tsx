/** @jsxImportSource @kitajs/html */
/** The rule of a series, to fill in: by the night, by the calendar or once. Only what the chosen kind has is shown. */

import { plain } from "../ui/attribute.ts";
import { DaysField, SelectField, TextArea, TextField } from "../ui/field.tsx";
import type { SeriesErrors } from "./form-body.ts";
import type { FieldOf } from "./form-field.ts";
import type { SeriesFormInput } from "./form-input.ts";
import { nightEvents } from "./rule.ts";

interface RuleFieldsProps {
  readonly entry: SeriesFormInput;
  readonly field: FieldOf;
  readonly errors: SeriesErrors;
  readonly zones: readonly string[];
}

const kinds = [
  ["night", "By the night"],
  ["calendar", "By the calendar"],
  ["once", "Once"],
] as const;

export function RuleFields(props: RuleFieldsProps): JSX.Element {
  const { entry, errors } = props;
  const chosen = kinds.some(([kind]) => kind === entry.texts.kind) ? entry.texts.kind : "night";
  return (
    <>
      <fieldset class="field kinds" id="kind">
        <legend class="label">When</legend>
        <div class="ticks">
          {kinds.map(([kind, name]) => (
            <label>
              <input type="radio" name="kind" id={`kind-${kind}`} value={kind} checked={kind === chosen} /> {name}
            </label>
          ))}
        </div>
        {errors.kind ? (
          <p class="error" id="kind-error" safe>
            {errors.kind}
          </p>
        ) : null}
      </fieldset>
      <NightFields {...props} />
      <CalendarFields {...props} />
      <fieldset class="kind once">
        <legend class="hidden">Once</legend>
        <div class="pair">
          <TextField
            {...props.field("once_start")}
            label="Start, UTC"
            hint="2027-01-15 08:45, or now."
            picks="instant"
          />
          <TextField
            {...props.field("once_end")}
            label="End, UTC, or how long"
            hint="2027-01-15 09:45, or 4 h."
            picks="instant"
          />
        </div>
      </fieldset>
    </>
  );
}

function NightFields({ entry, field, errors }: RuleFieldsProps): JSX.Element {
  return (
    <fieldset class="kind night">
      <legend class="hidden">By the night</legend>
      <div class="pair">
        <TextField {...field("first")} label="First night" hint="The date of its evening, at the site." picks="date" />
        <TextField {...field("last")} label="Last night" picks="date" />
      </div>
      <DaysField
        name="night_days"
        legend="On the evenings of"
        chosen={entry.days.night_days}
        hint="None ticked: every night."
        error={errors.night_days}
      />
      <fieldset class="mark">
        <legend class="label">From</legend>
        <MarkFields field={field} edge="from" />
      </fieldset>
      <fieldset class="field kinds">
        <legend class="label">How long</legend>
        <div class="ticks">
          <Ends value="for" name="a fixed time" chosen={entry.texts.ends} />
          <Ends value="at" name="until a moment of the night" chosen={entry.texts.ends} />
        </div>
      </fieldset>
      <div class="ends-for">
        <TextField {...field("night_length")} label="Length" hint="30 min, 2 h, 1 h 30 min." />
      </div>
      <div class="mark ends-at">
        <MarkFields field={field} edge="to" />
      </div>
    </fieldset>
  );
}

function Ends({ value, name, chosen }: { value: "for" | "at"; name: string; chosen: string }): JSX.Element {
  const isChosen = (chosen === "at") === (value === "at");
  return (
    <label>
      <input type="radio" name="ends" id={`ends-${value}`} value={value} checked={isChosen} /> <span safe>{name}</span>
    </label>
  );
}

/** `30 min` · `after` · `astronomical dusk` */
function MarkFields({ field, edge }: { field: FieldOf; edge: "from" | "to" }): JSX.Element {
  return (
    <>
      <TextField {...field(`${edge}_offset`)} label="Offset" hint="30 min; empty: not at all." />
      <SelectField {...field(`${edge}_side`)} label="Which way" options={["after", "before"]} />
      <SelectField
        {...field(`${edge}_event`)}
        label="Moment"
        options={nightEvents}
        nameOf={(event) => event.replace("_", " ")}
      />
    </>
  );
}

const repeats = {
  DAILY: "Daily",
  WEEKLY: "Weekly",
  MONTHLY: "Monthly, on that day",
  other: "By an iCalendar rule",
} as const;

function CalendarFields({ entry, field, errors, zones }: RuleFieldsProps): JSX.Element {
  const nameOf = (code: string) => (Object.hasOwn(repeats, code) ? repeats[code as keyof typeof repeats] : code);
  return (
    <fieldset class="kind calendar">
      <legend class="hidden">By the calendar</legend>
      <div class="pair">
        <TextField {...field("start")} label="First start" hint="2027-01-12 20:00, on the clock below." picks="wall" />
        <TextField
          {...field("length")}
          label="Duration or end time"
          hint="30 min, 2 h; or 12:00, on the clock below."
        />
      </div>
      <div class="pair">
        <SelectField {...field("repeat")} label="Repeats" options={Object.keys(repeats)} nameOf={nameOf} />
        <TextField {...field("until")} label="Until" hint="The last date." picks="date" />
      </div>
      <div class="repeat-weekly">
        <DaysField
          name="calendar_days"
          legend="On"
          chosen={entry.days.calendar_days}
          hint="None ticked: the day of the first start."
          error={errors.calendar_days}
        />
      </div>
      <div class="repeat-other">
        <TextField
          {...field("rrule")}
          label="Rule"
          hint="FREQ=MONTHLY;BYDAY=1TU (RFC 5545). UNTIL or COUNT may stand there instead of the last date."
        />
      </div>
      <TextField
        {...field("zone")}
        label="Whose clock"
        hint="A zone such as Pacific/Honolulu, or UTC. Empty: the site's own."
        list="zones"
      />
      <datalist id="zones">
        {zones.map((zone) => (
          <option value={plain(zone)}></option>
        ))}
      </datalist>
      <div class="pair">
        <TextArea {...field("exdates")} label="Left out, one a line" hint="2027-02-16" rows={2} />
        <TextArea {...field("rdates")} label="Added, one a line" hint="2027-02-20 20:00" rows={2} />
      </div>
    </fieldset>
  );
}
