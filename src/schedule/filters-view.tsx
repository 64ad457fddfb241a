/** @jsxImportSource @kitajs/html */
/** The filters: quick choices of time, and a form that works with and without JavaScript. */

import { fieldNames } from "../downtime/field-names.ts";
import {
  type ChoiceField,
  choiceFields,
  type FilterField,
  filterFields,
  isChoiceField,
  schemaOf,
} from "../downtime/filter.ts";
import { plain } from "../ui/attribute.ts";
import { href, withParameters } from "../ui/link.ts";
import type { FilterChoice, FilterChoices } from "./filter-choices.ts";
import { apiOrder, type ScheduleQuery, type When, whens } from "./query.ts";

interface FiltersProps {
  readonly query: URLSearchParams;
  readonly agenda: ScheduleQuery;
  readonly choices: FilterChoices;
}

const whenNames: Readonly<Record<When, string>> = {
  open: "Not over",
  now: "Now",
  tonight: "Tonight",
  "7d": "7 days",
  "30d": "30 days",
  all: "All",
};

/** Links that change the time alone. */
export function Whens({ query, agenda }: Pick<FiltersProps, "query" | "agenda">): JSX.Element {
  return (
    <nav class="chips" aria-label="Time" hx-boost:inherited="true">
      {whens.map((when) => (
        <a
          id={`when-${when}`}
          href={href("/", withParameters(query, { when, offset: undefined, window: undefined, from: undefined }))}
          aria-current={agenda.when === when ? "true" : false}
          safe
        >
          {whenNames[when]}
        </a>
      ))}
    </nav>
  );
}

const labels: Readonly<Record<FilterField, string>> = {
  ...fieldNames,
  starts_after: "Starts after (Z)",
  starts_before: "Starts before (Z)",
  ends_after: "Ends after (Z)",
  ends_before: "Ends before (Z)",
  created_after: "Created after (Z)",
  created_before: "Created before (Z)",
  modified_after: "Changed after (Z)",
  modified_before: "Changed before (Z)",
  reason: "Reason contains",
  reason_exact: "Reason is exactly",
  series: "Series",
};

const alwaysShown = new Set<FilterField>(["reason", "starts_after", "starts_before", "ends_after", "ends_before"]);
const kept = ["when", "order", "window", "from"] as const;

export function Filters({ query, agenda, choices }: FiltersProps): JSX.Element {
  const typed = filterFields.filter(
    (field) => !isChoiceField(field) && (alwaysShown.has(field) || (query.get(field) ?? "") !== ""),
  );
  const set = filterFields.filter((field) => query.has(field)).length;
  // The search comes first; the instants follow it in pairs.
  const fields = typed.sort((a, b) => Number(b.startsWith("reason")) - Number(a.startsWith("reason")));
  return (
    <search>
      <form id="filters" class="filters" action="/" hx-get="/" hx-trigger="input delay:250ms, submit">
        {kept
          .filter((name) => query.has(name))
          .map((name) => (
            <input type="hidden" name={name} value={plain(query.get(name) ?? "")} />
          ))}
        {/* On a phone it lies folded up, but never over what is wrong. */}
        <details class="narrow" id="narrow" open={filterFields.some((field) => agenda.errors[field])}>
          <summary class="button">Filters{set > 0 ? ` (${set})` : ""}</summary>
          <div class="fields">
            {choiceFields.map((field) => (
              <CodeChoice field={field} choices={choices[field]} errors={agenda.errors[field]} />
            ))}
            {fields.map((field) => (
              <TextFilter field={field} value={query.get(field) ?? ""} errors={agenda.errors[field]} />
            ))}
            <noscript>
              <button type="submit">Apply</button>
            </noscript>
          </div>
        </details>
      </form>
    </search>
  );
}

interface ChoiceProps {
  readonly field: ChoiceField;
  readonly choices: readonly FilterChoice[];
  readonly errors: readonly string[] | undefined;
}

function CodeChoice({ field, choices, errors }: ChoiceProps): JSX.Element {
  const chosen = choices.filter((choice) => choice.chosen).map(({ code }) => code);
  return (
    <div class="field">
      <span class="label" id={`${field}-label`} safe>
        {labels[field]}
      </span>
      <details class="choice" id={`choice-${field}`}>
        <summary aria-labelledby={`${field}-label ${field}-chosen`}>
          <span id={`${field}-chosen`} safe>
            {chosen.join(", ") || "any"}
          </span>
        </summary>
        <fieldset>
          <legend class="hidden" safe>
            {labels[field]}
          </legend>
          {choices.map(({ code, chosen }) => (
            <label id={plain(`${field}-${code}`)}>
              <input type="checkbox" name={field} value={plain(code)} checked={chosen} />{" "}
              <span class="code" safe>
                {code}
              </span>
            </label>
          ))}
          {choices.length === 0 ? <p class="muted">Nothing to choose from</p> : null}
        </fieldset>
      </details>
      <Errors field={field} errors={errors} />
    </div>
  );
}

interface TextFilterProps {
  readonly field: FilterField;
  readonly value: string;
  readonly errors: readonly string[] | undefined;
}

function TextFilter({ field, value, errors }: TextFilterProps): JSX.Element {
  const isInstant = schemaOf(field).format === "date-time";
  return (
    <div class="field">
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
        aria-invalid={errors ? "true" : false}
        aria-describedby={errors ? `${field}-error` : false}
      />
      <Errors field={field} errors={errors} />
    </div>
  );
}

function Errors({ field, errors }: Pick<TextFilterProps, "field" | "errors">): JSX.Element | null {
  if (!errors) return null;
  return (
    <p class="error" id={`${field}-error`} role="alert" safe>
      {errors.join(" ")}
    </p>
  );
}

/** The same question to a calendar: the filters alone, since a time that is counted from now passes, and a calendar stays. */
export function calendarQuery({ filter }: Pick<ScheduleQuery, "filter">): URLSearchParams {
  const query = new URLSearchParams();
  for (const field of filterFields)
    for (const value of [filter[field] ?? []].flat()) query.append(field, String(value));
  return query;
}

/** The same question to the API: its filters, instants in place of a time that is counted from now. */
export function apiQuery({ listing: { filter, order } }: ScheduleQuery): URLSearchParams {
  const query = calendarQuery({ filter });
  const sorted = apiOrder(order);
  if (sorted) query.set("order", sorted);
  return query;
}
