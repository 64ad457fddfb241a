/** @jsxImportSource @kitajs/html */
/** The form of a page that searches by its query: a dropdown for each field with options, a text field for others. */

import type { Children } from "@kitajs/html";
import type { FieldErrors } from "../input/problem.ts";
import { SelectField, TextField } from "./field.tsx";

interface SearchFormProps {
  readonly action: string;
  readonly query: URLSearchParams;
  readonly errors?: FieldErrors;
  readonly fields: readonly (Omit<Parameters<typeof TextField>[0], "value"> &
    Partial<Pick<Parameters<typeof SelectField>[0], "options" | "empty" | "nameOf" | "value">>)[];
  /** What follows the fields, with the button. */
  readonly children: Children;
}

export function SearchForm({ action, query, errors = {}, fields, children }: SearchFormProps): JSX.Element {
  return (
    <search>
      <form class="search" action={action}>
        {fields.map(({ options, ...field }) => {
          const { name, value = "" } = field;
          const shown = { ...field, value: query.get(name) ?? value, error: errors[name]?.join(" ") };
          return options ? <SelectField {...shown} options={options} /> : <TextField {...shown} />;
        })}
        {children}
      </form>
    </search>
  );
}
