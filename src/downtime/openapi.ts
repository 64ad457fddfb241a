/** What the OpenAPI document says of `/api/` and `/api/{id}/`. */

import { listSchema } from "../http/json.ts";
import { answer, etag, operation, refusal } from "../http/openapi.ts";
import { longAnswers } from "../http/stream-places.ts";
import { Invalid, TooManyStreams } from "../input/problem.ts";
import { ChangeSchema, DowntimeSchema, DraftSchema } from "./downtime.ts";
import { FilterSchema, PageSchema } from "./filter.ts";

const read = { tag: "Downtimes", access: "read" } as const;
const write = { tag: "Downtimes", access: "write" } as const;
const pathId = "The downtime's ID.";
const ListSchema = listSchema(DowntimeSchema, { $id: "DowntimeList", description: "A page of a list of downtimes." });

/** A filter that names what isn't known. */
export const badFilter = refusal(
  new Invalid({ starts_after: ["Enter a valid date/time."] }),
  "Invalid filters; each is named.",
);

export const downtimeOperations = {
  list: operation("listDowntimes", "List downtimes", {
    ...read,
    description:
      "Filters combine with AND; bounds are inclusive. For overlaps, set `ends_after` to the window's start and `starts_before` to its end. Follow `next` to read all of a long list. Without a time filter a server may be set to leave out downtimes that ended long ago.",
    query: { ...FilterSchema.properties, ...PageSchema.properties },
    answers: {
      200: answer("A page of the list.", ListSchema, {
        Link: { description: '`rel="next"`: the next page.', schema: { type: "string" } },
        "X-Ignored-Parameters": {
          description: "The names of parameters that had no effect: unknown or empty ones, and unreadable counts.",
          schema: { type: "string" },
        },
        Warning: {
          description: "`110`: the database can't be read. The list is as it was `Age` seconds ago.",
          schema: { type: "string" },
        },
        Age: { description: "Only with `Warning`.", schema: { type: "integer" } },
      }),
    },
    errors: [
      badFilter,
      refusal(
        new TooManyStreams(longAnswers.noun, longAnswers.ofOneNetwork),
        "Too many failed sign-ins, or too many long answers at once from your address.",
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
      "Send the fields to update; the others stay. With `If-Match`, an edit that somebody else made in between is never overwritten.",
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
