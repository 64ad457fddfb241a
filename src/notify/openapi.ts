/** What the OpenAPI document says of `/api/notifications/`. */

import { Type } from "@sinclair/typebox";
import { listSchema } from "../http/json.ts";
import { answer, location, operation, refusal } from "../http/openapi.ts";
import { Conflict } from "../input/problem.ts";
import { eventNames } from "./message.ts";
import { kinds } from "./template.ts";

const literals = <Word extends string>(words: readonly Word[]) => words.map((word) => Type.Literal(word));
const fields = {
  name: Type.String({
    description: "Unique; at most 100 characters. A new channel needs it, `events` and `address`.",
    examples: ["Operators"],
  }),
  kind: Type.Union(literals(kinds), { default: "webhook" }),
  events: Type.Array(Type.Union(literals(eventNames)), {
    description: "`soon`: starts in `minutes`.",
    examples: [["created", "edited"]],
  }),
  minutes: Type.Integer({ description: "How long before the start `soon` is sent.", default: 30 }),
  filters: Type.String({ description: "The query of a list. Empty: all downtimes.", examples: ["reason=wash"] }),
  template: Type.String({ description: "Mustache. Empty: the default of the kind.", default: "" }),
  enabled: Type.Boolean({ default: true }),
};
const secret = Type.String({ description: "Signs webhooks, as Standard Webhooks says." });
const description = "A URL, or e-mail addresses separated by commas. Never returned.";
const address = Type.String({ description, examples: ["https://chat.example.org/hooks/1"] });
/** A new channel needs a name, events and an address. */
export const ChannelInputSchema = Type.Partial(Type.Object({ ...fields, address, secret }), {
  additionalProperties: false,
});
const ChannelSchema = Type.Object({ id: Type.Integer(), ...fields }, { $id: "Channel" });
const NewSchema = Type.Object({ ...ChannelSchema.properties, secret: Type.Optional(secret) });

const ofAll = { tag: "Notifications", access: "write", description: "Staff only." } as const;
const ofOne = { ...ofAll, pathId: "The channel's ID." };
const done = { ...ofOne, answers: { 204: { description: "Done." } } };
const errors = [refusal(new Conflict("A channel named Operators already exists."), "The name is taken.")];
const nothing = refusal(new Conflict("No message to skip. It may have been sent meanwhile."), "Nothing is held back.");
const ofHead = { ...done, errors: [nothing] };
const all = { 200: answer("All channels.", listSchema(ChannelSchema, { $id: "ChannelList" })) };
const created = {
  201: answer("The channel. A webhook's `secret`, if it was generated: this once.", NewSchema, location),
};
const answers = { 200: answer("The channel.", ChannelSchema) };

export const channelOperations = {
  list: operation("listChannels", "List notification channels", { ...ofAll, answers: all }),
  create: operation("createChannel", "Create a channel", {
    ...ofAll,
    body: ChannelInputSchema,
    answers: created,
    errors,
  }),
  show: operation("getChannel", "Get a channel", { ...ofOne, answers }),
  change: operation("changeChannel", "Edit a channel", { ...ofOne, body: ChannelInputSchema, answers, errors }),
  remove: operation("deleteChannel", "Delete a channel, its waiting messages and its log", done),
  test: operation("testChannel", "Send a test message", done),
  retry: operation("retryMessage", "Try the message that fails and holds back the next ones again now", ofHead),
  skip: operation("skipMessage", "Skip the message that fails and holds back the next ones", ofHead),
};
