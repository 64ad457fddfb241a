/** `/health`: the health check. */

import { Type } from "@sinclair/typebox";
import packageJson from "../package.json";
import type { Auth, Found } from "./auth/authenticate.ts";
import type { BackupState } from "./backups.ts";
import type { Configdb } from "./facility/configdb.ts";
import { answer, operation } from "./http/openapi.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "./http/request-context.ts";
import type { Log } from "./http/request-log.ts";
import type { ImportGate } from "./import/import-store.ts";

export interface HealthServices {
  readonly auth: Auth;
  readonly configdb: Configdb;
  readonly log: Pick<Log, "error">;
  /** Reads from the database. @throws if it can't be read */
  readonly ping: () => Promise<void>;
  /** The database's engine. */
  readonly engine: string;
  readonly importGate: ImportGate;
  /** The state of the scheduled backups, if there are any. */
  readonly backups?: (() => BackupState) | undefined;
}

const { version } = packageJson;
const headers = { "cache-control": "no-store" };

export function healthRoutes({ auth, configdb, ping, engine, importGate, log, backups }: HealthServices) {
  const health = async (context: RequestContext) => {
    const works = await ping().then(
      () => true,
      (error) => {
        log.error("the database can't be used", { error: String(error), cause: error.cause && String(error.cause) });
        return false;
      },
    );
    const refusal = works ? await importGate.refusal() : undefined;
    const isOk = works && !refusal;
    // Wrong credentials must not make the health check fail.
    const { user } = await auth.identify(context.request, addressOf(context)).catch((): Found => ({}));
    const { source, ageSeconds } = configdb.state();
    const about = { ...(user && { source }), age_seconds: ageSeconds ?? null };
    return Response.json(
      {
        status: isOk ? "ok" : "unavailable",
        database: engine,
        configdb: about,
        ...(backups && { backup: backups() }),
        ...(refusal && { detail: refusal.detail }),
        version,
      },
      { status: isOk ? 200 : 503, headers },
    );
  };
  return createRoutes("health")
    .get("/health", serving(health), healthOperation)
    .get("/health/live", () => Response.json({ status: "ok", version }, { headers }), liveOperation);
}

const versionSchema = Type.String({ description: "The service's version.", examples: [version] });

const HealthSchema = Type.Object(
  {
    status: Type.Union([Type.Literal("ok"), Type.Literal("unavailable")]),
    database: Type.String({ description: "The database engine.", examples: ["sqlite"] }),
    configdb: Type.Object({
      source: Type.Optional(
        Type.String({ description: "Where ConfigDB's answer comes from; only for signed-in users." }),
      ),
      age_seconds: Type.Union([Type.Number(), Type.Null()], {
        description: "Age of the ConfigDB answer in use; null: there was never one.",
        examples: [42],
      }),
    }),
    backup: Type.Optional(
      Type.Object(
        {
          age_seconds: Type.Union([Type.Number(), Type.Null()], {
            description: "Age of the newest; null: none.",
            examples: [3600],
          }),
          failed: Type.Boolean({ description: "Whether the last attempt failed." }),
        },
        { description: "The scheduled backups, if there are any." },
      ),
    ),
    detail: Type.Optional(Type.String({ description: "Why downtimes can't be served, and what to do." })),
    version: versionSchema,
  },
  { $id: "Health" },
);

const failure = { status: "unavailable", database: "sqlite", configdb: { age_seconds: 42 }, version };
const reason = "The database can't be reached, or it holds downtimes that must be imported first.";
const healthOperation = operation("getHealth", "Check that the service works", {
  tag: "Operation",
  access: "optional",
  answers: { 200: answer("It works.", HealthSchema) },
  errors: [{ 503: answer(reason, HealthSchema, {}, failure) }],
});

const liveOperation = operation("getLiveness", "Check that the process answers, even without the database", {
  tag: "Operation",
  access: "public",
  answers: { 200: answer("It does.", Type.Object({ status: Type.Literal("ok"), version: versionSchema })) },
});
