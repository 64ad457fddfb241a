/** @jsxImportSource @kitajs/html */
/** The inputs that all kinds of rules use. */

import type { FieldOf } from "../ui/edit-form.tsx";
import { TextField } from "../ui/field.tsx";

export interface RuleFieldsProps {
  readonly field: FieldOf;
  /** Time zones to select. */
  readonly zones: readonly string[];
  /** The duration to keep when the start is edited. */
  readonly duration?: string | undefined;
  /** The local date of the start, if it is known. */
  readonly date: string | undefined;
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
  "night.rrule": { label: "Recurrence (RRULE)", hint: "First Tuesdays: FREQ=MONTHLY; BYDAY=1TU" },
  "night.round": { label: "Round to", hint: "For example, 15 min. Leave empty for whole minutes." },
  "night.dark": { label: "Limit of dark", hint: "civil, nautical, astronomical or degrees. Defaults to the site's." },
  start: {
    label: "Start",
    hint: 'For example, Tue 09:00, tomorrow 09:00, 2026-11-23 08:15, "now", or 09:00 site.',
    picks: "instant",
  },
  end: {
    label: "End or duration",
    hint: "For example, 12:15, Tue 15:00, 4 h, 90 min, sunrise or until further notice.",
    picks: "instant",
  },
  until: { label: "Repeats until", hint: "Last date, such as 2027-06-01.", picks: "date" },
  rrule: {
    label: "Rule",
    hint: "For example, FREQ=MONTHLY;BYDAY=1TU (RFC 5545). You can use UNTIL or COUNT instead of an end date.",
  },
} as const;

type TextProps = { of: keyof typeof texts; field: FieldOf; hint?: string; duration?: string | undefined };

export const Text = ({ of, field, ...more }: TextProps): JSX.Element => (
  <TextField {...field(of.startsWith("night.") ? `rule.${of}` : of)} {...texts[of]} {...more} />
);
