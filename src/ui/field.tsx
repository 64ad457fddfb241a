/** @jsxImportSource @kitajs/html */
/** Form fields, with the label above and a hint and an error below. */

import type { Children } from "@kitajs/html";
import { Line } from "./line.tsx";
import { plain } from "./link.ts";

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly error?: string | undefined;
  readonly hint?: string;
  /** Whether the field gets the focus when the page opens. */
  readonly focus?: boolean;
}

const describedBy = ({ name, error, hint }: FieldProps) =>
  [error && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(" ") || undefined;

const Below = ({ name, error, hint }: FieldProps): JSX.Element => (
  <>
    <Line class="hint" id={`${name}-hint`} text={hint} />
    <Line class="error" id={`${name}-error`} text={error} />
  </>
);

function Field({ children, ...props }: FieldProps & { children: Children }): JSX.Element {
  return (
    <div class="field">
      <label for={props.name} safe>
        {props.label}
      </label>
      {children}
      <Below {...props} />
    </div>
  );
}

const attributes = (props: FieldProps) => ({
  id: props.name,
  name: props.name,
  autofocus: Boolean(props.focus),
  "aria-invalid": props.error ? ("true" as const) : undefined,
  "aria-describedby": describedBy(props),
});

export interface TextFieldProps extends FieldProps {
  readonly type?: "text" | "password" | "date";
  /** What browsers may fill in; by default, nothing. */
  readonly autocomplete?: string;
  readonly placeholder?: string;
  /** Adds a calendar button (`form.js`). */
  readonly picks?: "instant" | "date";
}

export function TextField(props: TextFieldProps): JSX.Element {
  return (
    <Field {...props}>
      <div class="with-picker">
        <input
          {...attributes(props)}
          type={props.type ?? "text"}
          value={plain(props.value)}
          placeholder={props.placeholder}
          autocomplete={props.autocomplete ?? "off"}
          autocapitalize="none"
          spellcheck="false"
          data-picks={props.picks}
        />
      </div>
    </Field>
  );
}

export function TextArea(props: FieldProps & { readonly dir?: "auto"; readonly rows?: number }): JSX.Element {
  return (
    <Field {...props}>
      {/* Browsers drop a line break right after the tag: without this one, they would drop one that the text begins with. */}
      <textarea {...attributes(props)} rows={String(props.rows ?? 3)} dir={props.dir} safe>
        {`\n${props.value}`}
      </textarea>
    </Field>
  );
}

interface SelectFieldProps extends FieldProps {
  readonly options: readonly string[];
  /** The label of the empty option; undefined for none. */
  readonly empty?: string;
  /** Returns an option's label; by default, its code. */
  readonly nameOf?: (code: string) => string;
}

/** A dropdown of codes. A selected code that is no longer an option stays in the list. */
export function SelectField(props: SelectFieldProps): JSX.Element {
  const { value, options, empty, nameOf = (code) => code } = props;
  const codes = value === "" || options.includes(value) ? options : [value, ...options];
  return (
    <Field {...props}>
      <select {...attributes(props)}>
        {(empty === undefined ? codes : ["", ...codes]).map((code) => (
          <option value={plain(code)} selected={code === value} safe>
            {code === "" && empty !== undefined ? empty : nameOf(code)}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** A checkbox for each option. Its value is the selected ones, joined by commas. @param options value → label */
export function TicksField(props: FieldProps & { readonly options: Readonly<Record<string, string>> }): JSX.Element {
  const { name, label, value, options } = props;
  return (
    <fieldset class="field days" id={name}>
      <legend class="label" safe>
        {label}
      </legend>
      <div class="ticks">
        {Object.entries(options).map(([option, text]) => (
          <label>
            <input type="checkbox" name={name} value={option} checked={value.split(",").includes(option)} />{" "}
            <span safe>{text}</span>
          </label>
        ))}
      </div>
      <Below {...props} />
    </fieldset>
  );
}
