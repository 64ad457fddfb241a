/** `/health`: whether the service works, for whoever watches it. */

import type { Configdb } from "../remote/configdb.ts";
import { detailOf } from "./api/document.ts";
import { createRoutes } from "./caller.ts";

export interface HealthParts {
  readonly configdb: Configdb;
  /** Asks the database something small. @throws when it doesn't answer */
  readonly ping: () => Promise<void>;
  /** The database's engine, for people. */
  readonly engine: string;
}

export function healthRoutes({ configdb, ping, engine }: HealthParts) {
  const health = async () => {
    const works = await ping().then(
      () => true,
      () => false,
    );
    const { source, ageSeconds } = configdb.state();
    return Response.json(
      { status: works ? "ok" : "unavailable", database: engine, configdb: { source, age_seconds: ageSeconds ?? null } },
      { status: works ? 200 : 503, headers: { "cache-control": "no-store" } },
    );
  };
  return createRoutes("health").get("/health", () => health(), detailOf.health);
}
