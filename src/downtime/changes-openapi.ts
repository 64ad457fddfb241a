/** What the OpenAPI document says of `/api/changes/`. */

import { Type } from "@sinclair/typebox";
import { answer, parameter, problem, reads, throttled, unauthenticated, unavailable } from "../http/openapi.ts";
import { example } from "./openapi.ts";

/** The most changes in an answer. */
export const mostChanges = 1000;

const cursor = (description: string) => Type.String({ description, examples: ["7-3f0b2a9c"] });

const ChangeSchema = Type.Object({
  cursor: cursor("The place behind this change."),
  action: Type.Unsafe({ type: "string", enum: ["create", "change", "delete", "restore"] }),
  at: Type.String({ format: "date-time", description: "When it was done." }),
  by: Type.String({ description: "The user who did it, or the words for a command." }),
  version: Type.Integer({
    description: "Counts the downtime's versions from 1; a delete has that of what it deleted.",
  }),
  downtime: Type.Unsafe({ $ref: "#/components/schemas/Downtime" }),
});
const ChangesSchema = Type.Object({
  next: cursor("Send it as `since` to go on; the same one when there was nothing new."),
  more: Type.Boolean({ description: "There are more behind these already." }),
  results: Type.Array(ChangeSchema),
});

const change = {
  cursor: "7-3f0b2a9c",
  action: "create",
  at: "2026-11-22T20:18:03Z",
  by: "ada",
  version: 1,
  downtime: example,
};

const since = parameter(
  "since",
  Type.String({
    description:
      "What happened behind this cursor. Without it: from the very beginning, which is all that a copy needs. `latest`: from now on.",
    examples: ["latest"],
  }),
);
const limit = parameter(
  "limit",
  Type.Integer({
    description: "Changes in the answer.",
    default: mostChanges,
    minimum: 1,
    maximum: mostChanges,
    examples: [100],
  }),
);

const errors = {
  400: answer("A parameter isn't taken.", "FieldErrors", {
    since: ["This is no cursor. Send the last one that you got, unchanged."],
  }),
  401: unauthenticated,
  410: problem(
    "The cursor is of another history, as after a backup was brought back.",
    "This cursor isn't of this history; was a backup brought back? Throw your copy away and begin without a cursor.",
  ),
  429: throttled,
  503: unavailable,
};

export const changesDetail = {
  detail: {
    tags: ["Changes"],
    operationId: "listChanges",
    summary: "List what was created, changed, deleted and brought back",
    description:
      "In the order in which it happened; none is ever left out. Each has the downtime as it became, or as it was when it was deleted.",
    parameters: [since, limit],
    security: reads,
    responses: {
      200: {
        description: "The changes, and where to go on.",
        content: {
          "application/json": {
            schema: JSON.parse(JSON.stringify(ChangesSchema)),
            example: { next: change.cursor, more: false, results: [change] },
          },
        },
      },
      ...errors,
    },
  },
};

export const streamDetail = {
  detail: {
    tags: ["Changes"],
    operationId: "streamChanges",
    summary: "The same as server-sent events",
    description:
      "What there is already, then each change within a second or two. An event's `id` is its cursor, its data is a change as in the list. A client that comes back with `Last-Event-ID` misses nothing and gets nothing twice.",
    parameters: [
      since,
      {
        name: "Last-Event-ID",
        in: "header" as const,
        description: "As `since`, which it comes before.",
        schema: { type: "string" as const },
        example: "7-3f0b2a9c",
      },
    ],
    security: reads,
    responses: {
      200: {
        description: "The stream. It ends when the service stops.",
        content: {
          "text/event-stream": {
            schema: { type: "string" as const },
            example: `id: ${change.cursor}\ndata: ${JSON.stringify(change)}\n\n`,
          },
        },
      },
      ...errors,
      429: problem(
        "Too many failed sign-ins, or 64 event streams are open from this address.",
        "Too many event streams are open from your address (limit 64). Close some, then try again.",
      ),
    },
  },
};
