/** @jsxImportSource @kitajs/html */
/** The places of a series, to choose: each a site, an enclosure, a telescope or an instrument type, as wide as one likes. */

import { fieldNames } from "../downtime/field-names.ts";
import { type Place, placeFields } from "../facility/facility.ts";
import type { PlaceChoices } from "../facility/places.ts";
import { SelectField } from "../ui/field.tsx";
import type { SeriesErrors } from "./form-body.ts";
import { placeFieldName, type SeriesFormInput } from "./form-input.ts";

export interface PlacesProps {
  readonly entry: SeriesFormInput;
  readonly errors: SeriesErrors;
  /** For each place. */
  readonly choices: readonly PlaceChoices[];
  readonly focus?: string | undefined;
  /** Sent beside something else, to take the place of what is there. */
  readonly beside?: boolean;
}

/** For each place the dependent choices: site, enclosure, telescope, instrument type. */
export function Places({ entry, errors, choices, focus, beside }: PlacesProps): JSX.Element {
  const field = (part: keyof Place, index: number) => {
    const name = placeFieldName(part, index);
    const isFirst = part === "site";
    return {
      name,
      value: entry.places[index]?.[part] ?? "",
      error: errors[name],
      errorId: isFirst && errors[`place-${index}`] ? `place-${index}-error` : undefined,
      focus: focus === name || (isFirst && focus === `place-${index}`),
    };
  };
  return (
    <div id="places" hx-swap-oob={beside ? "outerMorph" : undefined}>
      {entry.places.map((_, index) => (
        <fieldset class="place" id={`place-${index}`}>
          <legend class="label">{entry.places.length > 1 ? `Place ${index + 1}` : "Where"}</legend>
          {placeFields.map((part) => (
            <SelectField
              {...field(part, index)}
              label={fieldNames[part]}
              options={choices[index]?.[part] ?? []}
              empty={part === "instrument_type" ? "The whole telescope" : "All"}
            />
          ))}
          {errors[`place-${index}`] ? (
            <p class="error" id={`place-${index}-error`} safe>
              {errors[`place-${index}`] ?? ""}
            </p>
          ) : null}
          {entry.places.length > 1 ? (
            <button type="submit" class="quiet" name="do" value={`remove-${index}`} formnovalidate>
              Leave place {index + 1} out
            </button>
          ) : null}
        </fieldset>
      ))}
      <p class="actions">
        <button type="submit" class="quiet" name="do" value="add">
          Add another place
        </button>
      </p>
    </div>
  );
}
