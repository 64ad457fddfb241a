/** @jsxImportSource @kitajs/html */
/** The form of a channel, with a preview of its template, and the log of what was sent to it. */

import { EditForm, type EditFormProps, fieldsOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField, TicksField } from "../ui/field.tsx";
import { Time } from "../ui/instants.tsx";
import { plain } from "../ui/link.ts";
import { type Column, Pages, type PagesProps, Table } from "../ui/table.tsx";
import { RowButton } from "../ui/token.tsx";
import type { ChannelInput, Delivery } from "./channel.ts";
import { eventTexts, formats, kindOf, templateNames, tryTemplate } from "./message.ts";

/** The page of all channels; those of single ones are below it. */
export const path = "/admin/notifications";

/** The states of a message in words. */
export const stateNames = { pending: "waiting", sent: "sent", failed: "failed", dropped: "not sent" } as const;

type FormProps = EditFormProps & Readonly<{ input: ChannelInput; kinds: readonly string[]; isStored: boolean }>;
type LogProps = Omit<PagesProps, "path" | "shown"> & { readonly results: readonly Delivery[] };

const textsOf = (isStored: boolean): readonly (readonly [keyof ChannelInput, label: string, hint: string])[] => [
  [
    "address",
    "URL or e-mail addresses",
    isStored ? "Only the start of a stored URL is shown. Leave empty to keep it." : "",
  ],
  [
    "secret",
    "Signing secret",
    `Signs webhooks (Standard Webhooks). ${isStored ? "Leave empty to keep the stored one." : "Copy it now; it isn't shown again."}`,
  ],
  ["minutes", "Starts soon: minutes before the start", ""],
  ["filters", "Filters", "As in the API, such as site=ogg&reason=wash, or a schedule's address. Empty: all downtimes."],
];

export function ChannelForm(props: FormProps): JSX.Element {
  const { input, errors } = props;
  const values = Object.entries({ ...input, enabled: input.enabled ? "on" : "" });
  const shown = Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
  const field = fieldsOf(shown, errors, Object.keys(errors)[0]);
  const templateHint = `Mustache. Leave empty for the kind's default. Names: ${templateNames.join(", ")}.`;
  const previewOn = 'input from:"closest form" delay:250ms';
  return (
    <EditForm {...props} class="form channel">
      <TextField {...field("name")} label="Name" />
      <SelectField
        {...field("kind")}
        label="Kind"
        options={props.kinds}
        nameOf={(kind) => formats[kindOf(kind)].name}
      />
      <TicksField {...field("events")} label="Events" options={eventTexts} />
      {textsOf(props.isStored).map(([name, label, hint]) => (
        <TextField {...field(name)} label={label} hint={hint} />
      ))}
      <TextArea {...field("template")} label="Template" hint={templateHint} />
      <div hx-post={`${path}/new/preview`} hx-trigger={previewOn} hx-include="closest form" hx-sync="this:replace">
        <Preview {...tryTemplate(input.kind, String(input.template ?? ""))} />
      </div>
      <TicksField {...field("enabled")} label="State" options={{ on: "Enabled" }} />
      <p class="actions">
        <button type="submit" class="primary">
          Save
        </button>
        <a class="button quiet" href={path}>
          Cancel
        </a>
      </p>
    </EditForm>
  );
}

/** What a template makes of a sample message, or its error. */
export const Preview = ({ text, error }: ReturnType<typeof tryTemplate>): JSX.Element => (
  <pre class={error === undefined ? "preview" : "preview error"} safe>
    {error ?? text}
  </pre>
);

/** What was sent, newest first. Renews itself while something waits. */
export function Log({ results, path, ...pages }: LogProps & { path: string }) {
  const act = (label: string, value: string) => <RowButton label={label} to={`${path}/do`} name="do" value={value} />;
  const stateOf = ({ state, attempts }: Delivery) =>
    attempts > 1 ? `${stateNames[state]}, attempt ${attempts}` : stateNames[state];
  const actionsOf = ({ id, state, answer }: Delivery) => (
    <>
      {answer && state !== "sent" ? act("Retry", `retry ${id}`) : ""}
      {answer && state === "pending" ? act("Skip", `skip ${id}`) : ""}
    </>
  );
  const columns: readonly Column<Delivery>[] = [
    { label: "Created", cell: ({ created }) => <Time at={created} /> },
    { label: "Message", class: "wide", text: ({ title }) => title },
    { label: "State", text: stateOf },
    { label: "Answer", text: ({ answer }) => answer ?? "" },
    { label: "Answered", cell: ({ answered }) => (answered ? <Time at={answered} /> : "") },
    { label: "Actions", class: "do", cell: actionsOf },
  ];
  const isWaiting = results.some(({ state }) => state === "pending");
  return (
    <>
      <section id="log" hx-get={isWaiting && plain(path)} hx-trigger="every 2s" hx-select="#log" hx-swap="outerHTML">
        <h2>Deliveries</h2>
        <p class="actions">{act("Send a test", "test")}</p>
        <div class="scroll">{results.length > 0 ? <Table columns={columns} rows={results} /> : null}</div>
        <Pages {...pages} shown={results.length} path={path} />
      </section>
      <details>
        <summary>Delete channel…</summary>
        <p>Deletes the channel, the messages that wait, and the log. This can't be undone.</p>
        <p class="actions">{act("Delete channel", "delete")}</p>
      </details>
    </>
  );
}
