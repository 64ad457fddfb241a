/** @jsxImportSource @kitajs/html */
/** The series form, and beside it the preview. */

import { categories } from "../downtime/category.ts";
import { fieldNames } from "../downtime/field-names.ts";
import { plain } from "../ui/attribute.ts";
import { EditForm, type EditFormProps, type FieldOf, fieldsOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { inputsOf, type SeriesErrors, type SeriesFormInput } from "./form-input.ts";
import { Locations, type LocationsProps } from "./locations-view.tsx";
import { partsOf } from "./plan.ts";
import { PlanPreview, type PlanPreviewProps } from "./preview-view.tsx";
import type { StoredSeries } from "./rows.ts";
import { RuleFields } from "./rule-view.tsx";

/** Which of the downtimes that have begun are edited, beside upcoming ones. */
const begunChoices = {
  "": "Edit active ones, keep past ones",
  no: "Keep both as they are",
  yes: "Include active and past occurrences",
} as const;
type BegunChoice = keyof typeof begunChoices;

export const begunChoiceOf = (sent: string | null): BegunChoice => (sent === "yes" || sent === "no" ? sent : "");

/** The stored series that is edited, in the version that the form shows. */
export interface Edited {
  readonly stored: StoredSeries;
  /** The local date whose part of the plan the form shows; empty: the newest. */
  readonly shown: string;
  readonly begun: BegunChoice;
}

export interface SeriesFormProps extends EditFormProps, Pick<LocationsProps, "choices"> {
  readonly input: SeriesFormInput;
  readonly errors: SeriesErrors;
  /** Time zones to suggest. */
  readonly zones: readonly string[];
  readonly preview: PlanPreviewProps;
  readonly edited?: Edited | undefined;
  /** The input to focus when there are no errors. */
  readonly focus?: string;
  /** Someone else's edit meanwhile, in a sentence. */
  readonly conflict?: string;
  /** Why nothing was saved although there are no errors. */
  readonly warning?: string;
}

/** Requests only the preview. */
const previewing = {
  "hx-post": "/admin/series/preview",
  "hx-include": "closest form",
  "hx-target": "#preview",
  "hx-swap": "outerMorph",
  "hx-sync": "#outcome:replace",
};

export function SeriesForm(props: SeriesFormProps): JSX.Element {
  const { input, errors, zones, choices, preview, edited } = props;
  const isWrong = (name: string) => errors[name] ?? (name.endsWith(".site") && errors[name.slice(0, -".site".length)]);
  const focus = inputsOf(input).find(isWrong) ?? props.focus;
  const field = fieldsOf(input, errors, focus);
  return (
    <EditForm {...props} class="plan">
      {/* Enter in an input presses the first button of the form. It only previews, so that the answer replaces no input. */}
      <button type="submit" class="hidden" name="do" value="preview" tabindex="-1" {...previewing}>
        Preview
      </button>
      <div class="typed">
        {edited ? <Editing {...edited} /> : null}
        <Messages {...props} isFocused={focus === undefined} />
        {edited ? <EditedDowntimes field={field} begun={edited.begun} /> : null}
        <Locations field={field} errors={errors} choices={choices} />
        <TextArea {...field("reason")} label={fieldNames.reason} dir="auto" rows={2} />
        <SelectField {...field("category")} label={fieldNames.category} options={categories} empty="None" />
        <RuleFields field={field} zones={zones} />
        <TextArea
          {...field("breaks")}
          label="Breaks (one per line)"
          hint="For example, 2027-03-22 – 2027-03-26 Spring holidays. A single date skips one day."
          dir="auto"
          rows={4}
        />
      </div>
      <div class="outcome" id="outcome" {...previewing} hx-trigger={'load, input from:"closest form" delay:400ms'}>
        <PlanPreview {...preview} />
      </div>
      <p class="actions">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="submit" name="do" value="preview">
          Preview
        </button>
        <a class="button quiet" href={edited ? `/series/${edited.stored.id}` : "/admin/series"}>
          Cancel
        </a>
      </p>
    </EditForm>
  );
}

/** Focuses an element that isn't an input, so that it is in sight. */
const focused = { tabindex: "-1", autofocus: true };

function Messages(
  props: Pick<SeriesFormProps, "errors" | "conflict" | "warning"> & { isFocused: boolean },
): JSX.Element {
  const { errors, conflict, warning, isFocused } = props;
  return (
    <>
      {conflict ? (
        <p class="message error" role="alert" id="conflict" {...focused} safe>
          {conflict}
        </p>
      ) : null}
      {warning ? (
        <p class="message warning" role="alert" {...focused} safe>
          {warning}
        </p>
      ) : null}
      {Object.keys(errors).length > 0 && !conflict ? (
        <p class="message error" id="form-error" role="alert" {...(isFocused ? focused : {})} safe>
          {errors.form ?? "Couldn't save. Fix the fields below."}
        </p>
      ) : null}
    </>
  );
}

/** The version and the part that the form shows, and notes about them. */
function Editing({ stored, shown }: Edited): JSX.Element {
  const { id, version, ended } = stored;
  return (
    <>
      {partsOf(stored).length > 1 ? (
        <p class="hint">
          This series was edited from a date on before. The form shows the{" "}
          {shown ? "part that applies then" : "newest part"}; fields that you leave unchanged stay as they are in every
          part.
        </p>
      ) : null}
      {ended === null ? null : (
        <p class="hint">
          This series has ended (no occurrences from <span safe>{ended}</span>).{" "}
          <a href={`/admin/series/new?like=${id}`}>Duplicate it</a> to continue.
        </p>
      )}
      <input type="hidden" name="id" value={String(id)} />
      <input type="hidden" name="version" value={String(version)} />
      <input type="hidden" name="shown" value={plain(shown)} />
    </>
  );
}

/** Which downtimes of a stored series are edited. */
function EditedDowntimes({ field, begun }: { field: FieldOf; begun: BegunChoice }): JSX.Element {
  return (
    <>
      <TextField
        {...field("from")}
        label="Apply from"
        hint="Local date, such as 2027-03-01. Leave empty for the whole series."
        picks="date"
      />
      <SelectField
        name="begun"
        label="Active and past downtimes"
        value={begun}
        options={["", "no", "yes"]}
        nameOf={(choice) => begunChoices[choice as BegunChoice]}
        hint="An active downtime keeps its start and its telescope."
      />
    </>
  );
}

/** The parts of the page that are updated while someone fills in the form. */
export function SeriesPreview({
  input,
  errors,
  choices,
  preview,
}: Pick<SeriesFormProps, "input" | "errors" | "choices" | "preview">): JSX.Element {
  return (
    <>
      <PlanPreview {...preview} />
      <Locations field={fieldsOf(input, errors)} errors={errors} choices={choices} beside />
    </>
  );
}
