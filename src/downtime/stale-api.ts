/** Serves lists from the snapshot while the database can't be read, because a scheduler treats an error as "no downtimes". */

import { json, pageLinksOf } from "../http/json.ts";
import { pathOf, publicUrlOf } from "../http/path.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Log } from "../http/request-log.ts";
import type { Listing } from "./filter.ts";
import type { ListCache } from "./list-cache.ts";
import { listHeaders } from "./list-query.ts";
import type { Snapshot } from "./snapshot-store.ts";
import type { Downtimes } from "./store.ts";

export interface StaleListParts {
  readonly snapshot: Snapshot;
  readonly downtimes: Downtimes;
  readonly answers: ListCache;
  readonly log: Pick<Log, "warn">;
}

export function createStaleLists({ snapshot, downtimes, answers, log }: StaleListParts) {
  let failed: Listing | undefined;

  return {
    /**
     * Returns the list from the snapshot if it has the requested one; otherwise rethrows the error.
     * @throws Invalid
     */
    instead(request: Request, failure: Response): Response {
      const { method, url } = request;
      if (failure.status < 500 || (method !== "GET" && method !== "HEAD") || pathOf(url) !== "/api/") return failure;
      const listing = answers.listingOf(url);
      const page = snapshot.list(listing);
      if (!page) return failure;
      failed = listing;
      const { count, results, ageSeconds } = page;
      const links = pageLinksOf(publicUrlOf(request), listing, count);
      log.warn("stale list sent", { id: requestIdOf(request), age_seconds: ageSeconds, rows: results.length });
      return json({ count, ...links, results }, 200, {
        "cache-control": "no-store",
        warning: '110 - "Response is Stale"',
        age: String(ageSeconds),
        ...listHeaders(url, listing, links.next),
      });
    },

    /** Retries the last failed query. @throws while it still fails */
    async check(): Promise<void> {
      if (!failed) return;
      await downtimes.listKeys(failed);
      failed = undefined;
    },
  };
}
