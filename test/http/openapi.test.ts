import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import packageJson from "../../package.json";
import { DowntimeSchema, DraftSchema } from "../../src/downtime/downtime.ts";
import { filterFields, PageSchema } from "../../src/downtime/filter.ts";
import { as, posting, type Service, startService } from "../harness.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

// biome-ignore lint/suspicious/noExplicitAny: the document is read without types, as by any client
type Document = any;

/** Expects the fields that the schema requires and no others, at every depth. */
function expectToFit(example: Document, schema: Document): void {
  if (example === null || typeof example !== "object") return;
  const { items, properties, required = [] } = schema;
  if (items) for (const each of example) expectToFit(each, items);
  if (!properties) return;
  expect(Object.keys(example)).toEqual(expect.arrayContaining(required));
  for (const [name, value] of Object.entries(example)) {
    expect(Object.keys(properties)).toContain(name);
    expectToFit(value, properties[name]);
  }
}

const read = async (): Promise<Document> => (await service.send("/openapi.json")).json();

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const document = await read();
    expect(document.openapi).toStartWith("3.1.");
    await SwaggerParser.validate(structuredClone(document));
  });

  test("describes every route of the API, and only routes", async () => {
    const { paths } = await read();
    const described = Object.entries(paths).map(
      ([path, methods]) => `${path} ${Object.keys(methods as object).join(" ")}`,
    );
    expect(described.sort()).toEqual([
      "/api/ get post",
      "/api/availability/ get",
      "/api/changes/ get",
      "/api/changes/stream get",
      "/api/changesets/{id}/undo/ post",
      "/api/notifications/ get post",
      "/api/notifications/{id}/ get patch delete",
      "/api/report/ get",
      "/api/series/ get post",
      "/api/series/{id}/ get patch delete",
      "/api/uptime/ get post",
      "/api/users/ get post",
      "/api/users/{id}/ patch",
      "/api/why/ get",
      "/api/{id}/ get patch delete",
      "/calendar.ics get",
      "/health get",
      "/health/live get",
      "/metrics get",
      "/vosi/availability get",
    ]);
  });

  test("names every filter, with a description and an example", async () => {
    const { parameters } = (await read()).paths["/api/"].get;
    expect(parameters.map(({ name }: Document) => name)).toEqual([
      ...filterFields,
      ...Object.keys(PageSchema.properties),
    ]);
    for (const { description, example } of parameters) {
      expect(description.length).toBeGreaterThan(10);
      expect(example).toBeDefined();
    }
  });

  test("has an example of every body and response, which matches its schema", async () => {
    const document = await SwaggerParser.dereference((await read()) as never);
    for (const methods of Object.values((document as Document).paths))
      for (const operation of Object.values(methods as Document) as Document[]) {
        expect(operation.summary).toBeDefined();
        expect(operation.security).toBeDefined();
        const contents = [operation.requestBody, ...Object.values(operation.responses)].flatMap((each: Document) =>
          Object.values(each?.content ?? {}),
        );
        for (const { example, schema } of contents as Document[]) {
          expect(example).toBeDefined();
          expectToFit(example, schema);
        }
      }
  });

  test("lists every parameter that an operation accepts", async () => {
    const { paths } = await read();
    const parametersOf = ({ parameters }: Document) => parameters.map(({ name }: Document) => name);
    expect(parametersOf(paths["/api/{id}/"].patch)).toEqual(["id", "If-Match"]);
    expect(parametersOf(paths["/api/{id}/"].delete)).toEqual(["id", "If-Match"]);
    const ofSeries = ["id", "from", "begun", "dry_run", "If-Match"];
    expect(parametersOf(paths["/api/series/{id}/"].patch)).toEqual(ofSeries);
    expect(parametersOf(paths["/api/series/{id}/"].delete)).toEqual(ofSeries);
    expect(parametersOf(paths["/api/changes/stream"].get)).toEqual(["since", "Last-Event-ID"]);
  });

  test("lists the errors of each operation", async () => {
    const { paths } = await read();
    const errorsOf = ({ responses }: Document) => Object.keys(responses).filter((status) => Number(status) >= 400);
    const errors = Object.entries(paths as Document).flatMap(([path, methods]) =>
      Object.entries(methods as Document).map(([method, one]) => `${method} ${path} ${errorsOf(one).join(" ")}`),
    );
    expect(errors.sort()).toEqual([
      "delete /api/notifications/{id}/ 400 401 403 404 429 503",
      "delete /api/series/{id}/ 400 401 403 404 412 429 503",
      "delete /api/{id}/ 400 401 403 404 412 429 503",
      "get /api/ 400 401 429 503",
      "get /api/availability/ 400 401 429 503",
      "get /api/changes/ 400 401 410 429 503",
      "get /api/changes/stream 400 401 410 429 503",
      "get /api/notifications/ 400 401 403 429 503",
      "get /api/notifications/{id}/ 400 401 403 404 429 503",
      "get /api/report/ 400 401 429 503",
      "get /api/series/ 400 401 429 503",
      "get /api/series/{id}/ 400 401 404 429 503",
      "get /api/uptime/ 400 401 403 429 503",
      "get /api/users/ 400 401 403 429 503",
      "get /api/why/ 400 401 429 503",
      "get /api/{id}/ 400 401 404 429 503",
      "get /calendar.ics 400 503",
      "get /health 400 503",
      "get /health/live 400 503",
      "get /metrics 400 503",
      "get /vosi/availability 400 404 503",
      "patch /api/notifications/{id}/ 400 401 403 404 408 409 413 415 429 503",
      "patch /api/series/{id}/ 400 401 403 404 408 409 412 413 415 429 503",
      "patch /api/users/{id}/ 400 401 403 404 408 409 413 415 429 503",
      "patch /api/{id}/ 400 401 403 404 408 412 413 415 429 503",
      "post /api/ 400 401 403 408 413 415 429 503",
      "post /api/changesets/{id}/undo/ 400 401 403 404 409 429 503",
      "post /api/notifications/ 400 401 403 408 409 413 415 429 503",
      "post /api/series/ 400 401 403 408 409 413 415 429 503",
      "post /api/uptime/ 400 401 403 408 413 415 429 503",
      "post /api/users/ 400 401 403 408 409 413 415 429 503",
    ]);
  });

  test("has the code's own schemas, and the schemes that the code accepts", async () => {
    const { components } = await read();
    expect(Object.keys(components.schemas.Downtime.properties)).toEqual(Object.keys(DowntimeSchema.properties));
    expect(components.schemas.DowntimeDraft.required).toEqual(DraftSchema.required);
    expect(Object.keys(components.securitySchemes)).toEqual(["basic", "token"]);
  });

  test("has examples that work when they are sent, on the bundled observatory", async () => {
    const { paths } = await read();
    const bundled = await startService({ settings: { CONFIGDB_URL: "" } });
    try {
      for (const path of ["/api/", "/api/series/", "/api/notifications/"]) {
        const { example } = paths[path].post.requestBody.content["application/json"];
        expect((await bundled.ask(path, posting(example))).status).toBe(201);
      }
    } finally {
      await bundled.stop();
    }
  });
});

describe("the explorer", () => {
  test("loads everything from this service", async () => {
    const page = await (await service.send("/docs/")).text();
    const loaded = [...page.matchAll(/<(?:link|script)[^>]+(?:src|href)="([^"]+)"/g)].map(([, path]) => path as string);
    expect(loaded.map((path) => path.replace(/\?v=.*/, ""))).toEqual(
      expect.arrayContaining(["/assets/swagger-ui.css", "/assets/swagger-ui-bundle.js", "/assets/explorer.js"]),
    );
    for (const path of loaded) expect((await service.send(path)).status).toBe(200);
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(page).toContain("/openapi.json");
  });

  test("is JSON at the URL of OCS Downtime, as its clients request it", async () => {
    const document = await read();
    for (const path of ["/openapi/?format=openapi-json", "/openapi?format=openapi-json", "/openapi/?format=openapi"]) {
      const answer = await service.send(path);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json;charset=utf-8"]);
      expect((await answer.json()) as Document).toEqual(document);
    }
  });

  test("is found at the URLs of OCS Downtime", async () => {
    for (const path of ["/openapi/", "/redoc/"])
      expect((await service.send(path)).headers.get("location")).toEndWith("/docs/");
  });
});

test("health has the engine and the age of ConfigDB's response, but not its URL", async () => {
  service.clock.forward(90_000);
  const { version } = packageJson;
  const health = { status: 200, body: { status: "ok", database: "sqlite", configdb: { age_seconds: 90 }, version } };
  for (const headers of [{}, { authorization: "Token old" }, as("ada")])
    expect(await service.ask("/health", { headers })).toEqual(health);
});

test("health is 503 when the database doesn't respond", async () => {
  const broken = await startService();
  await broken.services.close();
  expect(await broken.ask("/health")).toMatchObject({ status: 503, body: { status: "unavailable" } });
  await broken.stop();
});
