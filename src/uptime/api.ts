/** `/api/uptime/`: telescopes that are up on granted nights only. Compatible with newer versions of OCS Downtime. */

import { Type } from "@sinclair/typebox";
import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { DraftSchema } from "../downtime/downtime.ts";
import { readJsonList } from "../http/body.ts";
import { json } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { answer, operation } from "../http/openapi.ts";
import type { RequestContext } from "../http/request-context.ts";
import { Invalid } from "../input/problem.ts";
import { Refusals } from "../input/readers.ts";
import { readSeriesQuery } from "../series/api.ts";
import { dry_run } from "../series/openapi.ts";
import { createGrants, type GrantServices, GroupSchema, readSpan, UptimeQuery } from "./grants.ts";
import { upIn } from "./uptime.ts";

type UptimeServices = GrantServices & Pick<StaffPageServices, "auth" | "clock">;

export function uptimeRoutes(services: UptimeServices) {
  const { auth, uptimes, configdb, clock } = services;
  const grants = createGrants(services);

  const grant = async (context: RequestContext) => {
    const user = await auth.requireStaff(context.request);
    const { dryRun } = readSeriesQuery(context.request);
    const read = await grants.read(await readJsonList(context.request));
    if (!dryRun) {
      for (const one of read) await grants.store(one, authorOf(user, clock()));
      return Response.json({ success: true });
    }
    const results = read.map(async (one) => {
      const { create, change, remove } = await grants.attempt(one);
      return {
        ...{ ...one.semester, ...one.place, created: create },
        changed: change.map(({ row, to }) => ({ id: row.downtime.id, ...to })),
        deleted: remove.map(({ downtime }) => downtime),
      };
    });
    return Response.json({ success: true, dry_run: true, results: await Promise.all(results) });
  };

  const show = async (context: RequestContext) => {
    await auth.requireStaff(context.request);
    const read = readSpan(Object.fromEntries(new URL(context.request.url).searchParams), configdb.get());
    if (read instanceof Refusals) throw new Invalid(read.errors);
    const down = await uptimes.find(read, read);
    const { category: _, reason: __, ...sent } = read;
    const up = down.length > 0 ? upIn(down, read) : [];
    return json({ ...sent, uptimes: up.map(({ start, end }) => [start, end]) });
  };

  const methods = { GET: [show, operations.show], POST: [grant, operations.grant] } as const;
  return resource("/api/uptime/", "Uptime", auth, methods);
}

const downtimes = Type.Array(DraftSchema);
const TriedSchema = Type.Object({
  ...UptimeQuery.properties,
  created: downtimes,
  changed: downtimes,
  deleted: downtimes,
});
const success = Type.Boolean({ examples: [true] });
const GrantedSchema = Type.Object({ success, dry_run, results: Type.Optional(Type.Array(TriedSchema)) });
const span = Type.Array(DraftSchema.properties.start, { minItems: 2, maxItems: 2 });
const UptimesSchema = Type.Object({ ...UptimeQuery.properties, uptimes: Type.Array(span) });
const common = { tag: "Availability", access: "write" } as const;

const operations = {
  show: operation("getUptime", "Get when a granted telescope is available", {
    ...common,
    description:
      "For staff. The gaps between the downtimes of exactly this telescope and instrument type that overlap a time range.",
    query: UptimeQuery.properties,
    answers: { 200: answer("The gaps.", UptimesSchema) },
  }),
  grant: operation("grantUptime", "Grant nights on a telescope that is closed otherwise", {
    ...common,
    description:
      "For staff. Adds or removes nights, from nautical dusk to dawn, in the semesters that they fall into, one transaction and change set for each. The first grant closes the rest of the semester. Downtimes that weren't made by grants are cut only where they contain all of a night, even if only a part of it is granted. Semesters are those of the Observation Portal (`OBS_PORTAL_URL`), without one those of the setting `SEMESTERS`, or `start` and `end` of the group. A 400 is a list with the errors of each group, or `error` if the portal can't be asked; then nothing is stored.",
    query: { dry_run },
    body: Type.Array(GroupSchema),
    answers: { 200: answer("Stored; with `dry_run`, what would be, by group and semester.", GrantedSchema) },
  }),
};
