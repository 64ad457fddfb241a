/** `/api/notifications/`: channels, for staff. */

import { Type } from "@sinclair/typebox";
import { bodyOf, send, sendList, staffApi } from "../account/staff-api.ts";
import type { StaffPageServices } from "../account/staff-page.ts";
import { listSchema } from "../http/json.ts";
import { answer, location, refusal } from "../http/openapi.ts";
import { createRoutes, idOf } from "../http/request-context.ts";
import { Conflict } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import {
  ChannelInputSchema,
  ChannelSchema,
  inputOf,
  readChannel,
  SecretSchema,
  type StoredChannel,
} from "./channel.ts";
import { type NotificationServices, originOf } from "./page.tsx";

const path = "/api/notifications/";

/** Without the address and the secret. */
const show = ({ address: _, secrets: _secrets, origin: _origin, ...shown }: StoredChannel) => shown;

type ApiServices = Pick<StaffPageServices, "auth" | "configdb" | "clock"> & Pick<NotificationServices, "channels">;

export function channelRoutes({ channels, configdb, ...services }: ApiServices) {
  const { byStaff, operation, resource } = staffApi(services, "Notifications");
  const list = byStaff(async () => sendList((await channels.list()).map(show)));
  const get = byStaff(async (context) => send(show(await channels.get(idOf(context)))));
  const save = (isNew: boolean) =>
    byStaff(async (context, author) => {
      const body = await bodyOf(context, ChannelInputSchema);
      checkTexts(Object.values(body).flat().map(String));
      const decide = (stored?: StoredChannel) => readChannel({ ...inputOf(stored), ...body }, stored, configdb.find());
      const id = await channels.save(isNew ? undefined : idOf(context), author, originOf(context, path), decide);
      const stored = await channels.get(id);
      if (!isNew) return send(show(stored));
      const isMade = stored.kind === "webhook" && !body.secret;
      const shown = { ...show(stored), ...(isMade && { secret: stored.secrets?.secret }) };
      return send(shown, 201, { location: `${path}${id}/` });
    });
  const remove = byStaff(async (context) => channels.remove((await channels.get(idOf(context))).id));

  const pathId = "The channel's ID.";
  const one = { pathId, answers: { 200: answer("The channel.", ChannelSchema) } };
  const all = { answers: { 200: answer("All channels.", listSchema(ChannelSchema, { $id: "ChannelList" })) } };
  const MadeSchema = Type.Object({ ...ChannelSchema.properties, secret: Type.Optional(SecretSchema) });
  const made = answer("The channel. A webhook's generated `secret` is returned only this once.", MadeSchema, location);
  const body = ChannelInputSchema;
  const errors = [refusal(new Conflict("A channel named Operators already exists."), "The name is taken.")];
  return createRoutes("channels")
    .use(
      resource(path, "Channels", {
        GET: [list, operation("listChannels", "List notification channels", all)],
        POST: [save(true), operation("createChannel", "Create a channel", { body, answers: { 201: made }, errors })],
      }),
    )
    .use(
      resource(`${path}:id/`, "Channel", {
        GET: [get, operation("getChannel", "Get a channel", one)],
        PATCH: [save(false), operation("changeChannel", "Edit a channel", { ...one, body, errors })],
        DELETE: [remove, operation("deleteChannel", "Delete a channel, its waiting messages and its log", { pathId })],
      }),
    );
}
