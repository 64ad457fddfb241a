/** The throttle: limits how often passwords, tokens and keys may be guessed. */

import { LRUCache } from "lru-cache";
import { Throttled, Unavailable } from "../input/problem.ts";
import type { Clock } from "../time/instant.ts";
import { fingerprint } from "./secrets.ts";
import type { Failures } from "./throttle-store.ts";

/** How many failures a subject may have within the last minute. */
export interface Limit {
  readonly subject: string;
  readonly most: number;
}

export interface ThrottleSettings {
  readonly failures: Failures;
  readonly secretKey: string;
  /** Never goes back, unlike the time of day: else people would wait for as long as it was set back. */
  readonly steadyClock: Clock;
  readonly warn: (message: string, details: Record<string, unknown>) => void;
}

export type Throttle = ReturnType<typeof createThrottle>;

const countedMillis = 60_000;
const mostSubjects = 10_000;
const mostSecrets = 10_000;

export function createThrottle({ failures, secretKey, steadyClock: clock, warn }: ThrottleSettings) {
  // This process counts by itself, so that it needs no write to the database before it checks a secret, and so that of a
  // hundred guesses sent at once only the allowed ones are checked. The database adds what other processes counted.
  const own = new LRUCache<string, readonly number[]>({ max: mostSubjects });

  const isCounted = (at: number, now: number) => Math.abs(now - at) < countedMillis;
  const ownOf = (subject: string, now: number) => (own.get(subject) ?? []).filter((at) => isCounted(at, now));
  /** Milliseconds until the oldest of the last failures no longer counts. */
  const waitOf = (times: readonly number[], most: number, now: number) => {
    const oldest = times.toSorted((one, other) => other - one)[most - 1];
    return oldest === undefined ? 0 : Math.min(oldest + countedMillis - now, countedMillis);
  };
  const refuse = (waits: readonly number[]) => {
    const wait = Math.max(...waits);
    if (wait > 0) throw new Throttled(Math.max(1, Math.ceil(wait / 1000)));
  };

  const tolerate = (error: unknown): readonly [] => {
    if (!(error instanceof Unavailable)) throw error;
    warn("failed sign-ins are counted by this process alone", { error: error.message });
    return [];
  };

  /** Refuses when the failures that other processes counted are too many. */
  const refuseByOthers = async (kept: readonly Limit[], now: number) => {
    const others = await failures.of(kept.map(({ subject }) => subject));
    const timesOf = (name: string) =>
      others.filter(({ subject, at }) => subject === name && isCounted(at, now)).map(({ at }) => at);
    refuse(kept.map(({ subject, most }) => waitOf(timesOf(subject), most, now)));
  };

  // Names that people type may be passwords, so the subjects are stored as hashes.
  const hashed = (limits: readonly Limit[]) =>
    limits.map(({ subject, most }) => ({ subject: fingerprint(secretKey, "failure", subject), most }));

  /**
   * Proves something, unless one of the subjects has failed too often. The attempt counts as failed from its beginning
   * until it succeeds.
   * @param prove resolves to undefined when it was wrong
   * @throws Throttled
   */
  async function attempt<Proof>(limits: readonly Limit[], prove: () => Promise<Proof | undefined>) {
    const now = clock();
    const kept = hashed(limits);
    const subjects = kept.map(({ subject }) => subject);
    refuse(kept.map(({ subject, most }) => waitOf(ownOf(subject, now), most, now)));
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
      // Nothing was checked.
      if (error instanceof Throttled || error instanceof Unavailable) forgive();
      else await failures.add(subjects, now, countedMillis).catch(tolerate);
      throw error;
    }
  }

  // What each secret turned out to be, by its hash.
  const told = new LRUCache<string, boolean>({ max: mostSecrets });

  return {
    attempt,

    /**
     * Tells whether a secret that is quickly checked was right. Whoever is told the same as before learns nothing new:
     * a program whose token was replaced doesn't lock the others at its address out, and they don't wait for a guesser.
     * @param hash of the secret
     * @throws Throttled
     */
    async tell(hash: string, isRight: boolean, limits: readonly Limit[]): Promise<boolean> {
      if (told.get(hash) === isRight) return isRight;
      if (isRight) {
        // Not counted while it is checked: of many requests that begin with a good token at once, none is a guess.
        const [kept, now] = [hashed(limits), clock()];
        refuse(kept.map(({ subject, most }) => waitOf(ownOf(subject, now), most, now)));
        await refuseByOthers(kept, now);
      } else await attempt(limits, async () => undefined);
      told.set(hash, isRight);
      return isRight;
    },
  };
}
