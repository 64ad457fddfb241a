/** Limits guesses of passwords, tokens and keys. */

import { LRUCache } from "lru-cache";
import { Throttled, Unavailable } from "../input/problem.ts";
import { fingerprint } from "./secrets.ts";
import type { AuthSettings } from "./settings.ts";

/** The maximum number of failures of a subject in a minute. */
interface Limit {
  readonly subject: string;
  readonly max: number;
}

export type Throttle = ReturnType<typeof createThrottle>;

const countedMillis = 60_000;
const maxSubjects = 10_000;
const maxSecrets = 10_000;

export function createThrottle({ failures, secretKey, steadyClock: clock, warn }: AuthSettings) {
  // Each process counts attempts in memory before it checks them, so that concurrent guesses can't exceed the limit.
  // The database adds the failures of other processes.
  const own = new LRUCache<string, readonly number[]>({ max: maxSubjects });

  const isCounted = (at: number, now: number) => Math.abs(now - at) < countedMillis;
  const ownOf = (subject: string, now: number) => (own.get(subject) ?? []).filter((at) => isCounted(at, now));
  /** Milliseconds until there are fewer than `max` failures; 0 if there already are. */
  const waitOf = (times: readonly number[], max: number, now: number) => {
    const oldest = times.toSorted((one, other) => other - one)[max - 1];
    return oldest === undefined ? 0 : Math.min(oldest + countedMillis - now, countedMillis);
  };
  const refuse = (waits: readonly number[]) => {
    const wait = Math.max(...waits);
    if (wait > 0) throw new Throttled(Math.max(1, Math.ceil(wait / 1000)));
  };

  const tolerate = (error: unknown): readonly [] => {
    if (!(error instanceof Unavailable)) throw error;
    warn("failed sign-ins are counted by this process only", { error: error.message });
    return [];
  };

  /** @throws Throttled if all processes together counted too many failures */
  const refuseByOthers = async (kept: readonly Limit[], now: number) => {
    const others = await failures.of(kept.map(({ subject }) => subject));
    const timesOf = (name: string) =>
      others.filter(({ subject, at }) => subject === name && isCounted(at, now)).map(({ at }) => at);
    refuse(kept.map(({ subject, max }) => waitOf(timesOf(subject), max, now)));
  };

  // Subjects are stored as hashes: people may type passwords into the name field.
  const hashed = (limits: readonly Limit[]) =>
    limits.map(({ subject, max }) => ({ subject: fingerprint(secretKey, "failure", subject), max }));

  /**
   * Checks a secret unless a subject has reached its limit. The attempt counts as failed until it succeeds.
   * @param prove resolves to undefined if the secret is wrong
   * @throws Throttled
   */
  async function attempt<Proof>(limits: readonly Limit[], prove: () => Promise<Proof | undefined>) {
    const now = clock();
    const kept = hashed(limits);
    const subjects = kept.map(({ subject }) => subject);
    refuse(kept.map(({ subject, max }) => waitOf(ownOf(subject, now), max, now)));
    for (const subject of subjects) own.set(subject, [...ownOf(subject, now), now]);
    const forgive = () => {
      for (const subject of subjects) {
        const times = [...(own.get(subject) ?? [])];
        const at = times.indexOf(now);
        if (at >= 0) own.set(subject, times.toSpliced(at, 1));
      }
    };
    try {
      await refuseByOthers(kept, now);
      const proof = await prove();
      if (proof !== undefined) forgive();
      else await failures.add(subjects, now, countedMillis).catch(tolerate);
      return proof;
    } catch (error) {
      // The secret wasn't checked.
      if (error instanceof Throttled || error instanceof Unavailable) forgive();
      else await failures.add(subjects, now, countedMillis).catch(tolerate);
      throw error;
    }
  }

  // Hash of a secret → whether it was correct.
  const results = new LRUCache<string, boolean>({ max: maxSecrets });

  return {
    attempt,

    /**
     * Counts the check of a token or key. Repeating a secret with the same result reveals nothing, so it isn't counted: a
     * program with an outdated token doesn't lock others in its network out, and a guesser doesn't lock out good tokens.
     * @param hash of the secret
     * @returns `isRight`
     * @throws Throttled
     */
    async count(hash: string, isRight: boolean, limits: readonly Limit[]): Promise<boolean> {
      if (results.get(hash) === isRight) return isRight;
      if (isRight) {
        // Not counted: many requests may start at once with a good token.
        const [kept, now] = [hashed(limits), clock()];
        refuse(kept.map(({ subject, max }) => waitOf(ownOf(subject, now), max, now)));
        await refuseByOthers(kept, now);
      } else await attempt(limits, async () => undefined);
      results.set(hash, isRight);
      return isRight;
    },
  };
}
