/** What the OpenAPI document says of `/api/`, `/api/{id}/` and `/api/changes/`. */

import { Type } from "@sinclair/typebox";
import { eventStreams, longAnswers } from "../http/event-stream.ts";
import { listSchema } from "../http/json.ts";
import { answer, etag, exampleOf, header, operation, refusal, textContent } from "../http/openapi.ts";
import { Invalid, TooManyStreams } from "../input/problem.ts";
import { invalidCursor, unknownCursor } from "./change-log.ts";
import { ChangeSchema, DowntimeSchema, DraftSchema } from "./downtime.ts";
import { FilterSchema, PageSchema } from "./filter.ts";

const read = { tag: "Downtimes", access: "read" } as const;
const write = { tag: "Downtimes", access: "write" } as const;
const pathId = "The downtime's ID.";
const ListSchema = listSchema(DowntimeSchema, { $id: "DowntimeList", description: "A page of a list of downtimes." });

/** The response to invalid filters. */
export const badFilter = refusal(
  new Invalid({ starts_after: ["Enter a valid date/time."] }),
  "Invalid filters; each is named.",
);

export const downtimeOperations = {
  list: operation("listDowntimes", "List downtimes", {
    ...read,
    description:
      "Filters combine with AND; bounds are inclusive. For overlaps, set `ends_after` to the window's start and `starts_before` to its end. Follow `next` to read all of a long list. Without a time filter, the server may omit downtimes that ended long ago (`LIST_SINCE_DAYS`).",
    query: { ...FilterSchema.properties, ...PageSchema.properties },
    answers: {
      200: answer("A page of the list.", ListSchema, {
        Link: header("string", '`rel="next"`: the next page.'),
        "X-Ignored-Parameters": header("string", "Parameters without effect: unknown, empty or unreadable ones."),
        Warning: header("string", "`110`: the database can't be read. The list is as it was `Age` seconds ago."),
        Age: header("integer", "Only with `Warning`."),
      }),
    },
    errors: [
      badFilter,
      refusal(
        new TooManyStreams(longAnswers.noun, longAnswers.ofOneNetwork),
        "Too many failed sign-ins, or too many long responses at once to your address.",
      ),
    ],
  }),
  create: operation("createDowntime", "Create a downtime", {
    ...write,
    description:
      "Times are ISO 8601, and UTC unless they have a zone. Site, enclosure, telescope and instrument type must exist together in ConfigDB.",
    body: DraftSchema,
    acceptsForms: true,
    answers: { 201: answer("The stored downtime.", DowntimeSchema) },
  }),
  show: operation("getDowntime", "Get a downtime", {
    ...read,
    pathId,
    answers: { 200: answer("The downtime.", DowntimeSchema, etag) },
  }),
  change: operation("changeDowntime", "Edit a downtime", {
    ...write,
    description:
      "Send the fields to update; the others stay. With `If-Match`, an edit that someone else made meanwhile is never overwritten.",
    pathId,
    ifMatch: true,
    body: ChangeSchema,
    acceptsForms: true,
    answers: { 200: answer("The edited downtime.", DowntimeSchema, etag) },
  }),
  remove: operation("deleteDowntime", "Delete a downtime", {
    ...write,
    description: "Its history stays, and its id is never reused.",
    pathId,
    ifMatch: true,
    answers: { 204: { description: "Deleted." } },
  }),
};

/** The largest `limit` of changes. */
export const mostChanges = 1000;

const exampleCursor = "7-3f0b2a9c";
const cursor = (description: string) => Type.String({ description, examples: [exampleCursor] });
const changeSet = "Identifies what was done together, for an undo; null for old changes.";

const LogEntrySchema = Type.Object({
  cursor: cursor("The position after this change."),
  action: Type.Unsafe({ type: "string", enum: ["create", "change", "delete", "restore"] }),
  at: Type.String({ format: "date-time", description: "When it was made." }),
  by: Type.String({ description: "A username; `command line`, or `moved in` if migrated.", examples: ["ada"] }),
  version: Type.Integer({
    description: "Counts the downtime's versions from 1; a delete has the one that it deleted.",
  }),
  downtime: DowntimeSchema,
  change_set: Type.Union([Type.Integer(), Type.Null()], { description: changeSet, examples: [17] }),
});
const ChangesSchema = Type.Object({
  next: cursor("Send it as `since` to continue; unchanged when there was nothing new."),
  more: Type.Boolean({ description: "More changes are available already.", examples: [false] }),
  results: Type.Array(LogEntrySchema),
});
const sinceText =
  "Changes after this cursor. Without it, all changes, which give a mirror its full copy. `latest`: from now on.";
const since = Type.Optional(Type.String({ description: sinceText, examples: ["latest"] }));
const counts = { default: mostChanges, minimum: 1, maximum: mostChanges, examples: [100] };
const limit = Type.Optional(Type.Integer({ description: "Changes per page.", ...counts }));

const errors = [
  refusal(invalidCursor(), "Invalid parameter."),
  refusal(unknownCursor(), "Unknown cursor; the database may have been restored."),
];
const common = { tag: "Changes", access: "read" } as const;

export const changeOperations = {
  list: operation("listChanges", "List what was created, edited, deleted and restored", {
    ...common,
    description: "In order, and complete. Each change has the downtime as it became, or as it was when it was deleted.",
    query: { since, limit },
    errors,
    answers: { 200: answer("The changes, and where to continue.", ChangesSchema) },
  }),
  stream: operation("streamChanges", "Stream changes as server-sent events", {
    ...common,
    description:
      "Past changes first, then each new one within a second or two. An event's `id` is its cursor, its data is a change as in the list. A client that reconnects with `Last-Event-ID` misses nothing and gets nothing twice.",
    query: { since },
    headers: { "Last-Event-ID": Type.Optional(cursor("As `since`, and takes precedence over it.")) },
    answers: {
      200: {
        description: "The stream. It ends when the server stops.",
        content: textContent(
          "text/event-stream",
          `id: ${exampleCursor}\ndata: ${JSON.stringify(exampleOf(LogEntrySchema))}\n\n`,
        ),
      },
    },
    errors: [
      ...errors,
      refusal(
        new TooManyStreams(eventStreams.noun, eventStreams.ofOneNetwork),
        "Too many failed sign-ins, or too many event streams from your address.",
      ),
    ],
  }),
};
