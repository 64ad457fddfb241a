/** @jsxImportSource @kitajs/html */
/** The inputs that all kinds of rules use. */

import type { FieldOf } from "../ui/edit-form.tsx";
import { TextField } from "../ui/field.tsx";

export interface RuleFieldsProps {
  readonly field: FieldOf;
  /** Time zones to suggest. */
  readonly zones: readonly string[];
}

type ChoiceProps = { name: string; id: string; value: string; label: string; isSelected: boolean };

export function Choice({ name, id, value, label, isSelected }: ChoiceProps): JSX.Element {
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
  "night.rrule": { label: "Recurrence (RRULE)", hint: "For example, FREQ=MONTHLY;BYDAY=1TU for first Tuesdays." },
  "night.round": { label: "Round to", hint: "For example, 15 min. Leave empty for whole minutes." },
  "night.dark": { label: "Limit of dark", hint: "civil, nautical, astronomical or degrees. Defaults to the site's." },
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

export const Text = ({ of, field }: { of: keyof typeof texts; field: FieldOf }): JSX.Element => (
  <TextField {...field(`rule.${of}`)} {...texts[of]} />
);
