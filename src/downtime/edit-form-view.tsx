/** @jsxImportSource @kitajs/html */
/** The form that edits a downtime. */

import { placeFields } from "../facility/facility.ts";
import type { PlaceChoices } from "../facility/places.ts";
import { EditForm, EditFormPage, type EditFormProps, type FieldOf, fieldsOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { Time } from "../ui/instants.tsx";
import type { PageContext } from "../ui/page-context.ts";
import { categories } from "./category.ts";
import { Conflict, type ConflictProps } from "./differences-view.tsx";
import { draftFields, requiredFields } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import type { FormErrors, FormInput } from "./form-input.ts";
import { Summary, type SummaryProps } from "./summary-view.tsx";

export interface FormProps extends EditFormProps {
  readonly input: FormInput;
  readonly errors: FormErrors;
  readonly choices: PlaceChoices;
  readonly summary: SummaryProps;
  /** The downtime to edit, and the version that the user started from. */
  readonly edited: { readonly id: number; readonly version: number };
  /** The other user's edits, in an edit conflict. */
  readonly conflict?: ConflictProps | undefined;
}

/** The page around the form. */
export function FormPage({ form, ...frame }: PageContext & { title: string; form: FormProps }): JSX.Element {
  return (
    <EditFormPage {...frame}>
      <DowntimeForm {...form} />
    </EditFormPage>
  );
}

export function DowntimeForm(props: FormProps): JSX.Element {
  const { input, errors, choices, summary, edited, conflict } = props;
  const firstInvalid = fieldOrder.find((field) => errors[field]);
  const field = fieldsOf(input, errors, firstInvalid);
  return (
    <EditForm {...props} class="form downtime">
      <input type="hidden" name="id" value={String(edited.id)} />
      <input type="hidden" name="version" value={String(edited.version)} />
      {firstInvalid ? (
        <p class="message error" id="form-error" role="alert">
          Couldn't save. Fix the fields below.
        </p>
      ) : null}
      {conflict ? <Conflict {...conflict} /> : null}
      <PlaceFields choices={choices} field={field} />
      <TextField
        {...field("start")}
        label="Start (UTC)"
        hint='For example, 2026-11-23 08:15, "now", or "09:00 site" in local time.'
        picks="instant"
      />
      <Meaning name="start" summary={summary} />
      <TextField
        {...field("end")}
        label="End (UTC) or duration"
        hint="For example, 2026-11-23 12:15, or a duration such as 4 h, 90 min or 2 d."
        picks="instant"
      />
      <Meaning name="end" summary={summary} />
      <TextArea {...field("reason")} label={fieldNames.reason} dir="auto" />
      <SelectField {...field("category")} label={fieldNames.category} options={categories} empty="None" />
      <div
        id="live"
        hx-post="/admin/downtimes/preview"
        hx-trigger={'load, input from:"closest form" delay:250ms'}
        hx-include="closest form"
        hx-target="#summary"
        hx-swap="outerHTML"
        hx-sync="this:replace"
      >
        <Summary {...summary} />
      </div>
      <p class="actions">
        <button type="submit" class="primary">
          Save
        </button>
        <a class="button danger" href={`/admin/downtimes/delete?id=${edited.id}`}>
          Delete
        </a>
        <a class="button quiet" href="/admin/downtimes">
          Cancel
        </a>
      </p>
    </EditForm>
  );
}

/** The order of the fields in the form: the telescope first. */
const fieldOrder = [...new Set([...placeFields, ...draftFields])];

interface PlaceFieldsProps extends Pick<FormProps, "choices"> {
  readonly field: FieldOf;
  /** Whether it is an out-of-band swap of htmx, which replaces the fieldset in the page. */
  readonly isOutOfBand?: boolean;
}

/** The dependent selects: site, enclosure, telescope, instrument type. */
function PlaceFields({ choices, field, isOutOfBand }: PlaceFieldsProps): JSX.Element {
  return (
    <fieldset id="place" class="place" hx-swap-oob={isOutOfBand ? "outerMorph" : undefined}>
      <legend class="hidden">Telescope</legend>
      {placeFields.map((name) => (
        <SelectField
          {...field(name)}
          label={fieldNames[name]}
          options={choices[name]}
          empty={requiredFields.includes(name) ? "Select…" : "Whole telescope"}
        />
      ))}
    </fieldset>
  );
}

interface MeaningProps extends Pick<PlaceFieldsProps, "isOutOfBand"> {
  readonly name: "start" | "end";
  readonly summary: SummaryProps;
}

/** What a time field means, in UTC and in the site's time. */
function Meaning({ name, summary: { [name]: at, zone }, isOutOfBand }: MeaningProps): JSX.Element {
  return (
    <p class="hint both" id={`${name}-means`} hx-swap-oob={isOutOfBand ? "outerHTML" : undefined}>
      {at ? <Time at={at} zone={zone} /> : null}
    </p>
  );
}

/** The response while the user is typing: the summary, and the selects. */
export function Preview(props: Pick<FormProps, "input" | "errors" | "choices" | "summary">): JSX.Element {
  const { input, errors, choices, summary } = props;
  return (
    <>
      <Summary {...summary} errors={errors} />
      <Meaning name="start" summary={summary} isOutOfBand />
      <Meaning name="end" summary={summary} isOutOfBand />
      <PlaceFields choices={choices} field={fieldsOf(input, errors)} isOutOfBand />
    </>
  );
}
