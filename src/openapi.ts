/** The OpenAPI document of `/api/`: every parameter, body, answer and error, from the schemas that the code uses. */

import { openapi } from "@elysiajs/openapi";
import { Type } from "@sinclair/typebox";
import packageJson from "../package.json";
import { AvailabilitySchema } from "./availability/availability.ts";
import { ReportSchema } from "./availability/report.ts";
import { WhySchema } from "./availability/why.ts";
import { ChangeSchema, DowntimeSchema, DraftSchema } from "./downtime/downtime.ts";
import {
  SeriesChangeSchema,
  SeriesDetailSchema,
  SeriesListSchema,
  SeriesOutcomeSchema,
  SeriesSchema,
} from "./series/schema.ts";
import { SeriesDraftSchema } from "./series/series.ts";

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
