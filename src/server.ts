/** The web server: listens, prints the start-up block, and shuts down on a signal. */

import { appPartsOf } from "./app-services.ts";
import { hashPassword, hashToken, newPassword, newSecret } from "./auth/secrets.ts";
import { startBackups } from "./backups.ts";
import type { Config } from "./config.ts";
import { createDispatch } from "./dispatch.ts";
import { createTruncationLog } from "./downtime/api.ts";
import { maxBodyBytes } from "./http/body.ts";
import type { Log } from "./http/request-log.ts";
import { Conflict, Unavailable } from "./input/problem.ts";
import { commandLine } from "./input/terminal.ts";
import { startNotifier, usualPauses } from "./notify/notifier.ts";
import { createEmails, createWebhooks } from "./notify/receiver-client.ts";
import { databaseSettingsOf, type Services } from "./services.ts";
import { createWorkers } from "./workers.ts";

/** How long open requests may take to finish on shutdown. */
const graceMillis = 4000;

/**
 * Starts the web server.
 * @param pauses of the notifier
 * @param stopping ends event streams, which otherwise never end
 * @throws Unavailable if it can't listen on the address
 */
export function listen(
  parts: Services,
  config: Config,
  log: Log,
  stopping: AbortSignal = new AbortController().signal,
  pauses = usualPauses,
) {
  const cutNotice = createTruncationLog(parts.steadyClock, log.warn);
  const workers = createWorkers({ ...parts, config, log, cutNotice });
  const backups = startBackups({ ...config, settings: databaseSettingsOf(config), clock: parts.clock, log });
  const app = createDispatch(
    appPartsOf(parts, {
      config,
      log,
      cutNotice,
      stopping,
      ...(backups && { backups: backups.state }),
      keptBytes: config.CACHE_MB * 1024 * 1024,
    }),
    workers,
  );
  // Twice the limit, so that routes can respond to a body that is too large.
  const maxRequestBodySize = 2 * maxBodyBytes;
  try {
    // By default, Elysia lets processes share a port; here that would be a mistake.
    app.listen({ hostname: config.HOST, port: config.PORT, maxRequestBodySize, development: false, reusePort: false });
  } catch (error) {
    throw new Unavailable(`Can't listen on ${config.HOST} port ${config.PORT}: ${(error as Error).message}`);
  }
  const stopNotifier = startNotifier({
    ...parts,
    webhook: createWebhooks(pauses.attemptMillis, config.NOTIFY_ALLOW_PRIVATE),
    email: createEmails(pauses.attemptMillis, config.SMTP_URL, config.NOTIFY_FROM),
    log,
    pauses,
  });
  return {
    server: app.server,
    routes: app.routes,
    backups,
    /** @param closeActiveConnections whether to abort open requests */
    async stop(closeActiveConnections?: boolean) {
      backups?.close();
      await app.stop(closeActiveConnections);
      await stopNotifier();
      await workers.close();
    },
  };
}

/** Serves until SIGTERM or SIGINT; then finishes open requests, and rejects new ones. */
export async function serve(
  parts: Services,
  config: Config,
  log: Log,
  atEnd: () => Promise<void> = async () => {},
): Promise<void> {
  const stopping = new AbortController();
  const app = listen(parts, config, log, stopping.signal);
  const waiting = await parts.importGate.count();
  // Before a migration, `admin` may be the name of a user to migrate.
  const firstUser = waiting > 0 ? undefined : await createFirstUser(parts, config);
  const { source, isExample } = parts.configdb.state();
  process.stdout.write(
    [
      `Downtime    ${app.server?.url}${config.BASE_PATH.slice(1)}`,
      `Database    ${parts.description}`,
      `ConfigDB    ${source}${isExample ? " (set CONFIGDB_URL to use your own)" : ""}`,
      ...(config.TRUST_PROXY ? [] : ["Proxy       not trusted (set TRUST_PROXY=true behind one)"]),
      ...(waiting > 0
        ? [`Migration   ${waiting.toLocaleString("en")} downtimes are ready to migrate: downtime import --from-django`]
        : []),
      ...(firstUser ? [`Admin       ${firstUser.name} / ${firstUser.password} (shown once; save it now)`] : []),
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

/** Creates a staff user if there are no users and no portal; otherwise nobody could write. */
async function createFirstUser(
  { users, clock }: Services,
  config: Config,
): Promise<{ name: string; password: string } | undefined> {
  if (config.OAUTH_TOKEN_URL || (await users.areThereAny())) return undefined;
  const name = "admin";
  const password = newPassword();
  try {
    const passwordHash = await hashPassword(password);
    const author = { by: commandLine, at: clock() };
    await users.add({ name, staff: true, passwordHash, tokenHash: hashToken(newSecret()) }, author);
    return { name, password };
  } catch (error) {
    // Another process, started at the same time, created the user and printed the password.
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}
