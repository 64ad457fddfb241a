/** @jsxImportSource @kitajs/html */
/** `/why`: whether a telescope is available at a given time, and why not, in one sentence. */

import type { CoreServices } from "../downtime/store.ts";
import type { Facility } from "../facility/facility.ts";
import { createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import type { FieldErrors } from "../input/problem.ts";
import { toInstant } from "../time/instant.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { href, withoutEmpty } from "../ui/link.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { readQuery, WhyQuery } from "./query-params.ts";
import { findWhy } from "./why.ts";
import { Answer } from "./why-view.tsx";

export function whyPageRoutes({ downtimes, configdb, clock }: CoreServices, getPageContext: GetPageContext) {
  const show = async (context: RequestContext) => {
    const query = withoutEmpty(new URL(context.request.url).searchParams);
    const facility = configdb.find();
    const now = toInstant(clock());
    const { filter, at, dark, errors } = readQuery(query, WhyQuery, facility, now);
    const isComplete = query.has("telescope") && Object.keys(errors).length === 0;
    const why = isComplete ? await findWhy(downtimes, facility, filter, at, dark) : undefined;
    const frame = await getPageContext(context);
    const untilNotice = await downtimes.untilNotice(now);
    const props = { facility, at: query.has("at") ? at : undefined, zoneOf: frame.zoneOf, now, untilNotice };
    return sendPage(
      <Layout {...frame} title="Availability">
        <h1>Check telescope availability</h1>
        <Form query={query} codes={facility?.codes} errors={errors} />
        {why?.telescopes.map((telescope) => (
          <Answer {...props} telescope={telescope} />
        ))}
        {why?.telescopes.length === 0 ? <p class="verdict">No matching telescope in ConfigDB.</p> : null}
        {why?.telescopes.length ? <a href={href("/api/why/", query)}>JSON</a> : null}
      </Layout>,
      context.request,
    );
  };
  return createRoutes("why-page").get("/why", serving(show));
}

interface FormProps {
  readonly query: URLSearchParams;
  readonly codes: Facility["codes"] | undefined;
  readonly errors: FieldErrors;
}

function Form({ query, codes, errors }: FormProps): JSX.Element {
  const select = (name: "site" | "enclosure" | "telescope", label: string, empty: string) => (
    <SelectField
      name={name}
      label={label}
      value={query.get(name) ?? ""}
      options={codes?.[name] ?? []}
      empty={empty}
      error={errors[name]?.join(" ")}
    />
  );
  return (
    <search>
      <form class="search" action="/why">
        {select("telescope", "Telescope", "Select…")}
        {select("site", "Site", "Any")}
        {select("enclosure", "Enclosure", "Any")}
        <TextField
          name="at"
          label="Time (UTC)"
          value={query.get("at") ?? ""}
          placeholder="now"
          error={errors.at?.join(" ")}
        />
        {query.has("dark") ? (
          <TextField name="dark" label="Limit of dark" value={query.get("dark") ?? ""} error={errors.dark?.join(" ")} />
        ) : null}
        <button type="submit" class="primary">
          Check
        </button>
      </form>
    </search>
  );
}
