/** @jsxImportSource @kitajs/html */
/** The form of a downtime: to add one, or to change one. */

import { placeFields } from "../facility/facility.ts";
import type { PlaceChoices } from "../facility/places.ts";
import { EditForm, EditFormPage, type EditFormProps } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import type { PageContext } from "../ui/layout.tsx";
import { categories } from "./category.ts";
import { Differences, type DifferencesProps } from "./differences-view.tsx";
import { draftFields, requiredFields } from "./downtime.ts";
import { fieldNames } from "./field-names.ts";
import type { FormErrors, FormInput } from "./form-input.ts";
import { Summary, type SummaryProps } from "./summary-view.tsx";

export interface FormProps extends EditFormProps {
  readonly entry: FormInput;
  readonly errors: FormErrors;
  readonly choices: PlaceChoices;
  readonly summary: SummaryProps;
  /** The downtime that is changed, and the version that whoever changes it has seen. */
  readonly changing?: { readonly id: number; readonly version: number };
  /** The downtime of which a new one is a copy. */
  readonly copyOf?: number;
  /** What somebody else has changed meanwhile. */
  readonly conflict?: DifferencesProps;
}

/** The page around the form. */
export function FormPage({ form, ...frame }: PageContext & { title: string; form: FormProps }): JSX.Element {
  return (
    <EditFormPage {...frame}>
      {form.changing ? null : (
        <p class="muted">
          The same again and again? <a href="/admin/series/new">Plan a series.</a>
        </p>
      )}
      <DowntimeForm {...form} />
    </EditFormPage>
  );
}

export function DowntimeForm(props: FormProps): JSX.Element {
  const { entry, errors, choices, summary, changing, copyOf, conflict } = props;
  const wrong = fieldOrder.find((field) => errors[field]);
  // The first thing to mend, or else the first thing to say; whoever changes something decides for themselves.
  const focus =
    wrong ??
    (changing
      ? undefined
      : (placeFields.find((field) => requiredFields.includes(field) && entry[field] === "") ?? "start"));
  const field = (name: keyof FormInput) => ({ name, value: entry[name], error: errors[name], focus: focus === name });
  return (
    <EditForm {...props} class="form downtime">
      {changing ? <Changing {...changing} /> : null}
      {copyOf === undefined ? null : <input type="hidden" name="from" value={String(copyOf)} />}
      {wrong ? (
        <p class="message error" id="form-error" role="alert">
          Not saved: something is missing or wrong below.
        </p>
      ) : null}
      {conflict ? <Differences {...conflict} /> : null}
      <PlaceFields choices={choices} field={field} />
      <TextField {...field("start")} label="Start, UTC" hint="2026-11-23 08:15, or now." picks="instant" />
      <TextField
        {...field("end")}
        label="End, UTC, or how long"
        hint="2026-11-23 12:15, or a length: 4 h, 90 min, 2 d."
        picks="instant"
      />
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
        {changing ? null : (
          <button type="submit" name="another" value="yes">
            Save and add another
          </button>
        )}
        {changing ? (
          <a class="button danger" href={`/admin/downtimes/delete?id=${changing.id}`}>
            Delete
          </a>
        ) : null}
        <a class="button quiet" href="/admin/downtimes">
          Cancel
        </a>
      </p>
    </EditForm>
  );
}

/** The fields as the form shows them: the place first. */
const fieldOrder = [...new Set([...placeFields, ...draftFields])];

function Changing({ id, version }: { id: number; version: number }): JSX.Element {
  return (
    <>
      <input type="hidden" name="id" value={String(id)} />
      <input type="hidden" name="version" value={String(version)} />
    </>
  );
}

interface PlaceFieldsProps {
  readonly choices: PlaceChoices;
  readonly field: (name: keyof FormInput) => {
    readonly name: string;
    readonly value: string;
    readonly error: string | undefined;
    readonly focus: boolean;
  };
  /** Sent beside something else, to take the place of what is there. */
  readonly beside?: boolean;
}

/** The dependent choices: site, enclosure, telescope, instrument type. */
function PlaceFields({ choices, field, beside }: PlaceFieldsProps): JSX.Element {
  return (
    <fieldset id="place" class="place" hx-swap-oob={beside ? "outerMorph" : undefined}>
      <legend class="hidden">Where</legend>
      {placeFields.map((name) => (
        <SelectField
          {...field(name)}
          label={fieldNames[name]}
          options={choices[name]}
          empty={requiredFields.includes(name) ? "Choose" : "All: the whole telescope"}
        />
      ))}
    </fieldset>
  );
}

/** What the form gets while somebody fills it in. */
export function Preview(props: Pick<FormProps, "entry" | "errors" | "choices" | "summary">): JSX.Element {
  const { entry, errors, choices, summary } = props;
  const field = (name: keyof FormInput) => ({ name, value: entry[name], error: errors[name], focus: false });
  return (
    <>
      <Summary {...summary} errors={errors} />
      <PlaceFields choices={choices} field={field} beside />
    </>
  );
}
