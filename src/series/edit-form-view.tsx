/** @jsxImportSource @kitajs/html */
/** The series form, and beside it the preview. */

import { categories } from "../downtime/category.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import { Conflict, type ConflictProps } from "../downtime/history-view.tsx";
import { Summary, type SummaryProps } from "../downtime/summary-view.tsx";
import { shorten } from "../input/text.ts";
import { plain } from "../ui/attribute.ts";
import { EditForm, type EditFormProps, fieldsOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea } from "../ui/field.tsx";
import { type Edited, EditedDowntimes, Editing } from "./edited-view.tsx";
import { groupOf, inputsOf, type SeriesErrors, type SeriesFormInput } from "./form-input.ts";
import { Locations, type LocationsProps } from "./locations-view.tsx";
import { PlanPreview, type PlanPreviewProps } from "./preview-view.tsx";
import type { RuleFieldsProps } from "./rule-input-view.tsx";
import { RepeatField, RuleFields } from "./rule-view.tsx";

export interface SeriesFormProps
  extends EditFormProps,
    Pick<LocationsProps, "choices">,
    Pick<RuleFieldsProps, "zones" | "date" | "duration"> {
  readonly input: SeriesFormInput;
  readonly errors: SeriesErrors;
  readonly preview: PlanPreviewProps | SummaryProps;
  readonly edited?: Edited | undefined;
  /** The one downtime that is edited, in the version that the user started from, and someone else's edit meanwhile. */
  readonly downtime?: { readonly id: number; readonly version: number; readonly conflict?: ConflictProps };
  /** The reasons used last. */
  readonly suggestions: readonly string[];
  /** The ID of the downtime that is duplicated. */
  readonly copyOf?: number | undefined;
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
  const { input, errors, zones, date, choices, preview, edited, copyOf, suggestions, downtime } = props;
  const path = downtime ? "/admin/downtimes/preview" : previewing["hx-post"];
  const isWrong = (name: string) => errors[name] ?? (/(^|\.)site$/.test(name) && errors[groupOf(name)]);
  const focus = inputsOf(input).find(isWrong) ?? props.focus;
  const field = fieldsOf(input, errors, focus);
  return (
    <EditForm {...props} class="plan">
      <EnterButton saves={input.repeat === "none" && !edited} />
      {copyOf === undefined ? null : <input type="hidden" name="from" value={String(copyOf)} />}
      <div class="typed">
        {edited ? <Editing {...edited} /> : null}
        {downtime ? (
          <>
            <input type="hidden" name="id" value={String(downtime.id)} />
            <input type="hidden" name="version" value={String(downtime.version)} />
          </>
        ) : null}
        {downtime?.conflict ? <Conflict {...downtime.conflict} /> : null}
        <Messages {...props} isFocused={focus === undefined} />
        {edited ? <EditedDowntimes field={field} begun={edited.begun} /> : null}
        <Locations field={field} errors={errors} choices={choices} isSingle={downtime !== undefined} />
        <RuleFields
          field={field}
          zones={zones}
          date={date}
          duration={props.duration}
          isSingle={downtime !== undefined}
        />
        <TextArea {...field("reason")} label={fieldNames.reason} dir="auto" rows={2} />
        {suggestions.length > 0 ? (
          <p class="actions suggestions">
            <span class="muted">Used last:</span>
            {suggestions.map((reason) => (
              <button type="submit" class="quiet" name="do" value={plain(`reason-${reason}`)} dir="auto" safe>
                {shorten(reason, 30)}
              </button>
            ))}
          </p>
        ) : null}
        <SelectField {...field("category")} label={fieldNames.category} options={categories} empty="None" />
      </div>
      <div
        class="outcome"
        id="outcome"
        {...previewing}
        hx-post={path}
        hx-trigger={'load, input from:"closest form" delay:400ms'}
      >
        <Preview {...preview} />
      </div>
      <p class="actions">
        <button type="submit" class="primary">
          Save
        </button>
        {edited || downtime ? null : (
          <button type="submit" name="another" value="yes">
            Save and add another
          </button>
        )}
        {downtime ? (
          <a class="button danger" href={`/admin/downtimes/delete?id=${downtime.id}`}>
            Delete
          </a>
        ) : (
          <button type="submit" name="do" value="preview">
            Preview
          </button>
        )}
        <a class="button quiet" href={edited ? `/series/${edited.stored.id}` : "/admin/downtimes"}>
          Cancel
        </a>
      </p>
    </EditForm>
  );
}

/**
 * Enter in an input presses the first button of the form. It saves what doesn't repeat, and only previews a series.
 * @param beside sent beside something else, to replace the one on the page
 */
function EnterButton({ saves, beside }: { saves: boolean; beside?: boolean }): JSX.Element {
  return (
    <div class="hidden" id="enter" hx-swap-oob={beside ? "outerHTML" : undefined}>
      {saves ? (
        <button type="submit" tabindex="-1">
          Submit
        </button>
      ) : (
        <button type="submit" name="do" value="preview" tabindex="-1" {...previewing}>
          Preview
        </button>
      )}
    </div>
  );
}

/** What would be stored: one downtime, or a series. */
function Preview(props: SeriesFormProps["preview"]): JSX.Element {
  if (!("where" in props)) return <PlanPreview {...props} />;
  return (
    <div id="preview">
      <Summary {...props} />
    </div>
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

/** The parts of the page that are updated while someone fills in the form. */
export function SeriesPreview(
  props: Pick<SeriesFormProps, "input" | "errors" | "choices" | "preview" | "date" | "edited"> & { isSingle?: boolean },
): JSX.Element {
  const { input, errors, choices, preview, date, edited, isSingle } = props;
  const field = fieldsOf(input, errors);
  return (
    <>
      <Preview {...preview} />
      <Locations field={field} errors={errors} choices={choices} isSingle={isSingle} beside />
      {isSingle ? null : (
        <>
          <RepeatField field={field} date={date} beside />
          <EnterButton saves={input.repeat === "none" && !edited} beside />
        </>
      )}
    </>
  );
}
