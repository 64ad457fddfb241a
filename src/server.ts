/** The web server: listens, prints the start-up block, and shuts down on a signal. */

import { hashPassword, hashToken, newPassword, newSecret } from "./auth/secrets.ts";
import { startBackups } from "./backups.ts";
import { createDispatch } from "./dispatch.ts";
import { maxBodyBytes } from "./http/body.ts";
import { Conflict, Unavailable } from "./input/problem.ts";
import { commandLine, say } from "./input/terminal.ts";
import { startNotifier, usualPauses } from "./notify/notifier.ts";
import { createEmails, createWebhooks } from "./notify/receiver-client.ts";
import type { Services } from "./services.ts";
import { createWorkers } from "./workers.ts";

/** How long open requests may take to finish on shutdown. */
const graceMillis = 4000;

/** Starts the web server. @param stopping ends event streams, which otherwise never end. @throws Unavailable */
export function listen(services: Services, stopping = new AbortController().signal, pauses = usualPauses) {
  const { config, clock, log } = services;
  const { HOST: hostname, PORT: port } = config;
  const workers = createWorkers(services);
  const backups = startBackups(config, clock, log);
  const app = createDispatch({ ...services, stopping, backups }, workers);
  try {
    // A body may have twice the limit, so that routes can respond to one that is too large. By default, Elysia lets processes
    // share a port; here that would be a mistake.
    app.listen({ hostname, port, maxRequestBodySize: 2 * maxBodyBytes, development: false, reusePort: false });
  } catch (error) {
    throw new Unavailable(`Can't listen on ${hostname} port ${port}: ${(error as Error).message}`);
  }
  const stopNotifier = startNotifier({
    ...services,
    webhook: createWebhooks(pauses.attemptMillis, config.NOTIFY_ALLOW_PRIVATE),
    email: createEmails(pauses.attemptMillis, config.SMTP_URL, config.NOTIFY_FROM),
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
export async function serve(services: Services, atEnd: () => Promise<void>): Promise<void> {
  // The service continues without a reader of its output.
  process.stdout.removeAllListeners("error").on("error", () => {});
  const { config } = services;
  const stopping = new AbortController();
  const app = listen(services, stopping.signal);
  const waiting = await services.importGate.count();
  // Before a migration, `admin` may be the name of a user to migrate.
  const firstUser = waiting > 0 ? undefined : await createFirstUser(services);
  const { source, isExample } = services.configdb.state();
  say(`Downtime    ${app.server?.url}${config.BASE_PATH.slice(1)}`);
  say(`Database    ${services.description}`);
  say(`ConfigDB    ${source}${isExample ? " (set CONFIGDB_URL to use your own)" : ""}`);
  if (!config.TRUST_PROXY) say("Proxy       not trusted (set TRUST_PROXY=true behind one)");
  if (waiting > 0)
    say(`Migration   ${waiting.toLocaleString("en")} downtimes are ready to migrate: downtime import --from-django`);
  if (firstUser) say(`Admin       ${firstUser.name} / ${firstUser.password} (shown once; save it now)`);

  const stop = async () => {
    setTimeout(() => process.exit(0), graceMillis).unref();
    stopping.abort();
    await app.stop();
    await services.close();
    await atEnd();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** Creates a staff user if there are no users and no portal; otherwise nobody could write. */
async function createFirstUser({ config, users, clock }: Services) {
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
