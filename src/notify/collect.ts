/** Collects the messages of what happened: one for each change set and channel, one for each downtime that starts or ends. */

import { type Downtime, stateOf } from "../downtime/downtime.ts";
import { bySoonest, type Filter, selecting } from "../downtime/filter.ts";
import type { Downtimes } from "../downtime/store.ts";
import { type Instant, moved, toFileStamp, toMillis } from "../time/instant.ts";
import { type StoredChannel, tryFilters } from "./channel.ts";
import type { Checkpoint, NewDelivery, Outbox, Step } from "./channel-store.ts";
import type { Item, TimedEvent } from "./message.ts";
import { describeChanges, describeEvent, itemOf, maxItems, timedEvents } from "./message.ts";

const eventOf = { create: "created", restore: "created", change: "edited", delete: "cancelled" } as const;

/** What a change set did, as far as it concerns a channel. */
type Tally = Readonly<{ channel: number; step: Step; counts: Record<string, number>; items: Item[] }>;

type Lists = Pick<Downtimes, "list">;
type Listener = ReturnType<typeof listenerOf>;
const listenerOf = ({ id, filters, events, minutes }: StoredChannel) => ({
  id,
  events,
  passes: selecting(tryFilters(filters).filter),
  timedEvents: timedEvents.filter((event) => events.includes(event)),
  minutes,
  aheadMillis: minutes * 60_000,
});

/**
 * Collects and stores what happened between the checkpoint and now. A message isn't stored twice, so a clock that is set
 * back repeats nothing, and one that ran ahead loses nothing.
 * @returns the new checkpoint; undefined if another process has taken the lease
 */
export async function collect(
  outbox: Outbox,
  downtimes: Lists,
  channels: readonly StoredChannel[],
  checkpoint: Checkpoint,
  { change: last, at: now }: Checkpoint,
): Promise<Checkpoint | undefined> {
  const listeners = channels.filter(({ enabled }) => enabled).map(listenerOf);
  // Changes in their order, then what started, ended or came near.
  const found = new Map<string, NewDelivery | Tally>();
  const keep = (delivery: NewDelivery) => void found.set(delivery.key, delivery);
  let { change } = checkpoint;
  for (let steps = await outbox.steps(change, last); steps.length > 0; steps = await outbox.steps(change, last))
    for (const step of steps) {
      change = step.id;
      for (const listener of listeners) {
        count(found, listener, step);
        for (const event of timedEventsOf(step, listener, now)) keep(deliveryOf(listener, event, step.downtime));
      }
    }
  for (const listener of listeners)
    for (const event of listener.timedEvents)
      for (const downtime of await listPassed(downtimes, event, listener, checkpoint.at, now))
        keep(deliveryOf(listener, event, downtime));
  const next = { change, at: now };
  if (found.size === 0) return next;
  const messages = [...found].map(([key, one]) => {
    if (!("counts" in one)) return one;
    return { channel: one.channel, key, message: describeChanges(one.step, one.items, one.counts) };
  });
  return outbox.hold(next, messages);
}

/** Adds a change to what its change set did. A downtime that leaves the filter concerns the channel too. */
function count(found: Map<string, NewDelivery | Tally>, { id, passes, events }: Listener, step: Step): void {
  const event = eventOf[step.action];
  const isConcerned = passes(step.downtime) || (step.before !== undefined && passes(step.before));
  if (!isConcerned || !events.includes(event) || step.change_set === null) return;
  const key = `${id}-set-${step.change_set}`;
  const known = found.get(key);
  const tally = known && "counts" in known ? known : { channel: id, step, counts: {}, items: [] };
  found.set(key, tally);
  tally.counts[event] = (tally.counts[event] ?? 0) + 1;
  if (tally.items.length < maxItems) tally.items.push(itemOf(step.downtime, event, step.before));
}

/** Returns the events that a change causes immediately: a downtime starts or ends, or is to start soon. */
function timedEventsOf({ action, kind, at, downtime, before }: Step, listener: Listener, now: Instant): TimedEvent[] {
  if (action === "delete" || kind === "import" || kind === "migrate" || !listener.passes(downtime)) return [];
  const wasActive = before !== undefined && action !== "restore" && stateOf(before, at) === "now";
  const happens = {
    started: stateOf(downtime, now) === "now" && !wasActive,
    ended: downtime.end <= now && wasActive,
    soon: downtime.start > now && downtime.start <= moved(now, listener.aheadMillis),
  };
  return listener.timedEvents.filter((event) => happens[event]);
}

function deliveryOf({ id, minutes }: Listener, event: TimedEvent, downtime: Downtime): NewDelivery {
  const message = describeEvent(event, downtime, minutes);
  const key = `${id}-${downtime.id}-${event}-${toFileStamp(toMillis(message.at))}`;
  return { channel: id, key, message };
}

/** Lists the downtimes that started, ended or came near because time passed. */
async function listPassed(downtimes: Lists, event: TimedEvent, listener: Listener, from: Instant, now: Instant) {
  const ahead = event === "soon" ? listener.aheadMillis : 0;
  const [after, before] = [moved(from, 1000 + ahead), moved(now, ahead)];
  const filter: Filter =
    event === "ended" ? { ends_after: after, ends_before: before } : { starts_after: after, starts_before: before };
  if (after > before) return [];
  const { results } = await downtimes.list({ filter, order: bySoonest, limit: Number.MAX_SAFE_INTEGER, offset: 0 });
  return results.filter((one) => listener.passes(one) && (event !== "soon" || one.start > now));
}
