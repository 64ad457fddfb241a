/** @jsxImportSource @kitajs/html */
/** The filters: links for the time, and a form that works with and without JavaScript. */

import { fieldNames } from "../downtime/fields-view.tsx";
import { type ChoiceField, type FilterField, filterFields, isChoiceField, schemaOf } from "../downtime/filter.ts";
import { Chips } from "../ui/chips.tsx";
import { href, plain, withParameters } from "../ui/link.ts";
import { apiOrder, type FilterChoice, type ScheduleQuery, type TimeFilter, timeFilters } from "./query.ts";
import type { Schedule } from "./schedule.ts";

type FiltersProps = Pick<Schedule, "query" | "scheduleQuery" | "choices">;

const timeFilterNames: Readonly<Record<TimeFilter, string>> = {
  open: "Current and upcoming",
  now: "Active now",
  tonight: "Tonight",
  "7d": "7 days",
  "30d": "30 days",
  all: "All",
};

export function TimeFilters({ query, scheduleQuery }: Omit<FiltersProps, "choices">): JSX.Element {
  const chips = timeFilters.map((when) => ({
    id: `when-${when}`,
    href: href("/", withParameters(query, { when, offset: undefined, window: undefined, from: undefined })),
    name: timeFilterNames[when],
    isCurrent: scheduleQuery.when === when,
  }));
  return <Chips label="Time" chips={chips} />;
}

const labels: Readonly<Record<FilterField, string>> = {
  ...fieldNames,
  starts_after: "Starts after (UTC)",
  starts_before: "Starts before (UTC)",
  ends_after: "Ends after (UTC)",
  ends_before: "Ends before (UTC)",
  created_after: "Created after (UTC)",
  created_before: "Created before (UTC)",
  modified_after: "Updated after (UTC)",
  modified_before: "Updated before (UTC)",
  reason: "Reason contains",
  reason_exact: "Exact reason",
  series: "Series",
};

/** The filters that aren't folded, and those under "More" that are shown even if they aren't set. */
const firstFields: readonly FilterField[] = ["site", "telescope", "reason"];
const moreFields: readonly FilterField[] = ["starts_after", "starts_before", "ends_after", "ends_before"];
const hiddenFields = ["when", "order", "window", "from", "view"] as const;

export function Filters(props: FiltersProps): JSX.Element {
  const { query, scheduleQuery } = props;
  const isSet = (field: FilterField) => (query.get(field) ?? "") !== "";
  const others = filterFields.filter((field) => !firstFields.includes(field));
  const folded = others.filter((field) => isChoiceField(field) || moreFields.includes(field) || isSet(field));
  const set = filterFields.filter(isSet).length;
  return (
    <search>
      <form id="filters" class="filters" action="/" hx-get="/" hx-trigger="input delay:250ms, submit">
        {hiddenFields
          .filter((name) => query.has(name))
          .map((name) => (
            <input type="hidden" name={name} value={plain(query.get(name) ?? "")} />
          ))}
        {/* Collapsed on phones, unless a filter has an error. */}
        <details class="narrow" id="narrow" open={filterFields.some((field) => scheduleQuery.errors[field])}>
          <summary class="button">Filters{set > 0 ? ` (${set})` : ""}</summary>
          <div class="fields">
            {firstFields.map((field) => (
              <FilterInput field={field} {...props} />
            ))}
            <noscript>
              <button type="submit">Apply</button>
            </noscript>
          </div>
          <details class="further" id="further" open={others.some(isSet)}>
            <summary>More filters</summary>
            <div class="fields">
              {folded.map((field) => (
                <FilterInput field={field} {...props} />
              ))}
            </div>
          </details>
        </details>
      </form>
    </search>
  );
}

function FilterInput({ field, query, scheduleQuery, choices }: FiltersProps & { field: FilterField }): JSX.Element {
  const error = scheduleQuery.errors[field]?.join(" ");
  return (
    <div class="field">
      {isChoiceField(field) ? (
        <CodeFilter field={field} choices={choices[field]} />
      ) : (
        <TextFilter field={field} value={query.get(field) ?? ""} isWrong={error !== undefined} />
      )}
      {error === undefined ? null : (
        <p class="error" id={`${field}-error`} role="alert" safe>
          {error}
        </p>
      )}
    </div>
  );
}

function CodeFilter({ field, choices }: { field: ChoiceField; choices: readonly FilterChoice[] }): JSX.Element {
  const selected = choices.filter((choice) => choice.selected).map(({ code }) => code);
  return (
    <>
      <span class="label" id={`${field}-label`} safe>
        {labels[field]}
      </span>
      <details class="choice" id={`choice-${field}`}>
        <summary aria-labelledby={`${field}-label ${field}-selected`}>
          <span id={`${field}-selected`} safe>
            {selected.join(", ") || "Any"}
          </span>
        </summary>
        <fieldset>
          <legend class="hidden" safe>
            {labels[field]}
          </legend>
          {choices.map(({ code, selected }) => (
            <label id={plain(`${field}-${code}`)}>
              <input type="checkbox" name={field} value={plain(code)} checked={selected} />{" "}
              <span class="code" safe>
                {code}
              </span>
            </label>
          ))}
          {choices.length === 0 ? <p class="muted">No options</p> : null}
        </fieldset>
      </details>
    </>
  );
}

function TextFilter({ field, value, isWrong }: { field: FilterField; value: string; isWrong: boolean }): JSX.Element {
  const isInstant = schemaOf(field).format === "date-time";
  return (
    <>
      <label for={field} safe>
        {labels[field]}
      </label>
      <input
        id={field}
        name={field}
        type={isInstant ? "text" : "search"}
        value={plain(value)}
        placeholder={isInstant ? "e.g. 2026-11-22" : ""}
        autocomplete="off"
        dir={isInstant ? "ltr" : "auto"}
        aria-invalid={isWrong ? "true" : false}
        aria-describedby={isWrong ? `${field}-error` : false}
      />
    </>
  );
}

/** The query of the calendar feed: without the time filter, because a feed outlives times relative to now. */
export function calendarQuery({ filter }: Pick<ScheduleQuery, "filter">): URLSearchParams {
  const query = new URLSearchParams();
  for (const field of filterFields)
    for (const value of [filter[field] ?? []].flat()) query.append(field, String(value));
  return query;
}

/** The query of the API: with start and end times instead of times relative to now. */
export function apiQuery({ listing: { filter, order } }: ScheduleQuery): URLSearchParams {
  const query = calendarQuery({ filter });
  const sorted = apiOrder(order);
  if (sorted) query.set("order", sorted);
  return query;
}
