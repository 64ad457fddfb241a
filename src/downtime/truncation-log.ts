/** Logs truncated lists, because few clients request the next page. */

import { type Clock, dayMillis } from "../time/instant.ts";

/** Logs a truncated list, at most once a day per client. */
export type TruncationLog = (
  address: string,
  program: string | null,
  part: { readonly rows: number; readonly count: number },
) => void;

const mostClients = 10_000;

export function createTruncationLog(
  clock: Clock,
  warn: (message: string, details: Record<string, unknown>) => void,
): TruncationLog {
  const saidAt = new Map<string, number>();
  return (address, program, { rows, count }) => {
    const client = `${address} ${program}`;
    const last = saidAt.get(client);
    if (last !== undefined && clock() - last < dayMillis) return;
    if (saidAt.size >= mostClients) saidAt.clear();
    saidAt.set(client, clock());
    warn("a client got a part of a list; it may not know that there is more", { address, program, rows, count });
  };
}
