/** The semesters of the Observation Portal. */

import { Type } from "@sinclair/typebox";
import { createPortalCalls, PortalUnreachable } from "../auth/portal-client.ts";
import type { Log } from "../http/request-log.ts";
import { parseInstant } from "../time/instant.ts";
import type { Interval } from "../time/interval.ts";
import { UptimeRefused } from "./uptime-request.ts";

const SemestersSchema = Type.Object({ results: Type.Array(Type.Object({ start: Type.String(), end: Type.String() })) });

/** Returns a function that finds the semesters of a span. It throws UptimeRefused. @param portalUrl if there is a portal */
export const createSemesters =
  (portalUrl: string | undefined, log: Pick<Log, "warn">) =>
  async ({ start, end }: Interval): Promise<readonly Interval[]> => {
    const refuse = (error: string) => new UptimeRefused({ error });
    if (!portalUrl) throw refuse("The semesters are unknown. Set OBS_PORTAL_URL, or send each group's start and end.");
    const query = new URLSearchParams({ end_gt: start, start_lte: end });
    const url = `${portalUrl.replace(/\/+$/, "")}/api/semesters/?${query}`;
    const answer = await createPortalCalls(log)
      .call(url, { signal: AbortSignal.timeout(10_000) }, SemestersSchema)
      .catch((error) => {
        if (!(error instanceof PortalUnreachable)) throw error;
        return { isRefusal: true as const, reason: error.message };
      });
    if (answer.isRefusal) throw refuse(`The Observation Portal can't be asked for the semesters: ${answer.reason}`);
    return answer.json.results.flatMap((sent) => {
      const [start, end] = [parseInstant(sent.start), parseInstant(sent.end)];
      return start && end && start < end ? { start, end } : [];
    });
  };
