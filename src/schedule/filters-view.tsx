/** @jsxImportSource @kitajs/html */
/** The filters: links for the time, and a form that works with and without JavaScript. */

import { fieldNames } from "../downtime/fields-view.tsx";
import { type ChoiceField, type FilterField, filterFields, isChoiceField, schemaOf } from "../downtime/filter.ts";
import { capitalized } from "../input/text.ts";
import { Chips } from "../ui/chips.tsx";
import { TextField } from "../ui/field.tsx";
import { Line } from "../ui/line.tsx";
import { href, plain, withParameters } from "../ui/link.ts";
import { apiOrder, type FilterChoice, type ScheduleQuery, timeFilters } from "./query.ts";
import type { Schedule } from "./schedule.ts";

type FiltersProps = Pick<Schedule, "query" | "scheduleQuery" | "choices">;

export function TimeFilters({ query, scheduleQuery }: Omit<FiltersProps, "choices">): JSX.Element {
  const chips = Object.entries(timeFilters).map(([when, [name]]) => ({
    id: `when-${when}`,
    href: href("/", withParameters(query, { when, offset: undefined, window: undefined, from: undefined })),
    name,
    isCurrent: scheduleQuery.when === when,
  }));
  return <Chips label="Time" chips={chips} />;
}

const isTime = (field: FilterField) => schemaOf(field).format === "date-time";

const names: Record<string, string> = { ...fieldNames, reason: "Reason contains", reason_exact: "Exact reason" };
/** `Site`, `Starts after (UTC)` */
const labelOf = (field: FilterField) =>
  names[field] ?? capitalized(field.replace("modified", "updated").replace("_", " ")) + (isTime(field) ? " (UTC)" : "");

/** The filters that aren't collapsed, and those under "More" that are shown even if they aren't set. */
const firstFields: readonly FilterField[] = ["site", "telescope", "reason"];
const moreFields: readonly FilterField[] = ["starts_after", "starts_before", "ends_after", "ends_before"];
const hiddenFields = ["when", "order", "window", "from", "view"] as const;

export function Filters({ query, scheduleQuery: { errors }, choices }: FiltersProps): JSX.Element {
  const isSet = (field: FilterField) => (query.get(field) ?? "") !== "";
  const others = filterFields.filter((field) => !firstFields.includes(field));
  const collapsed = others.filter((field) => isChoiceField(field) || moreFields.includes(field) || isSet(field));
  const set = filterFields.filter(isSet).length;
  const inputOf = (field: FilterField) => {
    const props = { name: field, label: labelOf(field), ...(errors[field] && { error: errors[field].join(" ") }) };
    if (isChoiceField(field)) return <CodeFilter {...props} name={field} choices={choices[field]} />;
    const placeholder = isTime(field) ? "e.g. 2026-11-22" : "";
    return <TextField {...props} value={query.get(field) ?? ""} placeholder={placeholder} />;
  };
  return (
    <search>
      <form id="filters" class="filters" action="/" hx-get="/" hx-trigger="input delay:250ms, submit">
        {hiddenFields
          .filter((name) => query.has(name))
          .map((name) => (
            <input type="hidden" name={name} value={plain(query.get(name) ?? "")} />
          ))}
        {/* Collapsed on phones, unless a filter has an error. */}
        <details class="filter-fields" id="filter-fields" open={filterFields.some((field) => errors[field])}>
          <summary class="button">Filters{set > 0 ? ` (${set})` : ""}</summary>
          <div class="fields">
            {firstFields.map(inputOf)}
            <noscript>
              <button type="submit">Apply</button>
            </noscript>
          </div>
          <details class="further" id="further" open={others.some(isSet)}>
            <summary>More filters</summary>
            <div class="fields">{collapsed.map(inputOf)}</div>
          </details>
        </details>
      </form>
    </search>
  );
}

type CodeFilterProps = Readonly<{ name: ChoiceField; label: string; error?: string; choices: readonly FilterChoice[] }>;

function CodeFilter({ name, label, error, choices }: CodeFilterProps): JSX.Element {
  const selected = choices.filter((choice) => choice.selected).map(({ code }) => code);
  return (
    <div class="field">
      <span class="label" id={`${name}-label`} safe>
        {label}
      </span>
      <details class="choice" id={`choice-${name}`}>
        <summary aria-labelledby={`${name}-label ${name}-selected`}>
          <span id={`${name}-selected`} safe>
            {selected.join(", ") || "Any"}
          </span>
        </summary>
        <fieldset>
          <legend class="hidden" safe>
            {label}
          </legend>
          {choices.map(({ code, selected }) => (
            <label id={plain(`${name}-${code}`)}>
              <input type="checkbox" name={name} value={plain(code)} checked={selected} />{" "}
              <span class="code" safe>
                {code}
              </span>
            </label>
          ))}
          {choices.length === 0 ? <p class="muted">No options</p> : null}
        </fieldset>
      </details>
      <Line class="error" id={`${name}-error`} text={error} />
    </div>
  );
}

/** The query of the calendar feed: without the time filter, because a feed outlives times relative to now. */
export const calendarQuery = ({ filter }: Pick<ScheduleQuery, "filter">) =>
  new URLSearchParams(
    filterFields.flatMap((field) => [filter[field] ?? []].flat().map((value) => [field, String(value)])),
  );

/** The query of the API: with start and end times instead of times relative to now. */
export function apiQuery({ listing: { filter, order } }: ScheduleQuery): URLSearchParams {
  const query = calendarQuery({ filter });
  const sorted = apiOrder(order);
  if (sorted) query.set("order", sorted);
  return query;
}
