/** Renders one text field of the series form, by its name. */

import type { SeriesText } from "./form-input.ts";

/** What a field of the form is told of itself. */
export type FieldOf = (name: SeriesText) => {
  readonly name: SeriesText;
  readonly value: string;
  readonly error: string | undefined;
  readonly focus: boolean;
};
