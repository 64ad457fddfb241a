/** Monitoring: the health checks, and `/metrics` in Prometheus's text format 0.0.4. */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { Type } from "@sinclair/typebox";
import type { Gauge } from "prom-client";
import packageJson from "../package.json";
import { telescopeStatusesOf } from "./availability/why.ts";
import { stateOf } from "./downtime/downtime.ts";
import type { Watch } from "./http/event-stream.ts";
import { answer, operation, textContent } from "./http/openapi.ts";
import { createRoutes, type RequestLine } from "./http/request-context.ts";
import type { AppServices, Services } from "./services.ts";
import { moved, toInstant } from "./time/instant.ts";

type MetricsServices = Services & { readonly requests: RequestCounts; readonly watch: Watch };

type Values = readonly { readonly value: number; readonly labels?: object }[];

export function metricsRoutes(services: MetricsServices) {
  const { answers, requests, watch, openWrites, portal, configdb } = services;
  const delays = monitorEventLoopDelay({ resolution: 20 });

  const show = async () => {
    // Loaded and enabled by the first request: few services are watched.
    delays.enable();
    const { Registry } = await import("prom-client");
    const registry = new Registry();
    const add = (type: string, name: string, help: string, values: Values | number = []) => {
      const metric = { name, help, type, values: typeof values === "number" ? [{ value: values }] : values };
      // Cast: a histogram of prom-client can't be set to counts made elsewhere, which cost requests less than observing.
      registry.registerMetric({ ...metric, get: async () => metric } as unknown as Gauge);
    };
    const stored = await readStored(services).catch(() => undefined);
    add("gauge", "downtime_database_up", "Whether the database can be read.", stored ? 1 : 0);
    add("gauge", "downtime_downtimes", "Downtimes by state.", stored?.downtimes);
    add("gauge", "downtime_telescopes", "Active telescopes by state.", stored?.telescopes);
    add("gauge", "downtime_notifications", "Messages that wait or have failed.", stored?.notifications);
    const duration = "downtime_http_request_duration_seconds";
    add("histogram", duration, "Time until a response begins.", requests.histogram(duration));
    const delay = (quantile: number) => ({ value: delays.percentile(100 * quantile) / 1e9, labels: { quantile } });
    const help = "Delay of the main thread since the last scrape.";
    add("summary", "downtime_event_loop_delay_seconds", help, [0.5, 0.99, 1].map(delay));
    delays.reset();
    add("gauge", "downtime_write_queue_length", "Transactions of the main thread that wait or run.", openWrites());
    add("gauge", "downtime_event_streams", "Open event streams.", watch.count());
    const lookups = labelled("result", answers.lookups);
    add("counter", "downtime_list_cache_lookups_total", "Lists in the main thread's cache, or not.", lookups);
    const ages = labelled("source", { configdb: configdb.state().ageSeconds, portal: portal?.ageSeconds() });
    add("gauge", "downtime_source_age_seconds", "Age of the last valid response.", ages);
    const failures = labelled("source", { configdb: configdb.failures(), portal: portal?.failures() });
    add("counter", "downtime_source_failures_total", "Failed requests.", failures);
    const headers = { "content-type": registry.contentType, "cache-control": "no-store" };
    return new Response(await registry.metrics(), { headers });
  };
  return createRoutes("metrics").get("/metrics", () => show(), metricsOperation);
}

/** Values by a label; undefined ones are left out. */
const labelled = (label: string, values: Readonly<Record<string, number | undefined>>): Values =>
  Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ value, labels: { [label]: name } }],
  );

/** Reads what only the database knows. @throws Unavailable */
async function readStored({ downtimes, configdb, channels, clock, ping }: MetricsServices) {
  await ping();
  const now = toInstant(clock());
  const next = moved(now, 1000);
  const near = await downtimes.during({}, { start: now, end: next });
  const upcoming = await downtimes.count({ starts_after: next });
  const telescopes = telescopeStatusesOf(configdb.find(), near, now).filter(({ name }) => name.active !== false);
  const counts = await channels.counts();
  const messagesOf = (state: string) => counts.reduce((sum, one) => sum + (one.state === state ? one.count : 0), 0);
  const telescopesOf = (state: string) => telescopes.filter((one) => one.state === state).length;
  const each = (count: (state: string) => number, ...states: readonly string[]) =>
    labelled("state", Object.fromEntries(states.map((state) => [state, count(state)])));
  return {
    notifications: each(messagesOf, "pending", "failed"),
    downtimes: labelled("state", { active: near.filter((one) => stateOf(one, now) === "now").length, upcoming }),
    telescopes: each(telescopesOf, "down", "partly_down", "available"),
  };
}

const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, "+Inf"] as const;
const knownMethods = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

type RequestCounts = ReturnType<typeof createRequestCounts>;

export function createRequestCounts(findRoute: (path: string) => string | undefined) {
  const all = new Map<string, { readonly labels: object; readonly counts: number[]; seconds: number }>();

  return {
    /** Hot path. Clients may invent paths and methods, but the counts must not grow with them. */
    add({ method: sent, path, status, millis }: RequestLine): void {
      const route = findRoute(path) ?? "other";
      const method = knownMethods.test(sent) ? sent : "other";
      const key = `${route} ${method} ${status}`;
      const one = all.get(key) ?? { labels: { route, method, status }, counts: bounds.map(() => 0), seconds: 0 };
      all.set(key, one);
      const index = bounds.findIndex((bound) => bound === "+Inf" || millis <= 1000 * bound);
      one.counts[index] = (one.counts[index] ?? 0) + 1;
      one.seconds += millis / 1000;
    },

    /** The values of a histogram, whose buckets include those below. @param name the metric's */
    histogram: (name: string) =>
      [...all.values()].flatMap(({ labels, counts, seconds }) => {
        const upTo = (index: number) => counts.slice(0, index + 1).reduce((sum, count) => sum + count);
        return [
          ...bounds.map((le, at) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: upTo(at) })),
          { metricName: `${name}_sum`, labels, value: seconds },
          { metricName: `${name}_count`, labels, value: upTo(bounds.length) },
        ];
      }),
  };
}

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
    configdb: Type.Object({ age_seconds: ageSchema("Age of the ConfigDB response in use; null: none so far.", 42) }),
    backup: Type.Optional(BackupSchema),
    detail: Type.Optional(Type.String({ description: "Why downtimes can't be served, and what to do." })),
    version: versionSchema,
  },
  { $id: "Health" },
);

const common = { tag: "Operation", access: "public" } as const;
const failure = { status: "unavailable", database: "sqlite", configdb: { age_seconds: 42 }, version };
const reason = "The database can't be reached, or it holds downtimes that must be migrated first.";
const healthOperation = operation("getHealth", "Check that the service works", {
  ...common,
  answers: { 200: answer("The service works.", HealthSchema) },
  errors: [{ 503: answer(reason, HealthSchema, {}, failure) }],
});

const liveOperation = operation("getLiveness", "Check that the process answers, even without the database", {
  ...common,
  answers: { 200: answer("The process answers.", Type.Object({ status: Type.Literal("ok"), version: versionSchema })) },
});

const metricsContent = textContent("text/plain", 'downtime_telescopes{state="down"} 3\n');
const metricsOperation = operation("getMetrics", "Get metrics for Prometheus", {
  ...common,
  answers: { 200: { description: "The metrics.", content: metricsContent } },
});
