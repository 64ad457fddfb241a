/** The semesters: of the Observation Portal, or by the setting. */

import { Type } from "@sinclair/typebox";
import { createPortalCalls, PortalUnreachable } from "../auth/portal-client.ts";
import type { Log } from "../http/request-context.ts";
import { parseInstant, toInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { wallMillis } from "../time/zone.ts";
import { type GrantServices, type Semester, UptimeRefused } from "./grants.ts";

const SemesterSchema = Type.Object({ id: Type.Optional(Type.String()), start: Type.String(), end: Type.String() });
const SemestersSchema = Type.Object({ results: Type.Array(SemesterSchema) });

/**
 * Returns a function that finds the semesters that overlap a span. It throws UptimeRefused.
 * @param portalUrl if there is a portal
 * @param starts the first days of a year's semesters, such as `02-01`
 */
export const createSemesters =
  (portalUrl: string | undefined, starts: readonly string[], log: Pick<Log, "warn">): GrantServices["findSemesters"] =>
  async ({ start, end }, byDefault = []) => {
    const refuse = (error: string) => new UptimeRefused({ error });
    if (!portalUrl) {
      const found = semestersBy(starts.length > 0 ? starts : byDefault, { start, end });
      if (found.length > 0) return found;
      throw refuse("The semesters are unknown. Set OBS_PORTAL_URL or SEMESTERS, or send each group's start and end.");
    }
    const query = new URLSearchParams({ end_gt: start, start_lte: end });
    const url = `${portalUrl.replace(/\/+$/, "")}/api/semesters/?${query}`;
    const answer = await createPortalCalls(log)
      .call(url, { signal: AbortSignal.timeout(10_000) }, SemestersSchema)
      .catch((error) => {
        if (!(error instanceof PortalUnreachable)) throw error;
        return { isRefusal: true as const, reason: error.message };
      });
    if (answer.isRefusal) throw refuse(`The Observation Portal can't be asked for the semesters: ${answer.reason}`);
    return answer.json.results.flatMap(({ id, ...sent }) => {
      const [start, end] = [parseInstant(sent.start), parseInstant(sent.end)];
      return start && end && start < end ? { name: id ?? start.slice(0, 10), start, end } : [];
    });
  };

/** Semesters last from one of the days to the next, and are called `2027A`, `2027B`… */
function semestersBy(starts: readonly string[], { start, end }: Interval): Semester[] {
  const [first, last] = [Number(start.slice(0, 4)), Number(end.slice(0, 4))];
  const years = Array.from({ length: last - first + 3 }, (_, index) => first - 1 + index);
  const days = years.flatMap((year) =>
    starts.map((day, index) => ({
      name: `${year}${String.fromCharCode(65 + index)}`,
      start: toInstant(wallMillis(`${year}-${day}`)),
    })),
  );
  return days.flatMap((one, index) => {
    const next = days[index + 1];
    return next && one.start <= end && start < next.start ? { ...one, end: next.start } : [];
  });
}
