/** @jsxImportSource @kitajs/html */
/** Fields of a form: the label above, a hint and an error below. */

import { weekdays } from "../time/local-date.ts";
import { plain } from "./attribute.ts";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly error?: string | undefined;
  /** The id of what says elsewhere what is wrong with it. */
  readonly errorId?: string | undefined;
  readonly hint?: string;
  /** The page opens with the cursor here. */
  readonly focus?: boolean;
}

const describedBy = ({ name, error, errorId, hint }: FieldProps) =>
  [error && `${name}-error`, errorId, hint && `${name}-hint`].filter(Boolean).join(" ") || undefined;

function Below({ name, error, hint }: FieldProps): JSX.Element {
  return (
    <>
      {hint ? (
        <p class="hint" id={`${name}-hint`} safe>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="error" id={`${name}-error`} safe>
          {error}
        </p>
      ) : null}
    </>
  );
}

/** What the browser needs to tell a field, its name and what is wrong with it. */
const attributes = (props: FieldProps) => ({
  id: props.name,
  name: props.name,
  autofocus: Boolean(props.focus),
  "aria-invalid": props.error || props.errorId ? ("true" as const) : undefined,
  "aria-describedby": describedBy(props),
});

interface TextFieldProps extends FieldProps {
  readonly placeholder?: string;
  /** What may be picked from a calendar as well: an instant, a date, or a time on a wall's clock. */
  readonly picks?: "instant" | "date" | "wall";
  /** The id of a list of what is often typed here. */
  readonly list?: string;
}

export function TextField(props: TextFieldProps): JSX.Element {
  return (
    <div class="field">
      <label for={props.name} safe>
        {props.label}
      </label>
      <div class="with-picker">
        <input
          {...attributes(props)}
          type="text"
          value={plain(props.value)}
          placeholder={props.placeholder}
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          list={props.list}
          data-picks={props.picks}
        />
      </div>
      <Below {...props} />
    </div>
  );
}

/** A text of several lines. */
export function TextArea(props: FieldProps & { readonly dir?: "auto"; readonly rows?: number }): JSX.Element {
  return (
    <div class="field">
      <label for={props.name} safe>
        {props.label}
      </label>
      {/* The line break after the tag is the one that browsers leave out; without it they would leave out the text's own. */}
      <textarea {...attributes(props)} rows={String(props.rows ?? 3)} dir={props.dir} safe>
        {`\n${props.value}`}
      </textarea>
      <Below {...props} />
    </div>
  );
}

interface SelectFieldProps extends FieldProps {
  readonly options: readonly string[];
  /** What the empty choice means; undefined: there is none. */
  readonly empty?: string;
  /** How an option is called, where not by its code. */
  readonly nameOf?: (code: string) => string;
}

/** A choice of codes; what was chosen stays there, even where it is no choice any more. */
export function SelectField(props: SelectFieldProps): JSX.Element {
  const { name, label, value, options, empty, nameOf = (code) => code } = props;
  const codes = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <select {...attributes(props)}>
        {empty === undefined ? null : (
          <option value="" selected={value === ""} safe>
            {empty}
          </option>
        )}
        {codes.map((code) => (
          <option value={plain(code)} selected={code === value} safe>
            {nameOf(code)}
          </option>
        ))}
      </select>
      <Below {...props} />
    </div>
  );
}

interface DaysProps {
  readonly name: string;
  readonly legend: string;
  readonly chosen: readonly string[];
  readonly hint: string;
  readonly error?: string | undefined;
}

const dayNames = { MO: "Mo", TU: "Tu", WE: "We", TH: "Th", FR: "Fr", SA: "Sa", SU: "Su" } as const;

/** The days of the week, to tick. */
export function DaysField({ name, legend, chosen, hint, error }: DaysProps): JSX.Element {
  return (
    <fieldset class="field days" id={name}>
      <legend class="label" safe>
        {legend}
      </legend>
      <div class="ticks">
        {weekdays.map((day) => (
          <label>
            <input type="checkbox" name={name} value={day} checked={chosen.includes(day)} /> {dayNames[day]}
          </label>
        ))}
      </div>
      <p class="hint" safe>
        {hint}
      </p>
      {error ? (
        <p class="error" id={`${name}-error`} safe>
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
