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
import { sendPage } from "../ui/page-context.ts";
import { type ChannelInput, inputOf, readChannel } from "./channel.ts";
import type { Channels } from "./channel-store.ts";
import { tryTemplate } from "./message.ts";
import { ChannelForm, ChannelPage, ListPage, Preview, path } from "./view.tsx";

const pageSize = 25;

export interface NotificationServices {
  readonly channels: Channels;
  /** Whether an SMTP server is configured. */
  readonly canEmail: boolean;
}

/** Returns the address of the service, as the user sees it. @param path of the page or the API */
export const originOf = ({ request }: RequestContext, path: string): string =>
  addressFrom(publicUrlOf(request)).href.split(path)[0] ?? "";

export function notificationRoutes(all: StaffPageServices & NotificationServices) {
  const services = { ...all, audience: "staff" as const };
  const { channels, configdb, canEmail } = services;

  const list = async ({ caller, frame }: Visit) =>
    sendPage(<ListPage {...frame} channels={await channels.list()} counts={await channels.counts()} />, caller.request);

  const show = async ({ caller, frame, csrf, query }: Visit, id?: number, sent?: ChannelInput, wrong?: Problem) => {
    const stored = id === undefined ? undefined : await channels.get(id);
    const offset = offsetOf(query);
    const log = stored && { offset, pageSize, ...(await channels.deliveries(stored.id, pageSize, offset)) };
    const errors = wrong instanceof Invalid ? wrong.errors : { ...(wrong && { name: [wrong.detail] }) };
    const form = {
      ...{ action: new URL(caller.request.url).pathname, csrf, unsaved: sent !== undefined, canEmail },
      input: sent ?? inputOf(stored),
      errors: Object.fromEntries(Object.entries(errors).map(([name, texts]) => [name, texts.join(" ")])),
    };
    const isPart = sent && asksForPart(caller.request);
    const markup = isPart ? <ChannelForm {...form} /> : <ChannelPage {...frame} {...{ stored, log, form }} />;
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

  /** Sends a test, sends a message again, skips one, or deletes the channel. */
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
    .get(path, page(services, list))
    .get(`${path}/new`, page(services, show))
    .post(`${path}/new`, action(services, save, showAgain))
    .post(`${path}/new/preview`, action(services, preview))
    .get(`${path}/:id`, page(services, withId(show)))
    .post(`${path}/:id`, action(services, withId(save), withId(showAgain)))
    .post(`${path}/:id/do`, action(services, withId(act)));
}
