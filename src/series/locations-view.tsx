/** @jsxImportSource @kitajs/html */
/** The locations of a series: each a site, an enclosure, a telescope or an instrument type, or several of them. */

import { fieldNames } from "../downtime/fields-view.tsx";
import { placeFields } from "../facility/facility.ts";
import type { PlaceChoices } from "../facility/places.ts";
import type { FieldOf } from "../ui/edit-form.tsx";
import { SelectField } from "../ui/field.tsx";
import { Button, Line } from "../ui/line.tsx";
import { locationInput, type SeriesErrors } from "./form-input.ts";

export interface LocationsProps {
  readonly field: FieldOf;
  readonly errors: SeriesErrors;
  /** Of each location. */
  readonly choices: readonly PlaceChoices[];
  /** Sent beside something else, to replace the locations on the page. */
  readonly beside?: boolean;
  /** It can't have others. */
  readonly isSingle: boolean;
}

export function Locations({ field, errors, choices, beside, isSingle }: LocationsProps): JSX.Element {
  const isOnly = choices.length === 1;
  return (
    <div id="locations" hx-swap-oob={beside ? "outerMorph" : undefined}>
      {choices.map((of, index) => {
        const name = `scopes.${index}`;
        const error = errors[name];
        return (
          <fieldset class="place" id={name}>
            <legend class="label" safe>
              {isOnly ? "Location" : `Location ${index + 1}`}
            </legend>
            {placeFields.map((part) => (
              <SelectField
                {...field(locationInput(index, part))}
                errorId={error && part === "site" ? `${name}-error` : undefined}
                label={fieldNames[part]}
                options={of[part]}
                empty={part === "instrument_type" ? "Whole telescope" : "All"}
              />
            ))}
            <Line class="error" id={`${name}-error`} text={error} />
            {isOnly ? null : (
              <Button
                kind="quiet"
                name="do"
                value={`remove-${index}`}
                formnovalidate
                text={`Remove location ${index + 1}`}
              />
            )}
          </fieldset>
        );
      })}
      {isSingle ? null : (
        <p class="actions">
          <Button kind="quiet" name="do" value="add" text="Add location" />
        </p>
      )}
    </div>
  );
}
