/** Serving: listens, says so, and ends in order when told to. */

import { appPartsOf } from "./app-services.ts";
import { hashPassword, hashToken, newPassword, newSecret } from "./auth/secrets.ts";
import type { Config } from "./config.ts";
import { createDispatch } from "./dispatch.ts";
import { createTruncationLog } from "./downtime/truncation-log.ts";
import { longestBody } from "./http/body.ts";
import type { Log } from "./http/request-log.ts";
import { Conflict, Unavailable } from "./input/problem.ts";
import type { Services } from "./services.ts";
import { createWorkers } from "./workers.ts";

/** How long open requests may take to end once the service is told to stop. */
const graceMillis = 4000;

/**
 * Starts to answer requests.
 * @param stopping ends the streams that would otherwise stay open for ever
 * @throws Unavailable when the address can't be had
 */
export function listen(
  parts: Services,
  config: Config,
  log: Log,
  stopping: AbortSignal = new AbortController().signal,
) {
  const cutNotice = createTruncationLog(parts.steadyClock, log.warn);
  const workers = createWorkers({ ...parts, config, log, cutNotice });
  const app = createDispatch(
    appPartsOf(parts, { config, log, cutNotice, stopping, keptBytes: config.CACHE_MB * 1024 * 1024 }),
    workers,
  );
  // Twice the limit reaches the routes, so that they can say in words that a body is too large.
  const maxRequestBodySize = 2 * longestBody;
  try {
    // Elysia lets any number of processes share a port; here a second one is a mistake, and is told so.
    app.listen({ hostname: config.HOST, port: config.PORT, maxRequestBodySize, development: false, reusePort: false });
  } catch (error) {
    throw new Unavailable(`Can't listen on ${config.HOST} port ${config.PORT}: ${(error as Error).message}`);
  }
  return {
    server: app.server,
    routes: app.routes,
    /** @param closeActiveConnections whether open requests are given up */
    async stop(closeActiveConnections?: boolean) {
      await app.stop(closeActiveConnections);
      await workers.close();
    },
  };
}

/** Serves until SIGTERM or SIGINT: then open requests end, and new ones are refused. */
export async function serve(
  parts: Services,
  config: Config,
  log: Log,
  atEnd: () => Promise<void> = async () => {},
): Promise<void> {
  const stopping = new AbortController();
  const app = listen(parts, config, log, stopping.signal);
  const waiting = await parts.importGate.count();
  // Where some wait to be moved in, their names must not be taken.
  const firstUser = waiting > 0 ? undefined : await makeFirstUser(parts, config);
  const { source, isExample } = parts.configdb.state();
  process.stdout.write(
    [
      `Downtime    ${app.server?.url}`,
      `Database    ${parts.description}`,
      `ConfigDB    ${source}${isExample ? " (set CONFIGDB_URL to use yours)" : ""}`,
      ...(config.TRUST_PROXY ? [] : ["Proxy       not trusted (behind one, set TRUST_PROXY=true)"]),
      ...(waiting > 0
        ? [`Moving in   ${waiting} downtimes of the original wait here: bun src/main.ts import --from-django`]
        : []),
      ...(firstUser ? [`First user  ${firstUser.name}, password ${firstUser.password} (shown this once)`] : []),
      "",
    ].join("\n"),
  );

  const stop = async () => {
    setTimeout(() => process.exit(0), graceMillis).unref();
    stopping.abort();
    await app.stop();
    await parts.close();
    await atEnd();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** A service that nobody can write to is of no use: makes a staff user where there is none and no portal either. */
async function makeFirstUser(
  { users, clock }: Services,
  config: Config,
): Promise<{ name: string; password: string } | undefined> {
  if (config.OAUTH_TOKEN_URL || (await users.areThereAny())) return undefined;
  const name = "admin";
  const password = newPassword();
  try {
    const passwordHash = await hashPassword(password);
    await users.add({ name, staff: true, passwordHash, tokenHash: hashToken(newSecret()) }, clock());
    return { name, password };
  } catch (error) {
    // Another process that started at the same moment made the user and showed its password.
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}
