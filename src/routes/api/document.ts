/** The OpenAPI document of `/api/`: every parameter, body, answer and error, from the schemas that the code uses. */

import { openapi } from "@elysiajs/openapi";
import { type TSchema, Type } from "@sinclair/typebox";
import packageJson from "../../../package.json";
import { AvailabilitySchema } from "../../domain/availability.ts";
import { ChangeSchema, DowntimeSchema, DraftSchema } from "../../domain/downtime.ts";
import { FilterSchema, PageSchema } from "../../domain/filter.ts";
import { ReportSchema } from "../../domain/report.ts";
import { SeriesDraftSchema } from "../../domain/series.ts";
import { WhySchema } from "../../domain/why.ts";
import {
  SeriesChangeSchema,
  SeriesDetailSchema,
  SeriesListSchema,
  SeriesOutcomeSchema,
  SeriesSchema,
} from "./series-schema.ts";

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

const link = (description: string) => Type.Union([Type.String({ format: "uri" }), Type.Null()], { description });

const ListSchema = Type.Object(
  {
    count: Type.Integer({ description: "Rows of the whole list." }),
    next: link("Where the list goes on; null at its end."),
    previous: link("The part before this one; null at the beginning."),
    results: Type.Array(Type.Unsafe({ $ref: "#/components/schemas/Downtime" })),
  },
  { description: "A part of a list of downtimes." },
);
const DetailSchema = Type.Object({ detail: Type.String() }, { description: "What was wrong." });
const FieldErrorsSchema = Type.Record(Type.String(), Type.Array(Type.String()), {
  description: "Field → what is wrong with it; rules across fields stand under `non_field_errors`.",
});

/** An answer in JSON, by the name of its schema. */
export const answer = (description: string, schema: string, value: unknown) => ({
  description,
  content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` }, example: value } },
});
/** An answer that says in one text what is wrong. */
export const problem = (description: string, detail: string) => answer(description, "Detail", { detail });

export const unauthenticated = {
  ...problem("Credentials are missing or wrong.", "Authentication credentials were not provided."),
  headers: { "WWW-Authenticate": { description: "The schemes that are taken.", schema: { type: "string" as const } } },
};
const retryAfter = { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" as const } } };
export const forbidden = problem("The user may not do this.", "You do not have permission to perform this action.");
const notFound = problem("There is no such downtime.", "Not found.");
export const throttled = {
  ...problem("Too many wrong passwords.", "Too many failed sign-ins. Try again in 60 s."),
  headers: retryAfter,
};
export const unavailable = {
  ...problem("The database or ConfigDB doesn't answer.", "The database is busy. Try again."),
  headers: retryAfter,
};

/** Whoever reads may sign in, but needn't. */
export const reads = [{}, { basic: [] }, { token: [] }];
export const writes = [{ basic: [] }, { token: [] }];

/** A parameter of the query by its schema, which has a description and examples. */
export const parameter = (name: string, { description, examples, ...schema }: TSchema) => ({
  name,
  in: "query" as const,
  description: description ?? "",
  schema: JSON.parse(JSON.stringify(schema)),
  example: examples?.[0],
  ...(schema.type === "array" && { style: "form" as const, explode: true }),
});
const parametersOf = (schemas: Readonly<Record<string, TSchema>>) =>
  Object.entries(schemas).map(([name, schema]) => parameter(name, schema));
/** The filters as parameters. */
export const filterParameters = parametersOf(FilterSchema.properties);
const listParameters = [...filterParameters, ...parametersOf(PageSchema.properties)];

export const etag = {
  ETag: { description: "The version; `If-Match` takes it.", schema: { type: "string" as const }, example: '"1"' },
};
export const ifMatch = {
  name: "If-Match",
  in: "header" as const,
  description:
    "The `ETag` of the version that was read: any other is refused with 412. Without it any version will do.",
  schema: { type: "string" as const },
  example: '"1"',
};
export const preconditionFailed = {
  ...problem("It was changed since.", "It was changed since you read it. Read it again, then decide."),
  headers: etag,
};

const badBody = {
  description: "The body can't be read, or breaks rules; each bad field is named.",
  content: {
    "application/json": {
      schema: { oneOf: [{ $ref: "#/components/schemas/FieldErrors" }, { $ref: "#/components/schemas/Detail" }] },
      example: { site: ['"nop" is not a valid choice.'], end: ["This field is required."] },
    },
  },
};
export const tooLarge = problem("The body is too large.", "The body is larger than 1048576 bytes.");
export const unreadable = problem(
  "The body is in a format that isn't read here.",
  'Unsupported media type "text/plain" in request.',
);

const changeExample = { end: "2027-01-15T10:15:00Z" };
const changeContent = { schema: { $ref: "#/components/schemas/DowntimeChange" }, example: changeExample };

const draftContent = { schema: { $ref: "#/components/schemas/DowntimeDraft" }, example: draftExample };

// Any: the document shows an integer, while the route itself answers 404 to whatever is none.
const idParameter = {
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

const HealthSchema = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("unavailable")]),
  database: Type.String({ description: "The engine." }),
  configdb: Type.Object({
    source: Type.Optional(
      Type.String({ description: "Where ConfigDB's answer comes from; only users are told the address." }),
    ),
    age_seconds: Type.Union([Type.Number(), Type.Null()], {
      description: "Age of the answer that is in use; null: there was never one.",
    }),
  }),
  detail: Type.Optional(Type.String({ description: "Why downtimes can't be served, and what to do." })),
});

/** Serves the document at `/openapi.json`. */
export const documentRoutes = () =>
  openapi({
    specPath: "/openapi.json",
    // The explorer is a page of ours: the plugin's has scripts in it, which no browser may run here.
    provider: null,
    openapiVersion: "3.1.1",
    // A path with a dot in it may be one of the API's.
    exclude: { staticFile: false },
    documentation: {
      info: {
        title: "Downtime",
        version: packageJson.version,
        description: "Which telescope may not be used, from when to when, and why.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "This service." }],
      tags: [
        {
          name: "Downtimes",
          description: "Periods in which a telescope, or one instrument type on it, may not be used.",
        },
        { name: "Changes", description: "For those who keep a copy of the downtimes, or act on each change." },
        { name: "Answers", description: "What the downtimes mean for telescopes: when, why, and what they cost." },
        {
          name: "Series",
          description: "Plans that are expanded into downtimes, one for each telescope and occurrence.",
        },
        { name: "Operation", description: "For those who run the service." },
      ],
      components: {
        schemas: JSON.parse(
          JSON.stringify({
            Downtime: DowntimeSchema,
            DowntimeDraft: DraftSchema,
            DowntimeChange: ChangeSchema,
            DowntimeList: ListSchema,
            Series: SeriesSchema,
            SeriesDraft: SeriesDraftSchema,
            SeriesChange: SeriesChangeSchema,
            SeriesList: SeriesListSchema,
            SeriesDetail: SeriesDetailSchema,
            SeriesOutcome: SeriesOutcomeSchema,
            FieldErrors: FieldErrorsSchema,
            Detail: DetailSchema,
            Availability: AvailabilitySchema,
            Why: WhySchema,
            Report: ReportSchema,
            Health: HealthSchema,
          }),
        ),
        securitySchemes: {
          basic: { type: "http", scheme: "basic", description: "A user's name and password." },
          token: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "The word `Token`, a space, and the user's API token.",
          },
        },
      },
    },
  });
