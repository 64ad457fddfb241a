/** What the OpenAPI document says of `/api/changes/`. */

import { Type } from "@sinclair/typebox";
import { answer, exampleOf, operation, refusal, textContent } from "../http/openapi.ts";
import { maxStreamsPerNetwork } from "../http/stream-places.ts";
import { Gone, Invalid, TooManyStreams } from "../input/problem.ts";
import { DowntimeSchema } from "./downtime.ts";

/** The most changes in an answer. */
export const mostChanges = 1000;

const exampleCursor = "7-3f0b2a9c";
const cursor = (description: string) => Type.String({ description, examples: [exampleCursor] });

const ChangeSchema = Type.Object({
  cursor: cursor("The position after this change."),
  action: Type.Unsafe({ type: "string", enum: ["create", "change", "delete", "restore"] }),
  at: Type.String({ format: "date-time", description: "When it was made." }),
  by: Type.String({ description: "The user who made it, or the name of a command.", examples: ["ada"] }),
  version: Type.Integer({
    description: "Counts the downtime's versions from 1; a delete has the version that it deleted.",
  }),
  downtime: DowntimeSchema,
  change_set: Type.Union([Type.Integer(), Type.Null()], {
    description: "Identifies what was done together, for an undo; null for old changes.",
    examples: [17],
  }),
});
const ChangesSchema = Type.Object({
  next: cursor("Send it as `since` to continue; unchanged when there was nothing new."),
  more: Type.Boolean({ description: "More changes are available already.", examples: [false] }),
  results: Type.Array(ChangeSchema),
});
const since = Type.Optional(
  Type.String({
    description:
      "Changes after this cursor. Without it, from the very beginning, which is all that a mirror needs. `latest`: from now on.",
    examples: ["latest"],
  }),
);
const limit = Type.Optional(
  Type.Integer({
    description: "Changes per page.",
    default: mostChanges,
    minimum: 1,
    maximum: mostChanges,
    examples: [100],
  }),
);
const lastEventId = Type.Optional(cursor("As `since`, and takes precedence over it."));

const common = {
  tag: "Changes",
  access: "read",
  errors: [
    refusal(
      new Invalid({ since: ["Invalid cursor. Send the last `next` you received, unchanged."] }),
      "Invalid parameter.",
    ),
    refusal(
      new Gone("Unknown cursor; the database may have been restored. Discard your copy and start without `since`."),
      "Unknown cursor; the database may have been restored.",
    ),
  ],
} as const;

export const changeOperations = {
  list: operation("listChanges", "List what was created, edited, deleted and restored", {
    ...common,
    description: "In order, and complete. Each change has the downtime as it became, or as it was when it was deleted.",
    query: { since, limit },
    answers: { 200: answer("The changes, and where to continue.", ChangesSchema) },
  }),
  stream: operation("streamChanges", "Stream changes as server-sent events", {
    ...common,
    description:
      "Past changes first, then each new one within a second or two. An event's `id` is its cursor, its data is a change as in the list. A client that reconnects with `Last-Event-ID` misses nothing and gets nothing twice.",
    query: { since },
    headers: { "Last-Event-ID": lastEventId },
    answers: {
      200: {
        description: "The stream. It ends when the server stops.",
        content: textContent(
          "text/event-stream",
          `id: ${exampleCursor}\ndata: ${JSON.stringify(exampleOf(ChangeSchema))}\n\n`,
        ),
      },
    },
    errors: [
      ...common.errors,
      refusal(
        new TooManyStreams("event streams", maxStreamsPerNetwork),
        "Too many failed sign-ins, or too many event streams from your address.",
      ),
    ],
  }),
};
