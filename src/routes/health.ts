/** `/health`: whether the service works, for whoever watches it. */

import type { Auth } from "../auth/authenticate.ts";
import type { Configdb } from "../remote/configdb.ts";
import { detailOf } from "./api/document.ts";
import { addressOf, type Caller, createRoutes, serving } from "./caller.ts";

export interface HealthParts {
  readonly auth: Auth;
  readonly configdb: Configdb;
  /** Asks the database something small. @throws when it doesn't answer */
  readonly ping: () => Promise<void>;
  /** The database's engine, for people. */
  readonly engine: string;
}

export function healthRoutes({ auth, configdb, ping, engine }: HealthParts) {
  const health = async (caller: Caller) => {
    const works = await ping().then(
      () => true,
      () => false,
    );
    // Whoever watches the service needs no credentials, and wrong ones must not look like a service that fails.
    const user = await auth.identify(caller.request, addressOf(caller)).catch(() => undefined);
    const { source, ageSeconds } = configdb.state();
    const about = { ...(user && { source }), age_seconds: ageSeconds ?? null };
    return Response.json(
      { status: works ? "ok" : "unavailable", database: engine, configdb: about },
      { status: works ? 200 : 503, headers: { "cache-control": "no-store" } },
    );
  };
  return createRoutes("health").get("/health", serving(health), detailOf.health);
}
