/** @jsxImportSource @kitajs/html */
/** `/admin/notifications`: the channels, for staff: their form, with a preview, and what was sent to them. */

import { action } from "../account/staff-form.ts";
import {
  asksForPart,
  offsetOf,
  page,
  type StaffPageServices,
  sendOn,
  type Visit,
  withId,
} from "../account/staff-page.ts";
import { publicUrlOf } from "../http/base-path.ts";
import { createRoutes } from "../http/request-context.ts";
import { addressFrom } from "../input/address.ts";
import { Conflict, Forbidden, Invalid, Problem } from "../input/problem.ts";
import { sendPage } from "../ui/page-context.ts";
import { newSigningSecret, readChannel, type StoredChannel } from "./channel.ts";
import type { Channels } from "./channel-store.ts";
import { kinds, tryTemplate } from "./template.ts";
import { ChannelForm, ChannelPage, ListPage, Preview, path } from "./view.tsx";

const pageSize = 25;

export interface NotificationServices {
  readonly channels: Channels;
  /** Whether an SMTP server is configured. */
  readonly canEmail: boolean;
}

export function notificationRoutes(services: StaffPageServices & NotificationServices) {
  const { channels, configdb, canEmail } = services;
  const staff =
    <More extends readonly unknown[], Result>(work: (visit: Visit, ...more: More) => Result) =>
    (visit: Visit, ...more: More) => {
      if (!visit.user.staff) throw new Forbidden("Only staff can see and edit notifications.");
      return work(visit, ...more);
    };

  const list = async ({ caller, frame }: Visit) =>
    sendPage(<ListPage {...frame} channels={await channels.list()} counts={await channels.counts()} />, caller.request);

  const show = async ({ caller, frame, csrf, query }: Visit, id?: number, sent?: URLSearchParams, wrong?: Problem) => {
    const stored = id === undefined ? undefined : await channels.get(id);
    const offset = offsetOf(query);
    const log = stored && { offset, pageSize, ...(await channels.deliveries(stored.id, pageSize, offset)) };
    const errors = wrong instanceof Invalid ? wrong.errors : { ...(wrong && { name: [wrong.detail] }) };
    const form = {
      ...{ action: new URL(caller.request.url).pathname, csrf, unsaved: sent !== undefined },
      input: sent ?? inputOf(stored),
      errors: Object.fromEntries(Object.entries(errors).map(([name, texts]) => [name, texts.join(" ")])),
      kinds: kinds.filter((kind) => canEmail || kind !== "email"),
    };
    const isPart = sent && asksForPart(caller.request);
    const markup = isPart ? <ChannelForm {...form} /> : <ChannelPage {...frame} {...{ stored, log, form }} />;
    return sendPage(markup, caller.request, sent ? 422 : 200);
  };
  const showAgain = (visit: Visit, id?: number) => show(visit, id, visit.form);

  const save = async (visit: Visit, id?: number) => {
    const { caller, form, author } = visit;
    const [origin = ""] = addressFrom(publicUrlOf(caller.request)).href.split(path);
    const saved = await channels
      .save(id, author, origin, (sealed) => readChannel(form, sealed, configdb.find()))
      .catch((error) => {
        if (error instanceof Conflict || error instanceof Invalid) return error;
        throw error;
      });
    return saved instanceof Problem ? show(visit, id, form, saved) : sendOn(caller.request, `${path}/${saved}`);
  };

  /** Sends a test, sends a message again, or deletes the channel. */
  const act = async ({ caller, form, author }: Visit, id: number) => {
    const work = form.get("do");
    if (work === "delete") await channels.remove(id);
    else if (work === "test") await channels.test(id, author);
    else await channels.retry(id, Number(work), author.at);
    return sendOn(caller.request, work === "delete" ? path : `${path}/${id}`);
  };

  const preview = async ({ caller, form }: Visit) =>
    sendPage(<Preview {...tryTemplate(form.get("kind"), form.get("template") ?? "")} />, caller.request);

  return createRoutes("notifications")
    .get(path, page(services, staff(list)))
    .get(`${path}/new`, page(services, staff(show)))
    .post(`${path}/new`, action(services, staff(save), staff(showAgain)))
    .post(`${path}/new/preview`, action(services, staff(preview)))
    .get(`${path}/:id`, page(services, withId(staff(show))))
    .post(`${path}/:id`, action(services, withId(staff(save)), withId(staff(showAgain))))
    .post(`${path}/:id/do`, action(services, withId(staff(act))));
}

/** The form of a stored channel, without its secrets, or of a new one, with a secret to copy. */
function inputOf(stored: StoredChannel | undefined): URLSearchParams {
  if (!stored) return new URLSearchParams({ secret: newSigningSecret(), minutes: "30", enabled: "on" });
  const { name, kind, minutes, filters, template, events, enabled, address } = stored;
  const input = new URLSearchParams({ name, kind, minutes: String(minutes), filters, template });
  for (const event of events) input.append("events", event);
  if (enabled) input.set("enabled", "on");
  if (kind === "email") input.set("address", address);
  return input;
}
