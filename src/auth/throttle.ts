/** Limits guesses of passwords, tokens and keys. */

import { LRUCache } from "lru-cache";
import { atMost } from "../input/lru-limit.ts";
import { Throttled, Unavailable } from "../input/problem.ts";
import { fingerprint } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";

/** The maximum number of failures in a minute. */
type Limit = { readonly subject: string; readonly max: number };

const countedMillis = 60_000;
const maxRemembered = 10_000;

export function createThrottle({ failures, secretKey, steadyClock: clock, warn }: AuthSettings) {
  // Each process counts attempts in memory before it checks them, so that concurrent guesses can't exceed the limit.
  // The database adds the failures of other processes.
  const own = new LRUCache<string, readonly number[]>(atMost(maxRemembered));
  // Hash of a secret → whether it was correct.
  const results = new LRUCache<string, boolean>(atMost(maxRemembered));

  // Subjects are stored as hashes: people may type passwords into the name field.
  const hashed = (limits: readonly Limit[]) =>
    limits.map(({ subject, max }) => ({ subject: fingerprint(secretKey, "failure", subject), max }));

  const countedIn = (times: readonly number[], now: number) => times.filter((at) => Math.abs(now - at) < countedMillis);

  /** @throws Throttled until every subject has fewer failures than its limit */
  const refuse = (limits: readonly Limit[], now: number, failuresOf: (subject: string) => readonly number[]) => {
    const waits = limits.map(({ subject, max }) => {
      const oldest = countedIn(failuresOf(subject), now).toSorted((one, other) => other - one)[max - 1];
      return oldest === undefined ? 0 : Math.min(oldest + countedMillis - now, countedMillis);
    });
    const wait = Math.max(...waits);
    if (wait > 0) throw new Throttled(Math.max(1, Math.ceil(wait / 1000)));
  };
  const ownOf = (subject: string) => own.get(subject) ?? [];
  const refuseByAll = async (limits: readonly Limit[], now: number) => {
    const stored = Map.groupBy(await failures.of(limits.map(({ subject }) => subject)), ({ subject }) => subject);
    refuse(limits, now, (subject) => (stored.get(subject) ?? []).map(({ at }) => Date.parse(at)));
  };

  /** Checks a secret: the attempt counts as failed until it succeeds. Undefined: the secret is wrong. @throws Throttled */
  async function attempt<Proof>(given: readonly Limit[], prove: () => Promise<Proof | undefined>) {
    const now = clock();
    const limits = hashed(given);
    const subjects = limits.map(({ subject }) => subject);
    refuse(limits, now, ownOf);
    for (const subject of subjects) own.set(subject, [...countedIn(ownOf(subject), now), now]);
    const forgive = () => {
      for (const subject of subjects) {
        const at = ownOf(subject).indexOf(now);
        if (at >= 0) own.set(subject, ownOf(subject).toSpliced(at, 1));
      }
    };
    const store = () =>
      failures.add(subjects, now, countedMillis).catch((error) => {
        if (!(error instanceof Unavailable)) throw error;
        warn("failed sign-ins are counted by this process only", { error: error.message });
      });
    try {
      await refuseByAll(limits, now);
      const proof = await prove();
      if (proof !== undefined) forgive();
      else await store();
      return proof;
    } catch (error) {
      // The secret wasn't checked.
      if (error instanceof Throttled || error instanceof Unavailable) forgive();
      else await store();
      throw error;
    }
  }

  return {
    attempt,

    /**
     * Counts the check of a token or key by its hash. Repeating one with the same result reveals nothing, so it isn't counted:
     * an outdated token doesn't lock others in its network out, and a guesser doesn't lock out good ones. @throws Throttled
     */
    async count(hash: string, isRight: boolean, given: readonly Limit[]): Promise<boolean> {
      if (results.get(hash) === isRight) return isRight;
      if (isRight) {
        // Not counted: many requests may start at once with a good token.
        const [limits, now] = [hashed(given), clock()];
        refuse(limits, now, ownOf);
        await refuseByAll(limits, now);
      } else await attempt(given, async () => undefined);
      results.set(hash, isRight);
      return isRight;
    },
  };
}
