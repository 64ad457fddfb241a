/** @jsxImportSource @kitajs/html */
/** Every input of the form by its name: its label, hint and options. */

import { categories } from "../downtime/downtime.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import { placeFields } from "../facility/facility.ts";
import type { PlaceChoices } from "../facility/places.ts";
import { weekdayNames } from "../time/zone.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField, type TextFieldProps, TicksField } from "../ui/field.tsx";
import { Button } from "../ui/line.tsx";
import { locationInput } from "./form-input.ts";
import { eventName, nightChoices, nightEvents } from "./night-rule.ts";
import { siteZone } from "./typed-times.ts";

/** A text; of several lines if it has `rows`; or a choice of `options`, or of several `ticks`. */
interface Shape extends Pick<TextFieldProps, "hint" | "picks"> {
  readonly label: string;
  readonly rows?: number;
  readonly dir?: "auto";
  readonly options?: readonly string[];
  readonly empty?: string;
  readonly nameOf?: (option: string) => string;
  readonly ticks?: Readonly<Record<string, string>>;
}

const begunChoices: Readonly<Record<string, string>> = {
  "": "Edit active ones, keep past ones",
  no: "Keep both as they are",
  yes: "Include active and past occurrences",
};
const nightNames: Readonly<Record<string, string>> = { all: "dusk to dawn", utc_morning: "morning (UTC)" };
const nightChoice = (label: string, empty: string, options: readonly string[]) => {
  return { label, empty, options, nameOf: (code: string) => nightNames[code] ?? eventName(code) };
};

const offset = { label: "Offset", hint: "For example, 30 min. Leave empty for none." };
const side = { label: "Before or after", options: ["after", "before"] };
const event = { label: "Event", options: nightEvents, nameOf: eventName };

const shapes: Readonly<Record<string, Shape>> = {
  from: { label: "Apply from", hint: "Local date. Leave empty for the whole series.", picks: "date" },
  begun: {
    label: "Active and past downtimes",
    options: Object.keys(begunChoices),
    nameOf: (choice) => begunChoices[choice] ?? choice,
    hint: "An active downtime keeps its start and its telescope.",
  },
  start: { label: "Start", hint: 'For example, Tue 09:00, 2026-11-23 08:15, "now", or 09:00 site.', picks: "instant" },
  end: {
    label: "End or duration",
    hint: "For example, 12:15, 4 h, sunrise or until further notice.",
    picks: "instant",
  },
  zone: { label: "Times are in", options: [], nameOf: (zone) => (zone === siteZone ? "Site time" : zone || "UTC") },
  repeat: { label: "Repeat", options: [] },
  until: { label: "Repeats until", hint: "Last date, such as 2027-06-01.", picks: "date" },
  weekdays: { label: "On", ticks: weekdayNames, hint: "Leave empty for the weekday of the start." },
  rrule: { label: "Rule (RFC 5545)", hint: "For example, FREQ=MONTHLY;BYDAY=1TU. It may end with UNTIL or COUNT." },
  exdates: { label: "Excluded dates (one per line)", hint: "For example, 2027-02-16.", rows: 2 },
  rdates: { label: "Extra dates (one per line)", hint: "For example, 2027-02-20 20:00.", rows: 2 },
  "rule.night.first": { label: "First night", hint: "Local date of the evening.", picks: "date" },
  "rule.night.last": { label: "Last night", picks: "date" },
  "rule.night.weekdays": { label: "Nights", ticks: weekdayNames, hint: "Leave empty for every night." },
  "rule.night.from.offset_minutes": offset,
  "rule.night.from.side": side,
  "rule.night.from.event": event,
  "rule.night.minutes": { label: "Duration", hint: "For example, 30 min, 2 h or 1 h 30 min." },
  "rule.night.to.offset_minutes": offset,
  "rule.night.to.side": side,
  "rule.night.to.event": event,
  "rule.night.portion": {
    ...nightChoice("Part of the night", "any", nightChoices.portion),
    hint: "By the limit of dark. Leave the duration empty for all of it.",
  },
  "rule.night.dark": { label: "Limit of dark", hint: "civil, nautical, astronomical or degrees." },
  "rule.night.round": { label: "Round to", hint: "For example, 15 min. Leave empty for whole minutes." },
  "rule.night.rounding": nightChoice("Rounding", "to the nearest", nightChoices.rounding),
  "rule.night.nights": { label: "Nights (one date per line)", hint: "Replaces the first and last night.", rows: 3 },
  "rule.night.rrule": { label: "Recurrence (RRULE)", hint: "First Tuesdays: FREQ=MONTHLY; BYDAY=1TU" },
  "rule.night.date_of": nightChoice("Dates are those of the", "evening (local)", nightChoices.date_of),
  breaks: {
    label: "Breaks (one per line)",
    hint: "For example, 2027-03-22 – 2027-03-26 Spring holidays. A single date skips one day.",
    dir: "auto",
    rows: 3,
  },
  name: { label: "Name of the series", hint: "Optional, such as Mirror washing. Calendars show it." },
  reason: { label: fieldNames.reason, dir: "auto", rows: 2 },
  category: { label: fieldNames.category, options: categories, empty: "None" },
};

/** The label of an input: `Duration`, `Location 2`; empty for the form as a whole. */
export function labelOf(name: string): string {
  const index = /^scopes\.(\d+)/.exec(name)?.[1];
  if (index) return `Location ${Number(index) + 1}`;
  const part = placeFields.find((field) => field === name);
  return part ? fieldNames[part] : (shapes[name]?.label.replace(/ \(.*/, "") ?? "");
}

/** Returns a function that renders an input. @param field its text and error */
export const inputsWith =
  (field: FieldOf) =>
  (name: string, more: Partial<Shape> & { readonly value?: string } = {}): JSX.Element => {
    const props = { ...field(name), ...(shapes[name] ?? { label: name }), ...more };
    const { options, ticks, rows } = props;
    if (options) return <SelectField {...props} options={options} />;
    if (ticks) return <TicksField {...props} options={ticks} />;
    return rows ? <TextArea {...props} /> : <TextField {...props} />;
  };
export type Input = ReturnType<typeof inputsWith>;

export interface LocationsProps {
  readonly field: FieldOf;
  readonly choices: readonly PlaceChoices[];
  /** Whether htmx replaces the locations on the page, besides the target of the response. */
  readonly outOfBand?: boolean;
  readonly isSingle: boolean;
}

export function Locations({ field, choices, outOfBand, isSingle }: LocationsProps): JSX.Element {
  const isOnly = choices.length === 1;
  return (
    <div id="locations" hx-swap-oob={outOfBand ? "outerMorph" : undefined}>
      {choices.map((of, index) => (
        <fieldset class="place" id={`scopes.${index}`}>
          <legend class="label" safe>
            {isOnly ? "Location" : `Location ${index + 1}`}
          </legend>
          {placeFields.map((part) => (
            <SelectField
              {...field(locationInput(index, part))}
              label={fieldNames[part]}
              options={of[part]}
              empty={part === "instrument_type" ? "Whole telescope" : "All"}
            />
          ))}
          {isOnly ? null : (
            <Button kind="quiet" name="do" value={`remove-${index}`} text={`Remove location ${index + 1}`} />
          )}
        </fieldset>
      ))}
      {isSingle ? null : (
        <p class="actions">
          <Button kind="quiet" name="do" value="add" text="Add location" />
        </p>
      )}
    </div>
  );
}
