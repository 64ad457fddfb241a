/** `/api/uptime/`: telescopes that are up on granted nights only. Compatible with newer versions of OCS Downtime. */

import type { StaffPageServices } from "../account/staff-page.ts";
import { authorOf } from "../auth/change-set-store.ts";
import { type CheckedDraft, checkChange, checkDraft } from "../downtime/downtime.ts";
import { readJsonList } from "../http/body.ts";
import { json, written } from "../http/json.ts";
import { resource } from "../http/methods.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import { Invalid } from "../input/problem.ts";
import { Refusals } from "../input/readers.ts";
import { readSeriesQuery } from "../series/json.ts";
import { clipped, gapsOf, type Interval, merged } from "../time/interval.ts";
import { uptimeOperations } from "./openapi.ts";
import type { createSemesters } from "./semesters-client.ts";
import type { createUptimes, UptimeRow } from "./store.ts";
import { planUptime } from "./uptime.ts";
import { defaultReason, type Group, readGroups, readSpan, UptimeRefused } from "./uptime-request.ts";

export interface UptimeServices extends Pick<StaffPageServices, "auth" | "configdb" | "clock"> {
  readonly uptimes: ReturnType<typeof createUptimes>;
  readonly findSemesters: ReturnType<typeof createSemesters>;
}

type Step = Group & { readonly semester: Interval };

export function uptimeRoutes({ auth, uptimes, findSemesters, configdb, clock }: UptimeServices) {
  /** Returns a group in each semester in which it has nights. @throws UptimeRefused */
  const stepsOf = async (group: Group): Promise<Step[]> => {
    const nights = merged(group.parts);
    const [first, last] = [nights[0], nights.at(-1)];
    if (!first || !last) return [];
    const semesters = group.semester ? [group.semester] : await findSemesters({ start: first.start, end: last.end });
    const missing = group.parts.find((part) => !semesters.some((semester) => clipped([part], semester).length > 0));
    if (missing) throw new UptimeRefused({ error: `The night of ${missing.day} is in no semester.` });
    return semesters
      .filter((semester) => clipped(nights, semester).length > 0)
      .map((semester) => ({ ...group, semester }));
  };

  const planFor =
    ({ place, reason, parts, semester }: Step) =>
    (rows: readonly UptimeRow[]) =>
      planUptime(rows, semester, parts, ({ start, end, from }): CheckedDraft => {
        if (!from) return checkDraft({ ...place, reason: reason ?? defaultReason, start, end }, configdb.get());
        return checkChange(from.downtime, { start, end, ...(from.isOwn && { reason }) }, configdb.get);
      });

  const tryStep = async (step: Step) => {
    const { create, change, remove } = planFor(step)(await uptimes.find(step.place, step.semester));
    return {
      ...{ ...step.semester, ...step.place, created: create },
      changed: change.map(({ row, to }) => ({ id: row.downtime.id, ...to })),
      deleted: remove.map(({ downtime }) => downtime),
    };
  };

  const grant = async (caller: RequestContext) => {
    const user = await auth.requireStaff(caller.request, addressOf(caller));
    const { dryRun } = readSeriesQuery(caller.request);
    const groups = await readGroups(await readJsonList(caller.request), configdb.get());
    // All semesters are known before anything is stored.
    const steps = (await Promise.all(groups.map(stepsOf))).flat();
    if (dryRun) return written({ success: true, dry_run: true, results: await Promise.all(steps.map(tryStep)) }, 200);
    for (const step of steps) await uptimes.change(step, authorOf(user, clock()), planFor(step));
    return written({ success: true }, 200);
  };

  const show = async (caller: RequestContext) => {
    await auth.requireStaff(caller.request, addressOf(caller));
    const read = readSpan(Object.fromEntries(new URL(caller.request.url).searchParams), configdb.get());
    if (read instanceof Refusals) throw new Invalid(read.errors);
    const down = merged(clipped(await uptimes.find(read, read), read));
    const { category: _, reason: __, ...sent } = read;
    const up = down.length > 0 ? gapsOf(down, read) : [];
    return json({ ...sent, uptimes: up.map(({ start, end }) => [start, end]) });
  };

  const methods = { GET: [show, uptimeOperations.show], POST: [grant, uptimeOperations.grant] } as const;
  return resource("/api/uptime/", "Uptime", auth, methods);
}
