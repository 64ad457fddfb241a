/** The notifier: a loop, apart from all requests, that collects messages and sends them. Only the holder of the lease does so. */

import type { Downtime } from "../downtime/downtime.ts";
import type { Downtimes } from "../downtime/store.ts";
import type { Log } from "../http/request-context.ts";
import { type Clock, toInstant } from "../time/instant.ts";
import type { StoredChannel } from "./channel.ts";
import { type Channels, type Checkpoint, leaseSeconds, type Outbox } from "./channel-store.ts";
import { collect } from "./collect.ts";
import { type Message, render } from "./message.ts";
import type { createEmails, createWebhooks, Outcome } from "./receiver-client.ts";

/** `lookMillis`: how often to look for due downtimes and other processes' changes; `attemptMillis`: how long an attempt may take. */
export const usualPauses = { lookMillis: 1000, attemptMillis: 10_000 };
const renewMillis = 4000;
const pruneMillis = 3_600_000;
/** Messages of a channel before its settings are read again. */
const maxInARow = 20;
const longestPauseMillis = 3_600_000;
/** After about a day. */
const maxAttempts = 33;
/** Random, so that channels don't retry together. */
const pauseAfter = (attempts: number): number =>
  Math.min(5000 * 2 ** (attempts - 1), longestPauseMillis) * (0.8 + 0.4 * Math.random());
/** A time further ahead than any pause was set by a clock that has been set back since. */
const isDue = (nextAt: number, now: number) => nextAt <= now || nextAt > now + 2 * longestPauseMillis;

/** Whether a message is still true. @param stored its downtime as it is now; undefined if that was cancelled */
function isTrue({ event, at }: Message, stored: Downtime | undefined, now: number): boolean {
  if (event === "ended") return stored?.end === at;
  if (event === "started") return stored?.start === at;
  return event !== "soon" || (stored?.start === at && at > toInstant(now));
}

type Next = NonNullable<Awaited<ReturnType<Outbox["next"]>>>;

interface NotifierServices {
  readonly outbox: Outbox;
  readonly channels: Pick<Channels, "list" | "sealAnew">;
  readonly downtimes: Pick<Downtimes, "version" | "list" | "findAllStored">;
  readonly webhook: ReturnType<typeof createWebhooks>;
  readonly email: ReturnType<typeof createEmails>;
  /** Dispatches `commit` after each transaction. */
  readonly commits: EventTarget;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly pauses: typeof usualPauses;
}

/** Starts the loop. @returns a function that stops it, after the messages under way */
export function startNotifier(services: NotifierServices) {
  const { outbox, channels, downtimes, webhook, email, commits, clock, log, pauses } = services;
  /** Once the lease is older, an attempt might outlast it. */
  const safeMillis = leaseSeconds * 1000 - pauses.attemptMillis - 1000;
  /** The channels that are being sent to: one message after the other, so that they arrive in order. */
  const running = new Map<number, Promise<void>>();
  let checkpoint: Checkpoint | undefined;
  let heldFrom = 0;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let hasChannels = false;
  let isSealed = false;
  let wake = () => {};
  const warn = (error: unknown) => log.warn("notifications wait", { error: String(error) });

  /** Takes or renews the lease, which is measured from before the query, by a clock that nobody sets. */
  const hold = async (): Promise<Checkpoint | undefined> => {
    const at = performance.now();
    if (checkpoint && at - heldFrom < renewMillis) return checkpoint;
    const held = await outbox.hold(checkpoint);
    heldFrom = at;
    return held;
  };
  const isSafe = () => !isClosed && checkpoint && performance.now() - heldFrom < safeMillis;

  const step = async (): Promise<void> => {
    // Read before the channels: one that is saved meanwhile gets what happens from then on in the next step.
    const now = { change: await downtimes.version(), at: toInstant(clock()) };
    // Once at the start, and not only by the process that sends.
    if (!isSealed) await channels.sealAnew();
    isSealed = true;
    const all = await channels.list();
    hasChannels = all.length > 0;
    // Without channels, the checkpoint stands still until a new channel sets it.
    const held = hasChannels ? await hold() : undefined;
    checkpoint = held && (await collect(outbox, downtimes, all, held, now));
    if (!checkpoint) return;
    for (const stored of all) if (stored.enabled && !running.has(stored.id)) begin(stored);
    if (performance.now() - prunedAt < pruneMillis) return;
    prunedAt = performance.now();
    await outbox.prune(clock());
  };

  const begin = (stored: StoredChannel): void => {
    const sending = sendAll(stored).then((isMore) => isMore && wake(), warn);
    const done = sending.then(() => void running.delete(stored.id));
    running.set(stored.id, done);
  };

  /** @returns whether there may be more to send */
  const sendAll = async (stored: StoredChannel): Promise<boolean> => {
    for (let count = 0; count < maxInARow; count++) {
      const next = isSafe() ? await outbox.next(stored.id) : undefined;
      if (!next || !isDue(next.nextAt, clock())) return count > 0;
      const [current] = await downtimes.findAllStored([next.message.downtimes[0]?.id ?? 0]);
      if (isTrue(next.message, current?.downtime, clock())) await attempt(stored, next);
      else await outbox.finish(next.id, "dropped", "cancelled or moved meanwhile", clock());
    }
    return true;
  };

  const attempt = async (stored: StoredChannel, { id, key, message, attempts }: Next) => {
    const failed = (error: Error): Outcome => ({ isDone: false, isFinal: true, answer: error.message });
    const { isDone, isFinal, answer } = await send(stored, key, message).catch(failed);
    const now = clock();
    if (isDone) return outbox.finish(id, "sent", answer, now);
    const state = isFinal || attempts + 1 >= maxAttempts ? "failed" : "pending";
    log.warn("notification failed", { channel: stored.name, delivery: id, attempts: attempts + 1, answer, state });
    return outbox.finish(id, state, answer, now, now + pauseAfter(attempts + 1));
  };

  const send = async (stored: StoredChannel, key: string, message: Message): Promise<Outcome> => {
    const { kind, template, secrets, origin } = stored;
    if (!secrets) return { isDone: false, answer: "the secret key has changed: enter the address again" };
    const page = message.count === 1 ? `downtimes/${message.downtimes[0]?.id}` : "activity";
    const body = render(kind, template, message, `${origin}/${page}`);
    if (kind !== "email") return webhook(secrets.address, secrets.secret, key, body, clock());
    return email?.(secrets.address, key, message.title, body) ?? { isDone: false, answer: "SMTP_URL isn't set" };
  };

  const loop = async () => {
    while (!isClosed) {
      const woken = Promise.withResolvers<void>();
      wake = woken.resolve;
      await step().catch((error) => {
        checkpoint = undefined;
        warn(error);
      });
      const timer = setTimeout(wake, pauses.lookMillis).unref();
      await woken.promise.finally(() => clearTimeout(timer));
    }
  };
  commits.addEventListener("commit", () => hasChannels && wake());
  const looping = loop();
  return async () => {
    isClosed = true;
    wake();
    await looping;
    await Promise.all(running.values());
    if (checkpoint) await outbox.release();
  };
}
