/** `/health`: the health check. */

import { Type } from "@sinclair/typebox";
import packageJson from "../package.json";
import { answer, operation } from "./http/openapi.ts";
import { createRoutes } from "./http/request-context.ts";
import type { AppServices } from "./services.ts";

const { version } = packageJson;
const headers = { "cache-control": "no-store" };

export function healthRoutes({ configdb, ping, engine, importGate, log, backups }: AppServices) {
  const health = async () => {
    const failure = await ping().then(importGate.refusal, (error) => {
      log.error("the database can't be used", { error: String(error), cause: error.cause && String(error.cause) });
      return { detail: undefined };
    });
    return Response.json(
      {
        status: failure ? "unavailable" : "ok",
        database: engine,
        configdb: { age_seconds: configdb.state().ageSeconds ?? null },
        backup: backups?.state(),
        detail: failure?.detail,
        version,
      },
      { status: failure ? 503 : 200, headers },
    );
  };
  return createRoutes("health")
    .get("/health", () => health(), healthOperation)
    .get("/health/live", () => Response.json({ status: "ok", version }, { headers }), liveOperation);
}

const versionSchema = Type.String({ description: "The service's version.", examples: [version] });
const ageSchema = (description: string, example: number) =>
  Type.Union([Type.Number(), Type.Null()], { description, examples: [example] });
const BackupSchema = Type.Object(
  {
    age_seconds: ageSchema("Age of the newest; null: none.", 3600),
    failed: Type.Boolean({ description: "Whether the last attempt failed." }),
  },
  { description: "The scheduled backups, if there are any." },
);
const HealthSchema = Type.Object(
  {
    status: Type.Union([Type.Literal("ok"), Type.Literal("unavailable")]),
    database: Type.String({ description: "The database engine.", examples: ["sqlite"] }),
    configdb: Type.Object({
      age_seconds: ageSchema("Age of the ConfigDB answer in use; null: there was never one.", 42),
    }),
    backup: Type.Optional(BackupSchema),
    detail: Type.Optional(Type.String({ description: "Why downtimes can't be served, and what to do." })),
    version: versionSchema,
  },
  { $id: "Health" },
);

const failure = { status: "unavailable", database: "sqlite", configdb: { age_seconds: 42 }, version };
const reason = "The database can't be reached, or it holds downtimes that must be imported first.";
const healthOperation = operation("getHealth", "Check that the service works", {
  tag: "Operation",
  access: "public",
  answers: { 200: answer("It works.", HealthSchema) },
  errors: [{ 503: answer(reason, HealthSchema, {}, failure) }],
});

const liveOperation = operation("getLiveness", "Check that the process answers, even without the database", {
  tag: "Operation",
  access: "public",
  answers: { 200: answer("It does.", Type.Object({ status: Type.Literal("ok"), version: versionSchema })) },
});
