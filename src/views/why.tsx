/** @jsxImportSource @kitajs/html */
/** Why: a question about a telescope, and the answer in a sentence. */

import type { Downtime } from "../domain/downtime.ts";
import { fromNow } from "../domain/duration.ts";
import { type Instant, spellInstant } from "../domain/instant.ts";
import type { FieldErrors } from "../domain/problem.ts";
import type { WhyTelescope } from "../domain/why.ts";
import { SelectField, TextField } from "./field.tsx";
import { Moment, spellLocal } from "./instants.tsx";
import { href } from "./link.ts";

/** What is answered for one telescope. */
export interface WhyAnswer {
  readonly telescope: WhyTelescope;
  readonly zone: string | undefined;
  /** What ConfigDB says against it. */
  readonly notices: readonly string[];
}

export interface WhyProps {
  readonly query: URLSearchParams;
  readonly codes: Readonly<Record<"site" | "enclosure" | "telescope", readonly string[]>>;
  readonly errors: FieldErrors;
  /** Undefined as long as nothing is asked. */
  readonly answers: readonly WhyAnswer[] | undefined;
  readonly at: Instant;
  readonly now: Instant;
}

export function WhyView({ query, codes, errors, answers, at, now }: WhyProps): JSX.Element {
  const told = query.has("at") ? at : undefined;
  return (
    <>
      <h1>Is it blocked, and why?</h1>
      <Form query={query} codes={codes} errors={errors} />
      {answers?.map((answer) => (
        <Answer {...answer} at={told} now={now} />
      ))}
      {answers?.length === 0 ? <p class="verdict">ConfigDB knows no such telescope there.</p> : null}
      {answers?.length ? (
        <p>
          <a href={href("/api/why/", query)}>as JSON</a>
        </p>
      ) : null}
    </>
  );
}

function Form({ query, codes, errors }: Pick<WhyProps, "query" | "codes" | "errors">): JSX.Element {
  const select = (name: "site" | "enclosure" | "telescope", label: string, empty: string) => (
    <SelectField
      name={name}
      label={label}
      value={query.get(name) ?? ""}
      options={codes[name]}
      empty={empty}
      error={errors[name]?.join(" ")}
    />
  );
  return (
    <search>
      <form class="search" action="/why">
        {select("telescope", "Telescope", "Choose")}
        {select("site", "Site", "any")}
        {select("enclosure", "Enclosure", "any")}
        <TextField
          name="at"
          label="When (Z)"
          value={query.get("at") ?? ""}
          placeholder="now"
          error={errors.at?.join(" ")}
        />
        <button type="submit" class="primary">
          Ask
        </button>
      </form>
    </search>
  );
}

interface AnswerProps extends WhyAnswer {
  /** Undefined: now. */
  readonly at: Instant | undefined;
  readonly now: Instant;
}

function Answer({ telescope, zone, notices, at, now }: AnswerProps): JSX.Element {
  const { site, enclosure, telescope: code, blocked, downtimes, instrument_types } = telescope;
  const detail = detailOf(telescope, zone, now);
  const name = `${code} at ${site} · ${enclosure}`;
  return (
    <section class={`answer ${blocked ? "blocked" : "free"}`}>
      <h2 class="verdict">
        <Verdict name={name} telescope={telescope} at={at} />
      </h2>
      {detail ? (
        <p class="muted" safe>
          {`That is ${detail}.`}
        </p>
      ) : null}
      {notices.map((notice) => (
        <p class="message warning" safe>
          {notice}
        </p>
      ))}
      <Downtimes downtimes={downtimes} zone={zone} />
      {instrument_types.map(({ instrument_type, until, downtimes }) => (
        <>
          <h3>
            <span>{blocked ? "As well, its " : "Only its "}</span>
            <span class="code" safe>
              {instrument_type}
            </span>{" "}
            is blocked until <span safe>{spellInstant(until)}</span>
          </h3>
          <Downtimes downtimes={downtimes} zone={zone} />
        </>
      ))}
    </section>
  );
}

/** The answer in one sentence. */
function Verdict(props: { name: string; telescope: WhyTelescope; at: Instant | undefined }): JSX.Element {
  const { name, at } = props;
  const { blocked, until } = props.telescope;
  const when = at ? ` at ${spellInstant(at)}` : "";
  const end = until ? ` until ${spellInstant(until)}` : ": nothing is planned";
  return (
    <>
      <span safe>{`${name} is `}</span>
      <strong>{blocked ? "blocked" : "free"}</strong>
      <span safe>{`${when}${end}.`}</span>
    </>
  );
}

/** What the sentence leaves out: the site's time, and how far it is. */
function detailOf({ until }: WhyTelescope, zone: string | undefined, now: Instant): string | undefined {
  if (until === null) return undefined;
  return [zone && spellLocal(until, zone), fromNow(until, now)].filter(Boolean).join(", ");
}

type MadeDowntime = Downtime & { readonly created_by: string | null };

function Downtimes(props: { downtimes: readonly MadeDowntime[]; zone: string | undefined }): JSX.Element | null {
  if (props.downtimes.length === 0) return null;
  return (
    <ul class="chosen">
      {props.downtimes.map(({ id, start, end, reason, created_by }) => (
        <li>
          <a href={`/downtimes/${id}`} dir="auto" safe>
            {reason || "no reason given"}
          </a>{" "}
          <span class="moment">
            <Moment at={start} zone={props.zone} />
          </span>{" "}
          to{" "}
          <span class="moment">
            <Moment at={end} zone={props.zone} />
          </span>
          <span class="muted" safe>
            {created_by === null ? ", nobody knows who made it" : `, made by ${created_by}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
