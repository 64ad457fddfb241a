/** @jsxImportSource @kitajs/html */
/** `/admin/notifications`: the channels, for staff: their form, with a preview, and what was sent to them. */

import { action } from "../account/staff-form.tsx";
import {
  asksForPart,
  offsetOf,
  page,
  type StaffPageServices,
  sendOn,
  type Visit,
  withId,
} from "../account/staff-page.ts";
import { publicUrlOf } from "../http/path.ts";
import { createRoutes, type RequestContext } from "../http/request-context.ts";
import { addressFrom } from "../input/address.ts";
import { Conflict, Invalid, Problem, tolerating } from "../input/problem.ts";
import { EditForm, EditFormPage, type EditFormProps, fieldsOf } from "../ui/edit-form.tsx";
import { SelectField, TextArea, TextField, TicksField } from "../ui/field.tsx";
import { Time } from "../ui/instants.tsx";
import { Layout } from "../ui/layout.tsx";
import { plain } from "../ui/link.ts";
import { sendPage } from "../ui/page-context.ts";
import { type Column, Pages, type PagesProps, Table } from "../ui/table.tsx";
import { RowButton } from "../ui/token.tsx";
import { type ChannelInput, type Delivery, inputOf, readChannel, type StoredChannel } from "./channel.ts";
import type { Channels } from "./channel-store.ts";
import { eventTexts, formats, kindOf, kinds, templateNames, tryTemplate } from "./message.ts";

const path = "/admin/notifications";
const pageSize = 25;

export interface NotificationServices {
  readonly channels: Channels;
  /** Without the address of an SMTP server, channels can't send e-mail. */
  readonly config: { readonly SMTP_URL?: string | undefined };
}

/** Returns the address of the service, as the user sees it. @param path of the page or the API */
export const originOf = ({ request }: RequestContext, path: string): string =>
  addressFrom(publicUrlOf(request)).href.split(path)[0] ?? "";

export function notificationRoutes(all: StaffPageServices & NotificationServices) {
  const services = { ...all, audience: "staff" as const };
  const { channels, configdb, config } = services;

  const show = async ({ caller, frame, csrf, query }: Visit, id?: number, sent?: ChannelInput, wrong?: Problem) => {
    const stored = id === undefined ? undefined : await channels.get(id);
    const offset = offsetOf(query);
    const log = stored && { offset, pageSize, ...(await channels.deliveries(stored.id, pageSize, offset)) };
    const errors = wrong instanceof Invalid ? wrong.errors : { ...(wrong && { name: [wrong.detail] }) };
    const form = {
      ...{ action: new URL(caller.request.url).pathname, csrf, unsaved: sent !== undefined },
      input: sent ?? inputOf(stored),
      errors: Object.fromEntries(Object.entries(errors).map(([name, texts]) => [name, texts.join(" ")])),
      kinds: kinds.filter((kind) => config.SMTP_URL !== undefined || kind !== "email"),
    };
    if (sent && asksForPart(caller.request)) return sendPage(<ChannelForm {...form} />, caller.request, 422);
    const markup = (
      <EditFormPage {...frame} title={stored?.name ?? "New channel"}>
        <p class="muted" safe>
          {stored?.address ?? "Notified when downtimes are created, edited or cancelled, start or end."}
        </p>
        <ChannelForm {...form} />
        {stored && log ? <Log {...log} path={`${path}/${stored.id}`} /> : null}
      </EditFormPage>
    );
    return sendPage(markup, caller.request, sent ? 422 : 200);
  };
  const sentIn = ({ form }: Visit): ChannelInput => ({
    ...Object.fromEntries(form),
    events: form.getAll("events"),
    enabled: form.has("enabled"),
  });
  const showAgain = (visit: Visit, id?: number) => show(visit, id, sentIn(visit));

  const save = async (visit: Visit, id?: number) => {
    const { caller, author } = visit;
    const input = sentIn(visit);
    const saved = await channels
      .save(id, author, originOf(caller, path), (stored) => readChannel(input, stored, configdb.find()))
      .catch(tolerating(Invalid))
      .catch(tolerating(Conflict));
    return saved instanceof Problem ? show(visit, id, input, saved) : sendOn(caller.request, `${path}/${saved}`);
  };

  const act = async ({ caller, form, author }: Visit, id: number) => {
    const [work, delivery] = (form.get("do") ?? "").split(" ");
    if (work === "delete") await channels.remove(id);
    if (work === "test") await channels.test(id, author);
    // The log shows what became of a message that was sent meanwhile.
    if (work === "retry" || work === "skip") await channels.redo(work, id, Number(delivery), author);
    return sendOn(caller.request, work === "delete" ? path : `${path}/${id}`);
  };

  const preview = async ({ caller, form }: Visit) =>
    sendPage(<Preview {...tryTemplate(form.get("kind"), form.get("template") ?? "")} />, caller.request);

  return createRoutes("notifications")
    .get(
      path,
      page(services, (visit) => sendListPage(services, visit)),
    )
    .get(`${path}/new`, page(services, show))
    .post(`${path}/new`, action(services, save, showAgain))
    .post(`${path}/new/preview`, action(services, preview))
    .get(`${path}/:id`, page(services, withId(show)))
    .post(`${path}/:id`, action(services, withId(save), withId(showAgain)))
    .post(`${path}/:id/do`, action(services, withId(act)));
}

const stateNames = { pending: "waiting", sent: "sent", failed: "failed", dropped: "not sent" } as const;

async function sendListPage(
  { channels }: Pick<NotificationServices, "channels">,
  { caller, frame }: Visit,
): Promise<Response> {
  const [all, counts] = [await channels.list(), await channels.counts()];
  const stateOf = ({ id, enabled }: StoredChannel) => {
    const waiting = counts.filter(({ channel }) => channel === id);
    const texts = waiting.map(({ state, count }) => `${count} ${stateNames[state]}`);
    return [enabled ? "enabled" : "disabled", ...texts].join(", ");
  };
  const columns: readonly Column<StoredChannel>[] = [
    {
      label: "Channel",
      cell: ({ id, name }) => (
        <a href={`${path}/${id}`} safe>
          {name}
        </a>
      ),
    },
    { label: "Kind", text: ({ kind }) => formats[kind].name },
    { label: "Events", text: ({ events }) => events.map((event) => eventTexts[event]).join(", ") },
    { label: "Filters", text: ({ filters }) => filters },
    { label: "State", text: stateOf },
  ];
  const markup = (
    <Layout {...frame} title="Notifications">
      <h1>Notifications</h1>
      <p class="actions">
        <a class="button primary" href="/admin/notifications/new">
          New channel
        </a>
      </p>
      {all.length === 0 ? <p class="message">No channels yet.</p> : null}
      <div class="scroll">{all.length > 0 ? <Table columns={columns} rows={all} /> : null}</div>
    </Layout>
  );
  return sendPage(markup, caller.request);
}

type FormProps = EditFormProps & { readonly input: ChannelInput; readonly kinds: readonly string[] };
type LogProps = Omit<PagesProps, "at" | "shown"> & { readonly results: readonly Delivery[] };

const texts = [
  ["address", "URL or e-mail addresses", "Of a stored URL only the start is shown; empty keeps it."],
  ["secret", "Signing secret", "Signs webhooks, as Standard Webhooks says. Never shown again; empty keeps it."],
  ["minutes", "Starts soon: minutes before the start", ""],
  ["filters", "Filters", "As in the API, such as site=ogg&reason=wash, or a schedule's address. Empty: all downtimes."],
] as const;

function ChannelForm(props: FormProps): JSX.Element {
  const { input, errors } = props;
  const values = Object.entries({ ...input, enabled: input.enabled ? "on" : "" });
  const shown = Object.fromEntries(values.map(([name, value]) => [name, String(value)]));
  const field = fieldsOf(shown, errors, Object.keys(errors)[0]);
  const templateHint = `Mustache; empty: the default of the kind. Names: ${templateNames.join(", ")}.`;
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
      {texts.map(([name, label, hint]) => (
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

const Preview = ({ text, error }: ReturnType<typeof tryTemplate>): JSX.Element => (
  <pre class={error === undefined ? "preview" : "preview error"} safe>
    {error ?? text}
  </pre>
);

/** What was sent, newest first. Renews itself while something waits. */
function Log({ results, path, ...pages }: LogProps & { path: string }) {
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
        <Pages {...pages} shown={results.length} at={(offset) => `${path}?offset=${offset}`} />
      </section>
      <details>
        <summary>Delete channel…</summary>
        <p>Deletes the channel, the messages that wait, and the log. This can't be undone.</p>
        <p class="actions">{act("Delete channel", "delete")}</p>
      </details>
    </>
  );
}
