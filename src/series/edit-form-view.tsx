/** @jsxImportSource @kitajs/html */
/** The form of downtimes and series, and beside it the preview. */

import type { Stored } from "../downtime/rows.ts";
import { shorten } from "../input/text.ts";
import { EditForm, type EditFormProps, fieldsOf } from "../ui/edit-form.tsx";
import { Button, ButtonLink, Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import { Conflict, type ConflictProps } from "./conflict-view.tsx";
import { inputsOf, type SeriesErrors, type SeriesFormInput } from "./form-input.ts";
import type { Edited } from "./form-reading.ts";
import { inputsWith, Locations, type LocationsProps } from "./inputs-view.tsx";
import { partsOf } from "./plan.ts";
import { Preview, type PreviewProps } from "./preview-view.tsx";
import { RepeatField, RuleFields, type RuleFieldsProps } from "./rule-view.tsx";

export interface SeriesFormProps
  extends EditFormProps,
    Pick<LocationsProps, "choices">,
    Pick<RuleFieldsProps, "zones" | "date"> {
  readonly input: SeriesFormInput;
  readonly errors: SeriesErrors;
  readonly preview: PreviewProps;
  readonly edited?: Edited | undefined;
  readonly stored?: Stored | undefined;
  /** Someone else's edit meanwhile. */
  readonly differences?: ConflictProps;
  readonly suggestions: readonly string[];
  /** The input to focus when there are no errors. */
  readonly focus?: string;
  /** Why nothing was saved although there are no errors. */
  readonly warning?: string;
}

export function SeriesForm(props: SeriesFormProps): JSX.Element {
  const { input: texts, errors, choices, preview, edited, stored, differences } = props;
  const focus = inputsOf(texts).find((name) => errors[name]) ?? props.focus;
  const field = fieldsOf(texts, errors, focus);
  const input = inputsWith(field);
  const isSingle = stored !== undefined;
  const id = edited?.stored.id ?? stored?.downtime.id;
  const { version } = edited?.stored ?? stored ?? {};
  return (
    <EditForm {...props} class="plan">
      {/* Enter in an input presses the first button of the form. */}
      <div class="hidden">
        <button type="submit" name="do" value="enter" tabindex="-1">
          Enter
        </button>
      </div>
      <div>
        {id ? <input type="hidden" name="id" value={String(id)} /> : null}
        {version ? <input type="hidden" name="version" value={String(version)} /> : null}
        {edited ? <Editing {...edited} /> : null}
        {differences ? <Conflict {...differences} /> : null}
        <Messages {...props} isFocused={focus === undefined} />
        {edited ? input("from") : null}
        {edited ? input("begun", { value: edited.begun }) : null}
        <Locations field={field} choices={choices} isSingle={isSingle} />
        <RuleFields {...props} field={field} input={input} isSingle={isSingle} />
        {input("reason")}
        <Suggestions {...props} />
        {input("category")}
      </div>
      <div
        class="outcome"
        id="outcome"
        hx-post={stored ? "/admin/downtimes/preview" : "/admin/series/preview"}
        hx-include="closest form"
        hx-target="#preview"
        hx-swap="outerMorph"
        hx-sync="#outcome:replace"
        hx-trigger={'load, input from:"closest form" delay:400ms'}
      >
        <Preview {...preview} />
      </div>
      <p class="actions">
        <Button kind="primary" text="Save" />
        {edited || stored ? null : <Button name="another" value="yes" text="Save and add another" />}
        {stored ? (
          <ButtonLink kind="danger" to={`/admin/downtimes/delete?id=${stored.downtime.id}`} text="Delete" />
        ) : (
          <Button name="do" value="preview" text="Preview" />
        )}
        <ButtonLink kind="quiet" to={edited ? `/series/${edited.stored.id}` : "/admin/downtimes"} text="Cancel" />
      </p>
    </EditForm>
  );
}

/** The part that the form shows, and notes about it. */
function Editing({ stored, shown }: Edited): JSX.Element {
  const { id, ended } = stored;
  const aboutParts =
    "This series was edited from a date on before. Fields that you leave unchanged stay as they are in every part.";
  return (
    <>
      <Line class="hint" text={partsOf(stored).length > 1 && aboutParts} />
      {ended === null ? null : (
        <p class="hint">
          This series has ended (no occurrences from <span safe>{ended}</span>).{" "}
          <a href={`/admin/series/new?like=${id}`}>Duplicate it</a> to continue.
        </p>
      )}
      <input type="hidden" name="shown" value={plain(shown)} />
    </>
  );
}

function Suggestions({ suggestions }: Pick<SeriesFormProps, "suggestions">): JSX.Element | null {
  if (suggestions.length === 0) return null;
  return (
    <p class="actions suggestions">
      <span class="muted">Used last:</span>
      {suggestions.map((reason) => (
        <Button kind="quiet" name="do" value={`reason-${reason}`} dir="auto" text={shorten(reason, 30)} />
      ))}
    </p>
  );
}

type MessagesProps = Pick<SeriesFormProps, "errors" | "warning"> & { isFocused: boolean };

/** Each is focused, so that it is in sight, unless an input is. */
function Messages({ errors, warning, isFocused }: MessagesProps): JSX.Element {
  const focused = { tabindex: "-1", autofocus: true };
  const wrong = Object.keys(errors).length > 0 && (errors.form ?? "Couldn't save. Fix the fields below.");
  return (
    <>
      <Line class="message warning" role="alert" {...focused} text={warning} />
      <Line class="message error" id="form-error" role="alert" {...(isFocused ? focused : {})} text={wrong} />
    </>
  );
}

/** The parts of the page that are updated while someone fills in the form. */
export function SeriesPreview(
  props: Pick<SeriesFormProps, "input" | "errors" | "choices" | "preview" | "date"> & { isSingle: boolean },
): JSX.Element {
  const { input, errors, preview, isSingle } = props;
  const field = fieldsOf(input, errors);
  return (
    <>
      <Preview {...preview} />
      <Locations {...props} field={field} outOfBand />
      {isSingle ? null : <RepeatField input={inputsWith(field)} date={props.date} outOfBand />}
    </>
  );
}
