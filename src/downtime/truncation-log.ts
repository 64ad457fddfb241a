/** Logs truncated lists, because few clients request the next page. */

import { type Clock, dayMillis } from "../time/instant.ts";

export type TruncationLog = ReturnType<typeof createTruncationLog>;

const mostClients = 10_000;

/** Logs a truncated list, at most once a day per client. */
export function createTruncationLog(clock: Clock, warn: (message: string, details: Record<string, unknown>) => void) {
  const saidAt = new Map<string, number>();
  return (
    address: string,
    program: string | null,
    { rows, count }: { readonly rows: number; readonly count: number },
  ): void => {
    const client = `${address} ${program}`;
    const last = saidAt.get(client);
    if (last !== undefined && clock() - last < dayMillis) return;
    if (saidAt.size >= mostClients) saidAt.clear();
    saidAt.set(client, clock());
    warn("a client got a part of a list; it may not know that there is more", { address, program, rows, count });
  };
}
