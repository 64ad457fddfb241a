/** What the OpenAPI document says of `/api/` and of `/api/{id}/`. */

import { Type } from "@sinclair/typebox";
import {
  answer,
  badBody,
  etag,
  forbidden,
  ifMatch,
  parametersOf,
  preconditionFailed,
  problem,
  reads,
  throttled,
  tooLarge,
  unauthenticated,
  unavailable,
  unreadable,
  writes,
} from "../http/openapi.ts";
import { FilterSchema, PageSchema } from "./filter.ts";

/** A downtime to show. */
export const example = {
  id: 1,
  start: "2027-01-15T08:45:00Z",
  end: "2027-01-15T09:45:00Z",
  site: "sud",
  enclosure: "doma",
  telescope: "1m0a",
  instrument_type: "",
  reason: "Mirror wash",
  created: "2026-11-22T20:18:03Z",
  modified: "2026-11-22T20:18:03Z",
};
const { id: _, created: __, modified: ___, ...draftExample } = example;

export const notFound = problem("There is no such downtime.", "Not found.");

/** The filters as parameters. */
export const filterParameters = parametersOf(FilterSchema.properties);

export const listParameters = [...filterParameters, ...parametersOf(PageSchema.properties)];

export const changeExample = { end: "2027-01-15T10:15:00Z" };

export const changeContent = { schema: { $ref: "#/components/schemas/DowntimeChange" }, example: changeExample };

export const draftContent = { schema: { $ref: "#/components/schemas/DowntimeDraft" }, example: draftExample };

// Any: the document shows an integer, while the route itself answers 404 to whatever is none.
export const idParameter = {
  params: Type.Object({
    id: Type.Any({ type: "integer", minimum: 1, description: "The downtime's id.", examples: [1] }),
  }),
};

/** What the document says of each route; routes spread it into their options. */
export const detailOf = {
  list: {
    detail: {
      tags: ["Downtimes"],
      operationId: "listDowntimes",
      summary: "List downtimes",
      description:
        "All filters that are given must hold; bounds are inclusive. What overlaps a window: `ends_after` its start and `starts_before` its end. Follow `next` to read all of a long list. Without a time filter a service may be set to leave out what ended long ago.",
      parameters: listParameters,
      security: reads,
      responses: {
        200: {
          ...answer("The part of the list that was asked for.", "DowntimeList", {
            count: 1,
            next: null,
            previous: null,
            results: [example],
          }),
          headers: {
            Link: { description: '`rel="next"`: where the list goes on.', schema: { type: "string" as const } },
            Warning: {
              description: "`110`: the database can't be read. The list is as it was `Age` seconds ago.",
              schema: { type: "string" as const },
            },
            Age: { description: "Only with `Warning`.", schema: { type: "integer" as const } },
          },
        },
        400: answer("A filter is wrong; each bad one is named.", "FieldErrors", {
          starts_after: ["Enter a valid date/time."],
        }),
        401: unauthenticated,
        429: throttled,
        503: unavailable,
      },
    },
  },
  create: {
    detail: {
      tags: ["Downtimes"],
      operationId: "createDowntime",
      summary: "Create a downtime",
      description:
        "Instants are ISO 8601; without a zone they mean UTC. Site, enclosure, telescope and instrument type must exist together in ConfigDB.",
      security: writes,
      requestBody: {
        required: true,
        content: {
          "application/json": draftContent,
          "application/x-www-form-urlencoded": draftContent,
          "multipart/form-data": draftContent,
        },
      },
      responses: {
        201: answer("The downtime as it was stored.", "Downtime", example),
        400: badBody,
        401: unauthenticated,
        403: forbidden,
        413: tooLarge,
        415: unreadable,
        429: throttled,
        503: unavailable,
      },
    },
  },
  show: {
    ...idParameter,
    detail: {
      tags: ["Downtimes"],
      operationId: "getDowntime",
      summary: "Get one downtime",
      security: reads,
      responses: {
        200: { ...answer("The downtime.", "Downtime", example), headers: etag },
        401: unauthenticated,
        404: notFound,
        429: throttled,
        503: unavailable,
      },
    },
  },
  change: {
    ...idParameter,
    detail: {
      tags: ["Downtimes"],
      operationId: "changeDowntime",
      summary: "Change a downtime",
      description:
        "Send the fields that change; the others stay. With `If-Match` a change that somebody else made in between is never overwritten.",
      parameters: [ifMatch],
      security: writes,
      requestBody: {
        required: true,
        content: {
          "application/json": changeContent,
          "application/x-www-form-urlencoded": changeContent,
          "multipart/form-data": changeContent,
        },
      },
      responses: {
        200: {
          ...answer("The downtime as it is now.", "Downtime", { ...example, ...changeExample }),
          headers: etag,
        },
        400: badBody,
        401: unauthenticated,
        403: forbidden,
        404: notFound,
        412: preconditionFailed,
        413: tooLarge,
        415: unreadable,
        429: throttled,
        503: unavailable,
      },
    },
  },
  remove: {
    ...idParameter,
    detail: {
      tags: ["Downtimes"],
      operationId: "deleteDowntime",
      summary: "Delete a downtime",
      description: "Its history stays, and its id is never used for another one.",
      parameters: [ifMatch],
      security: writes,
      responses: {
        204: { description: "It is deleted." },
        401: unauthenticated,
        403: forbidden,
        404: notFound,
        412: preconditionFailed,
        429: throttled,
        503: unavailable,
      },
    },
  },
  health: {
    detail: {
      tags: ["Operation"],
      operationId: "getHealth",
      summary: "Whether the service works",
      security: [{}, { basic: [] }, { token: [] }],
      responses: {
        200: answer("It does.", "Health", {
          status: "ok",
          database: "sqlite",
          configdb: { age_seconds: 42 },
        }),
        503: answer("The database doesn't answer, or downtimes in it wait to be imported.", "Health", {
          status: "unavailable",
          database: "sqlite",
          configdb: { age_seconds: 42 },
        }),
      },
    },
  },
};
