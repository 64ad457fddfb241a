/** The OpenAPI document: one builder for each operation. Examples come from schemas, errors from the problems that are thrown. */

import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import type { AnyElysia } from "elysia";
import packageJson from "../../package.json";
import readme from "../../README.md" with { type: "text" };
import * as problems from "../input/problem.ts";
import { basePathOf, createRoutes } from "./request-context.ts";

const DetailSchema = Type.Object({ detail: Type.String() }, { $id: "Detail", description: "An error." });
const FieldErrorsSchema = Type.Record(Type.String(), Type.Array(Type.String()), {
  $id: "FieldErrors",
  description: "Field → what is wrong with it. `non_field_errors` holds errors that concern several fields.",
});

interface OperationOptions {
  readonly tag: "Downtimes" | "Changes" | "Availability" | "Series" | "Users" | "Notifications" | "Operation";
  readonly description?: string;
  /** Who may call it: anyone; anyone, but wrong credentials are rejected; users who may write. */
  readonly access: keyof typeof securityOf;
  readonly pathId?: string;
  readonly query?: TProperties;
  readonly headers?: TProperties;
  readonly ifMatch?: boolean;
  readonly body?: TSchema;
  readonly acceptsForms?: boolean;
  readonly answers: object;
  readonly errors?: readonly object[];
}

/** Describes an operation, for the options of its route. @param id the `operationId` */
export function operation(id: string, summary: string, options: OperationOptions) {
  const { tag, description, access, pathId, query = {}, headers = {}, ifMatch, body } = options;
  const mediaTypes = ["application/json", ...(options.acceptsForms ? formTypes : [])];
  const errors = [
    refusal(new problems.Malformed("Too many query parameters: 101 (limit 100)."), "Malformed request."),
    ...(access === "public" ? [] : refusedUser),
    ...(access === "write" ? [refusal(new problems.Forbidden(), "The user may not do this.")] : []),
    ...(pathId ? [refusal(new problems.NotFound(), "Not found.")] : []),
    ...(ifMatch ? [refusal(new problems.PreconditionFailed('"2"'), "Modified since you read it.")] : []),
    ...(body ? badBody : []),
    refusal(new problems.Unavailable("The database is busy. Try again."), "Temporarily unavailable."),
    ...(options.errors ?? []),
  ];
  return {
    detail: {
      tags: [tag],
      operationId: id,
      summary,
      ...(description !== undefined && { description }),
      parameters: [
        ...(pathId ? parametersOf("path", { id: Type.Integer({ minimum: 1, description: pathId }) }) : []),
        ...parametersOf("query", query),
        ...parametersOf("header", { ...headers, ...(ifMatch && { "If-Match": ifMatchSchema }) }),
      ],
      security: securityOf[access],
      ...(body && {
        requestBody: { required: true, content: Object.fromEntries(mediaTypes.map((type) => [type, contentOf(body)])) },
      }),
      responses: Object.assign({}, options.answers, ...errors),
    },
  };
}

const schemes = [{ basic: [] }, { token: [] }];
const securityOf = { public: [{}], read: [{}, ...schemes], write: schemes };
const formTypes = ["application/x-www-form-urlencoded", "multipart/form-data"];

/** A JSON response. @param example by default, derived from the schema */
export const answer = (description: string, schema: TSchema, headers?: object, example?: unknown) => ({
  description,
  ...(headers && { headers }),
  content: { "application/json": contentOf(schema, example) },
});

export const textContent = (mediaType: string, example: string) => ({
  [mediaType]: { schema: { type: "string" }, example },
});

const contentOf = (schema: TSchema, example = exampleOf(schema)) => ({ schema, example });

export function refusal(problem: problems.Problem, description: string) {
  const headers = Object.fromEntries(Object.keys(problem.headers).map((name) => headerOf[name] ?? []));
  // A 400 is either about fields or about the whole request.
  const schema = problem instanceof problems.Invalid ? Type.Union([FieldErrorsSchema, DetailSchema]) : DetailSchema;
  const sent = Object.keys(headers).length > 0 ? headers : undefined;
  return { [problem.status]: answer(description, schema, sent, problem.body()) };
}

export const header = (type: "string" | "integer", description: string, example?: unknown) => ({
  description,
  schema: { type },
  ...(example !== undefined && { example }),
});
export const etag = { ETag: header("string", "The version, for `If-Match`.", '"1"') };
export const location = { Location: header("string", "URL of the created resource.", "/api/series/1/") };
const headerOf: Readonly<Record<string, [string, object]>> = {
  etag: ["ETag", etag.ETag],
  "retry-after": ["Retry-After", header("integer", "Seconds to wait.", 60)],
  "www-authenticate": ["WWW-Authenticate", header("string", "The accepted schemes.", 'Basic realm="downtime", Token')],
};

const refusedUser = [
  refusal(new problems.Unauthenticated(), "Missing or wrong credentials."),
  refusal(new problems.Throttled(60), "Too many failed sign-ins."),
];
const badBody = [
  refusal(
    new problems.Invalid({ site: ['"nop" is not a valid choice.'], end: ["This field is required."] }),
    "The body can't be parsed, or has invalid fields; lists each of them.",
  ),
  refusal(new problems.TooSlow("The body took longer than 10 s."), "The body took too long to arrive."),
  refusal(new problems.TooLarge("The body is larger than 1048576 bytes."), "The body is too large."),
  refusal(new problems.UnsupportedMediaType("text/plain"), "Unsupported media type."),
];

const ifMatchSchema = Type.Optional(
  Type.String({
    description: "The `ETag` of the version that you read; any other version gets a 412.",
    examples: ['"1"'],
  }),
);

const parametersOf = (place: "path" | "query" | "header", properties: TProperties) =>
  Object.entries(properties).map(([name, { description = "", examples, ...schema }]) => ({
    name,
    in: place,
    description,
    ...(Type.Object(properties).required?.includes(name) && { required: true }),
    schema,
    example: exampleOf({ ...schema, examples } as TSchema),
    ...(schema.type === "array" && { style: "form", explode: true }),
  }));

/** Derives an example from a schema's `examples`, constants and defaults. Optional fields without these are omitted. */
export function exampleOf(schema: TSchema): unknown {
  const known = [schema.examples?.[0], schema.const, schema.default, schema.enum?.[0]].find((one) => one !== undefined);
  if (known !== undefined) return known;
  if (schema.anyOf) return exampleOf(schema.anyOf[0]);
  if (schema.items) return [exampleOf(schema.items)];
  if (!schema.properties) return schema.minimum ?? examplesOf[schema.format ?? schema.type];
  const isShown = ([name, one]: [string, TSchema]) =>
    schema.required?.includes(name) || one.examples || one.default !== undefined;
  const shown = Object.entries<TSchema>(schema.properties).filter(isShown);
  return Object.fromEntries(shown.map(([name, one]) => [name, exampleOf(one)]));
}

const examplesOf: Readonly<Record<string, unknown>> = {
  "date-time": "2026-11-22T20:18:03Z",
  date: "2027-01-12",
  string: "",
  integer: 1,
  number: 1,
  boolean: true,
};

/** Returns the paths of documented routes, and the named schemas (`$id`) that they refer to. */
function describe(routes: AnyElysia["routes"]) {
  const schemas: Record<string, unknown> = {};
  const withReferences = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (_, part) => {
        if (!part?.$id) return part;
        const { $id, ...schema } = part;
        schemas[$id] ??= withReferences(schema);
        return { $ref: `#/components/schemas/${$id}` };
      }),
    );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, hooks } of routes) {
    if (!hooks?.detail?.operationId) continue;
    const name = path.replaceAll(/:(\w+)/g, "{$1}");
    paths[name] = { ...paths[name], [method.toLowerCase()]: withReferences(hooks.detail) };
  }
  return { paths, components: { schemas, securitySchemes } };
}

const [, examples = ""] = /^### Examples\n(.*?)^### /ms.exec(readme) ?? [];

const about = {
  openapi: "3.1.1",
  info: {
    title: "Downtime",
    version: packageJson.version,
    description: `Track which telescopes are unavailable, when, and why.\n\n<details><summary>Examples in curl and Python</summary>\n${examples}\n</details>`,
    license: { name: "MIT", identifier: "MIT" },
  },
  tags: [
    { name: "Downtimes", description: "Periods in which a telescope, or one instrument type on it, is unavailable." },
    { name: "Changes", description: "For mirroring and event-driven clients." },
    { name: "Availability", description: "When telescopes are available, why not, and the time lost." },
    { name: "Series", description: "A series creates a downtime for each telescope and date." },
    { name: "Users", description: "Who may sign in, for staff. Your own tokens and password are at `/account`." },
    { name: "Notifications", description: "Who is notified of what, for staff." },
    { name: "Operation", description: "For monitoring the service." },
  ],
};
const securitySchemes = {
  basic: { type: "http", scheme: "basic", description: "Username and password." },
  token: { type: "apiKey", in: "header", name: "Authorization", description: "`Token`, a space, and an API token." },
};

/** @param routes all routes of the application; they are read at the first request */
export function documentRoutes(routes: () => AnyElysia["routes"]) {
  let document: string | undefined;
  return createRoutes("document").get("/openapi.json", ({ request }) => {
    document ??= JSON.stringify({ ...about, ...describe(routes()) });
    const servers = JSON.stringify([{ url: basePathOf(request) || "/", description: "This server" }]);
    const headers = { "content-type": "application/json;charset=utf-8" };
    return new Response(`${document.slice(0, -1)},"servers":${servers}}`, { headers });
  });
}
