/** @jsxImportSource @kitajs/html */
/** The form of a series: where, why, when, without which days; and beside it what that makes. */

import { placeFields } from "../facility/facility.ts";
import { plain } from "../ui/attribute.ts";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { Layout, Notice, type PageContext } from "../ui/layout.tsx";
import { Token } from "../ui/token.tsx";
import { type BegunChoice, begunChoices, Changing, type ChangingProps } from "./editing-view.tsx";
import type { FieldOf } from "./form-field.ts";
import { placeFieldName, type SeriesFormInput } from "./form-input.ts";
import { Places, type PlacesProps } from "./locations-view.tsx";
import { PlanPreview, type PlanPreviewProps } from "./preview-view.tsx";
import { RuleFields } from "./rule-view.tsx";

export interface SeriesFormProps extends Pick<PlacesProps, "entry" | "errors" | "choices"> {
  /** Where it is sent: the page's own path. */
  readonly action: string;
  readonly csrf: string;
  /** Zones that are often meant. */
  readonly zones: readonly string[];
  readonly preview: PlanPreviewProps;
  /** The series that is changed. */
  readonly changing?: ChangingProps;
  /** The field in which the cursor shall be, where nothing is wrong. */
  readonly focus?: string;
  /** What somebody else did meanwhile, in a sentence. */
  readonly conflict?: string;
  /** Why nothing was saved, though nothing is wrong. */
  readonly warning?: string;
  /** Of a form that comes back alone: what the page around it would say. Its status would keep it from being swapped in. */
  readonly notice?: string | undefined;
  /** It holds what was typed and isn't saved. */
  readonly unsaved: boolean;
}

/** The page around the form. */
export function SeriesFormPage({
  title,
  form,
  ...frame
}: PageContext & { title: string; form: SeriesFormProps }): JSX.Element {
  return (
    <Layout {...frame} title={title}>
      <h1 safe>{title}</h1>
      <SeriesForm {...form} />
      <script src={frame.assets["form.js"]} defer></script>
    </Layout>
  );
}

/** What takes the cursor, so that it is in sight: any element may, though the elements' types know of few. */
/** What asks for the preview alone. */
const previewing = {
  "hx-post": "/admin/series/preview",
  "hx-include": "closest form",
  "hx-target": "#preview",
  "hx-swap": "outerMorph",
  "hx-sync": "#outcome:replace",
};

const focused = { tabindex: "-1", autofocus: true };

export function SeriesForm(props: SeriesFormProps): JSX.Element {
  const { action, csrf, entry, errors, zones, preview, notice, unsaved, changing, conflict, warning } = props;
  const focus = fieldOrder(entry).find((field) => errors[field]) ?? props.focus;
  const field: FieldOf = (name) => ({ name, value: entry.texts[name], error: errors[name], focus: focus === name });
  return (
    <form
      class="plan"
      id="form"
      method="post"
      action={plain(action)}
      hx-post={plain(action)}
      hx-swap="outerHTML"
      hx-sync="this:replace"
      data-unsaved={unsaved}
      hx-swap-oob={notice ? "outerHTML" : undefined}
      novalidate
    >
      {notice ? <Notice text={notice} /> : null}
      {/* Enter in a field presses the first button of the form. What is typed meanwhile must not be lost to its answer. */}
      <button type="submit" class="hidden" name="do" value="preview" tabindex="-1" {...previewing}>
        Preview
      </button>
      <Token csrf={csrf} />
      <input type="hidden" name="wrong" value={plain(Object.keys(errors).join(" "))} />
      <div class="typed">
        {changing ? <Changing {...changing} /> : null}
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
          <p class="message error" id="form-error" role="alert" {...(focus ? {} : focused)} safe>
            {errors.form ?? "Not saved: something is missing or wrong below."}
          </p>
        ) : null}
        {changing ? (
          <>
            <TextField
              {...field("from")}
              label="Change from this date on"
              hint="As 2027-03-01, the day at the site. Empty: all of them."
              picks="date"
            />
            <SelectField
              name="begun"
              label="Active and past downtimes"
              value={changing.begun}
              options={["", "no", "yes"]}
              nameOf={(choice) => begunChoices[choice as BegunChoice]}
              hint="An active one keeps its start and its telescope."
            />
          </>
        ) : null}
        <Places {...props} focus={focus} />
        <TextArea {...field("reason")} label="Reason" dir="auto" rows={2} />
        <RuleFields entry={entry} field={field} errors={errors} zones={zones} />
        <TextArea
          {...field("breaks")}
          label="Breaks, one a line"
          hint="2027-03-22 – 2027-03-26 Spring holidays. One date alone is one day."
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
        <a class="button quiet" href={changing ? `/series/${changing.id}` : "/admin/series"}>
          Cancel
        </a>
      </p>
    </form>
  );
}

const ofKind = {
  night: ["first", "last", "from_offset", "from_event", "night_length", "to_offset", "to_event"],
  calendar: ["start", "length", "repeat", "until", "rrule", "exdates", "rdates", "zone"],
  once: ["once_start", "once_end"],
} as const;

/** The fields as they stand on the page. */
function fieldOrder({ texts, places }: SeriesFormInput): readonly string[] {
  const placed = places.flatMap((_, index) => [
    `place-${index}`,
    ...placeFields.map((part) => placeFieldName(part, index)),
  ]);
  const kind = texts.kind === "once" || texts.kind === "calendar" ? texts.kind : "night";
  return ["from", ...placed, "reason", "kind", ...ofKind[kind], "breaks"];
}

/** What the form gets while somebody fills it in. */
export function SeriesPreview(
  props: Pick<SeriesFormProps, "entry" | "choices" | "preview"> & PlacesProps,
): JSX.Element {
  return (
    <>
      <PlanPreview {...props.preview} />
      <Places {...props} beside />
    </>
  );
}
