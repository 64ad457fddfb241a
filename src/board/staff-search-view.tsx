/** @jsxImportSource @kitajs/html */
/** The search form of the staff list. */

import { categories } from "../downtime/category.ts";
import { fieldNames } from "../downtime/fields-view.tsx";
import { choiceFields } from "../downtime/filter.ts";
import type { PlaceField } from "../facility/facility.ts";
import { plain } from "../ui/attribute.ts";
import { SelectField } from "../ui/field.tsx";

export interface StaffSearchProps {
  /** The search: by field, words in the reason and codes; and whether past downtimes are included. */
  readonly search: { readonly words: ReadonlyMap<string, string>; readonly includesPast: boolean };
  /** The codes to select from; undefined until ConfigDB has been reached. */
  readonly codes: Readonly<Record<PlaceField, readonly string[]>> | undefined;
}

export function StaffSearch({ search, codes }: StaffSearchProps): JSX.Element {
  const wordOf = (field: string) => search.words.get(field) ?? "";
  return (
    <search>
      <form class="search" action="/admin/downtimes">
        <div class="field">
          <label for="reason">Reason contains</label>
          <input id="reason" name="reason" type="search" value={plain(wordOf("reason"))} />
        </div>
        {choiceFields.map((field) => (
          <SelectField
            name={field}
            label={fieldNames[field]}
            value={wordOf(field)}
            options={field === "category" ? categories : (codes?.[field] ?? [])}
            empty="All"
          />
        ))}
        <label class="check">
          <input type="checkbox" name="past" value="yes" checked={search.includesPast} /> Include past
        </label>
        <button type="submit">Apply</button>
      </form>
    </search>
  );
}
