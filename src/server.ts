/** The web server: listens, hands heavy requests to workers, prints the start-up block, and shuts down on a signal. */

import { createApp } from "./app.ts";
import { hashPassword, hashToken, newPassword, newSecret } from "./auth/secrets.ts";
import { startBackups } from "./backups.ts";
import { createStaleLists } from "./downtime/api.ts";
import { maxBodyBytes } from "./http/body.ts";
import { isRead } from "./http/methods.ts";
import { pathOf } from "./http/path.ts";
import { createWeights, type Weight } from "./http/weight.ts";
import { Conflict, Overloaded, Unavailable } from "./input/problem.ts";
import { commandLine } from "./input/terminal.ts";
import { createMiddleware, type Handle } from "./middleware.ts";
import { startNotifier, usualPauses } from "./notify/notifier.ts";
import { createEmails, createWebhooks } from "./notify/receiver-client.ts";
import type { AppServices, Services } from "./services.ts";
import { takeTurn } from "./time/event-loop.ts";
import { createWorkers } from "./workers.ts";

/** How long open requests may take to finish on shutdown. */
const graceMillis = 4000;

/** How long a heavy request may take, including its wait: as long as schedulers wait. */
const maxHeavySeconds = 120;

/** Paths that neither return nor store downtimes. */
const holdsNoDowntimes = /^\/(health|openapi\.json|docs|openapi|redoc|assets|theme|metrics)(\/|$)/;

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
  const stopping = new AbortController();
  const app = listen(services, stopping.signal);
  const waiting = await services.importGate.count();
  // Before a migration, `admin` may be the name of a user to migrate.
  const firstUser = waiting > 0 ? undefined : await createFirstUser(services);
  const { source, isExample } = services.configdb.state();
  const lines = [
    `Downtime    ${app.server?.url}${services.config.BASE_PATH.slice(1)}`,
    `Database    ${services.description}`,
    `ConfigDB    ${source}${isExample ? " (set CONFIGDB_URL to use your own)" : ""}`,
    !services.config.TRUST_PROXY && "Proxy       not trusted (set TRUST_PROXY=true behind one)",
    waiting > 0 &&
      `Migration   ${waiting.toLocaleString("en")} downtimes are ready to migrate: downtime import --from-django`,
    firstUser && `Admin       ${firstUser.name} / ${firstUser.password} (shown once; save it now)`,
  ];
  process.stdout.write(`${lines.filter(Boolean).join("\n")}\n`);

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

/** Creates the application with its middleware, which hands heavy requests to workers. */
function createDispatch(given: AppServices, workers: ReturnType<typeof createWorkers>) {
  const staleLists = createStaleLists(given);
  const services: AppServices = { ...given, ping: () => given.ping().then(staleLists.check) };
  const { importGate } = services;
  const created = createApp(services);
  const { app, watch, fail } = created;
  watch.keep(services.snapshot.renew);
  const weigh = createWeights(services.downtimes.version);
  const middleware = createMiddleware(services, created);

  const answerInTurn = async (request: Request, weighed: Promise<Weight> | Weight, here: Handle): Promise<Response> => {
    const weight = await weighed;
    if (weight === "medium") await takeTurn();
    if (weight === "light" || weight === "medium") return here(request);
    // Bun closes idle connections after half a minute.
    app.server?.timeout(request, maxHeavySeconds);
    const response = await workers.answer(request, weight === "vital");
    // The worker may have written.
    if (!isRead(request)) services.commits.dispatchEvent(new Event("commit"));
    return response;
  };

  const answer = (request: Request, here: Handle): Promise<Response> | Response => {
    const failed = (error: unknown) => fail(error, request);
    if (!importGate.isOpen() && !holdsNoDowntimes.test(pathOf(request.url)))
      return importGate
        .refusal()
        .then((refusal) => (refusal ? failed(refusal) : answerInTurn(request, weigh(request), here)))
        .catch(failed);
    const weight = weigh(request);
    const response = weight === "light" ? here(request) : answerInTurn(request, weight, here);
    if (response instanceof Response) return response;
    const orStale = (response: Response) => staleLists.instead(request, response);
    // An overload doesn't mean that the database is down.
    const recover = (error: unknown) => (error instanceof Overloaded ? failed(error) : failed(error).then(orStale));
    return response.then(orStale, recover).catch(failed);
  };

  // Elysia calls this for each request, so it must be cheap. Cast: Elysia's type of `routes` is too general.
  return app
    .onStop(watch.close)
    .wrap((routes) => middleware((request) => answer(request, routes as unknown as Handle)));
}
