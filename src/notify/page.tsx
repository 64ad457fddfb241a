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
import { EditFormPage } from "../ui/edit-form.tsx";
import { Layout } from "../ui/layout.tsx";
import { sendPage } from "../ui/page-context.ts";
import { type Column, Table } from "../ui/table.tsx";
import { type ChannelInput, inputOf, readChannel, type StoredChannel } from "./channel.ts";
import type { Channels } from "./channel-store.ts";
import { ChannelForm, Log, Preview, path, stateNames } from "./channel-view.tsx";
import { eventTexts, formats, kinds, tryTemplate } from "./message.ts";

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

  const show = async (visit: Visit, id?: number, sent?: ChannelInput, wrong?: Problem) => {
    const { context, pageContext, csrf, query } = visit;
    const stored = id === undefined ? undefined : await channels.get(id);
    const offset = offsetOf(query);
    const log = stored && { offset, pageSize, ...(await channels.deliveries(stored.id, pageSize, offset)) };
    const errors = wrong instanceof Invalid ? wrong.errors : { ...(wrong && { name: [wrong.detail] }) };
    const form = {
      ...{ action: new URL(context.request.url).pathname, csrf, unsaved: sent !== undefined },
      ...{ input: sent ?? inputOf(stored), isStored: stored !== undefined },
      errors: Object.fromEntries(Object.entries(errors).map(([name, texts]) => [name, texts.join(" ")])),
      kinds: kinds.filter((kind) => config.SMTP_URL !== undefined || kind !== "email"),
    };
    if (sent && asksForPart(context.request)) return sendPage(<ChannelForm {...form} />, context.request, 422);
    const markup = (
      <EditFormPage {...pageContext} title={stored?.name ?? "New channel"}>
        <p class="muted" safe>
          {stored?.address ?? "Notified when downtimes are created, edited or cancelled, or when they start or end."}
        </p>
        <ChannelForm {...form} />
        {stored && log ? <Log {...log} path={`${path}/${stored.id}`} /> : null}
      </EditFormPage>
    );
    return sendPage(markup, context.request, sent ? 422 : 200);
  };
  const sentIn = ({ form }: Visit): ChannelInput => ({
    ...Object.fromEntries(form),
    events: form.getAll("events"),
    enabled: form.has("enabled"),
  });
  const showAgain = (visit: Visit, id?: number) => show(visit, id, sentIn(visit));

  const save = async (visit: Visit, id?: number) => {
    const { context, author } = visit;
    const input = sentIn(visit);
    const saved = await channels
      .save(id, author, originOf(context, path), (stored) => readChannel(input, stored, configdb.find()))
      .catch(tolerating(Invalid))
      .catch(tolerating(Conflict));
    return saved instanceof Problem ? show(visit, id, input, saved) : sendOn(context.request, `${path}/${saved}`);
  };

  const act = async ({ context, form, author }: Visit, id: number) => {
    const [work, delivery] = (form.get("do") ?? "").split(" ");
    if (work === "delete") await channels.remove(id);
    if (work === "test") await channels.test(id, author);
    // The log shows what became of a message that was sent meanwhile.
    if (work === "retry" || work === "skip") await channels.redo(work, id, Number(delivery), author);
    return sendOn(context.request, work === "delete" ? path : `${path}/${id}`);
  };

  const preview = async ({ context, form }: Visit) =>
    sendPage(<Preview {...tryTemplate(form.get("kind"), form.get("template") ?? "")} />, context.request);

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

async function sendListPage(
  { channels }: Pick<NotificationServices, "channels">,
  { context, pageContext }: Visit,
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
    <Layout {...pageContext} title="Notifications">
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
  return sendPage(markup, context.request);
}
