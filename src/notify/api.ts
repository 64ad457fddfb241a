/** `/api/notifications/`: channels, for staff. */

import type { Static } from "@sinclair/typebox";
import { bodyOf, send, sendList, staffApi } from "../account/staff-api.ts";
import type { StaffPageServices } from "../account/staff-page.ts";
import { createRoutes, idOf } from "../http/request-context.ts";
import { checkTexts } from "../input/text.ts";
import { formOf, readChannel, type StoredChannel } from "./channel.ts";
import { ChannelInputSchema, channelOperations } from "./openapi.ts";
import { type NotificationServices, originOf } from "./page.tsx";

const path = "/api/notifications/";

/** Without the address and the secret. */
const show = ({ address: _, secrets: _secrets, origin: _origin, ...shown }: StoredChannel) => shown;

/** The form of a channel with some fields changed. */
function formWith(stored: StoredChannel | undefined, { enabled, ...body }: Static<typeof ChannelInputSchema>) {
  const form = formOf(stored);
  for (const [name, value] of Object.entries(body)) {
    form.delete(name);
    for (const one of [value].flat()) form.append(name, String(one));
  }
  if (enabled) form.set("enabled", "on");
  else if (enabled === false) form.delete("enabled");
  checkTexts(form.values());
  return form;
}

type ApiServices = Pick<StaffPageServices, "auth" | "configdb" | "clock"> & NotificationServices;

export function channelRoutes({ channels, configdb, ...services }: ApiServices) {
  const { byStaff, resource } = staffApi(services, "Notifications");
  const list = byStaff(async () => sendList((await channels.list()).map(show)));
  const get = byStaff(async (caller) => send(show(await channels.get(idOf(caller)))));
  const save = (isNew: boolean) =>
    byStaff(async (caller, author) => {
      const body = await bodyOf(caller, ChannelInputSchema);
      const decide = (stored?: StoredChannel) => readChannel(formWith(stored, body), stored, configdb.find());
      const id = await channels.save(isNew ? undefined : idOf(caller), author, originOf(caller, path), decide);
      const stored = await channels.get(id);
      if (!isNew) return send(show(stored));
      const isMade = stored.kind === "webhook" && !body.secret;
      const shown = { ...show(stored), ...(isMade && { secret: stored.secrets?.secret }) };
      return send(shown, 201, { location: `${path}${id}/` });
    });
  const remove = byStaff(async (caller) => channels.remove((await channels.get(idOf(caller))).id));
  const test = byStaff((caller, author) => channels.test(idOf(caller), author));
  const redo = (work: "retry" | "skip") =>
    byStaff(async (caller, author) => channels.redo(work, (await channels.get(idOf(caller))).id, undefined, author));

  const of = channelOperations;
  const one = { GET: [get, of.show], PATCH: [save(false), of.change], DELETE: [remove, of.remove] } as const;
  return createRoutes("channels")
    .use(resource(path, "Channels", { GET: [list, of.list], POST: [save(true), of.create] }))
    .use(resource(`${path}:id/`, "Channel", one))
    .use(resource(`${path}:id/test/`, "Test", { POST: [test, of.test] }))
    .use(resource(`${path}:id/retry/`, "Retry", { POST: [redo("retry"), of.retry] }))
    .use(resource(`${path}:id/skip/`, "Skip", { POST: [redo("skip"), of.skip] }));
}
