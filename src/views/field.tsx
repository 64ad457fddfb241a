/** @jsxImportSource @kitajs/html */
/** Fields of a form: the label above, a hint and an error below. */

import { plain } from "./attribute.ts";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly error?: string | undefined;
  readonly hint?: string;
  /** The page opens with the cursor here. */
  readonly focus?: boolean;
}

const describedBy = ({ name, error, hint }: FieldProps) =>
  [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(" ") || undefined;

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
  "aria-invalid": props.error ? ("true" as const) : undefined,
  "aria-describedby": describedBy(props),
});

interface TextFieldProps extends FieldProps {
  readonly placeholder?: string;
  /** An instant, which may be picked from a calendar as well. */
  readonly picks?: boolean;
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
          data-picks={props.picks ? "true" : undefined}
        />
      </div>
      <Below {...props} />
    </div>
  );
}

/** A text of several lines. */
export function TextArea(props: FieldProps & { readonly dir?: "auto" }): JSX.Element {
  return (
    <div class="field">
      <label for={props.name} safe>
        {props.label}
      </label>
      {/* The line break after the tag is the one that browsers leave out; without it they would leave out the text's own. */}
      <textarea {...attributes(props)} rows="3" dir={props.dir} safe>
        {`\n${props.value}`}
      </textarea>
      <Below {...props} />
    </div>
  );
}

interface SelectFieldProps extends FieldProps {
  readonly options: readonly string[];
  /** What the empty choice means. */
  readonly empty: string;
}

/** A choice of codes; what was chosen stays there, even where it is no choice any more. */
export function SelectField(props: SelectFieldProps): JSX.Element {
  const { name, label, value, options, empty } = props;
  const codes = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <div class="field">
      <label for={name} safe>
        {label}
      </label>
      <select {...attributes(props)}>
        <option value="" selected={value === ""} safe>
          {empty}
        </option>
        {codes.map((code) => (
          <option value={plain(code)} selected={code === value} safe>
            {code}
          </option>
        ))}
      </select>
      <Below {...props} />
    </div>
  );
}
