/** Grants of nights: read, planned against what is stored, and stored. What the API and the page do. */

import type { Author } from "../auth/change-set-store.ts";
import { type CheckedDraft, checkChange, checkDraft } from "../downtime/downtime.ts";
import type { Configdb } from "../facility/configdb.ts";
import { clipped, type Interval, merged } from "../time/interval.ts";
import type { createSemesters } from "./semesters-client.ts";
import type { createUptimes, UptimeRow } from "./store.ts";
import { planUptime } from "./uptime.ts";
import { defaultReason, type Group, readGroups, UptimeRefused } from "./uptime-request.ts";

export interface GrantServices {
  readonly configdb: Configdb;
  readonly uptimes: ReturnType<typeof createUptimes>;
  readonly findSemesters: ReturnType<typeof createSemesters>;
}

/** A group in one semester. */
type Grant = Group & { readonly semester: Interval };

export function createGrants({ uptimes, findSemesters, configdb }: GrantServices) {
  /** Returns a group in each semester in which it has nights. @throws UptimeRefused */
  const inSemesters = async (group: Group): Promise<Grant[]> => {
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
    ({ place, reason, parts, semester }: Grant) =>
    (rows: readonly UptimeRow[]) =>
      planUptime(rows, semester, parts, ({ start, end, from }): CheckedDraft => {
        if (!from) return checkDraft({ ...place, reason: reason ?? defaultReason, start, end }, configdb.get());
        return checkChange(from.downtime, { start, end, ...(from.isOwn && { reason }) }, configdb.get);
      });

  return {
    /** Reads the groups of a request. All semesters are known before anything is stored. @throws UptimeRefused */
    read: async (body: readonly unknown[]): Promise<Grant[]> =>
      (await Promise.all((await readGroups(body, configdb.get())).map(inSemesters))).flat(),

    /** Returns what a grant would change, and the stored downtimes. */
    async attempt(grant: Grant) {
      const rows = await uptimes.find(grant.place, grant.semester);
      return { rows, ...planFor(grant)(rows) };
    },

    /** Stores a grant in one transaction and change set. */
    store: (grant: Grant, author: Author): Promise<void> => uptimes.change(grant, author, planFor(grant)),
  };
}
