/** The services of the application, on the main thread and in workers. */

import type { AppServices } from "./app.ts";
import type { Config } from "./config.ts";
import type { TruncationLog } from "./downtime/api.ts";
import { createListCache } from "./downtime/list-cache.ts";
import { createAllowedHosts } from "./http/hosts.ts";
import { createSecurityHeaders } from "./http/middleware.ts";
import type { Log } from "./http/request-log.ts";
import type { assembleServices } from "./services.ts";

interface Surroundings {
  readonly config: Config;
  readonly log: Log;
  readonly cutNotice: TruncationLog;
  /** Ends event streams on shutdown. */
  readonly stopping?: AbortSignal;
  readonly backups?: AppServices["backups"];
  /** Maximum memory of cached responses, in bytes. */
  readonly keptBytes: number;
}

export function appPartsOf(
  parts: ReturnType<typeof assembleServices>,
  { config, log, cutNotice, stopping, backups, keptBytes }: Surroundings,
): AppServices {
  const hardening = createSecurityHeaders(config.LOGO_URL);
  return {
    ...parts,
    hardening,
    answers: createListCache({
      downtimes: parts.downtimes,
      facility: parts.configdb.find,
      hardening,
      mostRows: config.MAX_LIMIT,
      sinceDays: config.LIST_SINCE_DAYS,
      clock: parts.clock,
      keptBytes,
    }),
    cutNotice,
    logAddresses: config.LOG_ADDRESSES,
    logoUrl: config.LOGO_URL,
    debug: config.DEBUG,
    ...(stopping && { stopping }),
    ...(backups && { backups }),
    corsOrigins: config.CORS_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    basePath: config.BASE_PATH,
    allowedHosts: createAllowedHosts(config.ALLOWED_HOSTS),
    log,
  };
}
