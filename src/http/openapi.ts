/** The parts of an operation in the OpenAPI document: parameters, answers and errors. */

import type { TSchema } from "@sinclair/typebox";

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

export const retryAfter = { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" as const } } };

export const forbidden = problem("The user may not do this.", "You do not have permission to perform this action.");

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

export const parametersOf = (schemas: Readonly<Record<string, TSchema>>) =>
  Object.entries(schemas).map(([name, schema]) => parameter(name, schema));

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
  ...problem(
    "Modified since you read it.",
    "This was modified since you read it. Read the current version, then try again.",
  ),
  headers: etag,
};

export const badBody = {
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
