/** `/api/uptime/`: telescopes that are up on granted nights only. Compatible with newer versions of OCS Downtime. */

import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { readJsonList } from "../http/body.ts";
import { json, written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import { Invalid } from "../input/problem.ts";
import { Refusals } from "../input/readers.ts";
import { readSeriesQuery } from "../series/api.ts";
import { createGrants, type GrantServices } from "./grants.ts";
import { uptimeOperations } from "./openapi.ts";
import { upIn } from "./uptime.ts";
import { readSpan } from "./uptime-request.ts";

export type UptimeServices = GrantServices & Pick<StaffPageServices, "auth" | "clock">;

export function uptimeRoutes(services: UptimeServices) {
  const { auth, uptimes, configdb, clock } = services;
  const grants = createGrants(services);

  const grant = async (caller: RequestContext) => {
    const user = await auth.requireStaff(caller.request, addressOf(caller));
    const { dryRun } = readSeriesQuery(caller.request);
    const read = await grants.read(await readJsonList(caller.request));
    if (!dryRun) {
      for (const one of read) await grants.store(one, authorOf(user, clock()));
      return written({ success: true }, 200);
    }
    const results = read.map(async (one) => {
      const { create, change, remove } = await grants.attempt(one);
      return {
        ...{ ...one.semester, ...one.place, created: create },
        changed: change.map(({ row, to }) => ({ id: row.downtime.id, ...to })),
        deleted: remove.map(({ downtime }) => downtime),
      };
    });
    return written({ success: true, dry_run: true, results: await Promise.all(results) }, 200);
  };

  const show = async (caller: RequestContext) => {
    await auth.requireStaff(caller.request, addressOf(caller));
    const read = readSpan(Object.fromEntries(new URL(caller.request.url).searchParams), configdb.get());
    if (read instanceof Refusals) throw new Invalid(read.errors);
    const down = await uptimes.find(read, read);
    const { category: _, reason: __, ...sent } = read;
    const up = down.length > 0 ? upIn(down, read) : [];
    return json({ ...sent, uptimes: up.map(({ start, end }) => [start, end]) });
  };

  const methods = { GET: [show, uptimeOperations.show], POST: [grant, uptimeOperations.grant] } as const;
  return resource("/api/uptime/", "Uptime", auth, methods);
}
