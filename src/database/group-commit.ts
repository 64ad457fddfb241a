/** Group commit: runs a connection's transactions in order, and commits those that wait together with one fsync. */

interface Line {
  run(statement: string): void;
  isOpen(): boolean;
  /** Whether an error means that another connection is writing. */
  isBusy(error: unknown): boolean;
}

const lockTimeoutMillis = 5000;
/** The pause between attempts to begin. SQLite's own busy timeout would block the thread. */
const retryMillis = 5;
/** A small transaction spends most of its time on the fsync, so sharing it pays. */
const maxGroupSize = 100;

interface Waiting {
  readonly since: number;
  readonly work: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs transactions one after the other: each sees the writes of those before it, and one that throws is rolled back.
 * Callers resolve only after the shared fsync.
 * @returns a function that runs work in its own transaction
 */
export function createGroupCommit(line: Line): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: Waiting[] = [];
  let isBusy = false;

  const drain = async () => {
    isBusy = true;
    while (waiting.length > 0) {
      // Requests that arrive together are handled in one turn of the event loop: wait for the others to join the group.
      await new Promise(setImmediate);
      await commit(line, waiting.splice(0, maxGroupSize));
    }
    isBusy = false;
  };

  return <Result>(work: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ since: performance.now(), work, resolve: resolve as Waiting["resolve"], reject });
      if (!isBusy) drain();
    });
}

/** Never throws: errors reject the transactions. */
async function commit(line: Line, group: readonly Waiting[]): Promise<void> {
  const settles: (() => void)[] = [];
  let hasBegun = false;
  try {
    await begin(line, Math.min(...group.map(({ since }) => since)) + lockTimeoutMillis);
    hasBegun = true;
    for (const { work, resolve, reject } of group) {
      const outcome = await attempt(line, work);
      settles.push(() => (outcome.status === "fulfilled" ? resolve(outcome.value) : reject(outcome.reason)));
    }
    line.run("COMMIT");
    for (const settle of settles) settle();
  } catch (error) {
    rollBack(line);
    // One of them may have filled the disk; the others may still succeed.
    if (hasBegun && group.length > 1) for (const one of group) await commit(line, [one]);
    else for (const { reject } of group) reject(error);
  }
}

/** Begins a transaction as soon as no other connection writes. @param giveUpAt by `performance.now()` */
async function begin(line: Line, giveUpAt: number): Promise<void> {
  for (;;)
    try {
      // IMMEDIATE takes the write lock at once: upgrading a read transaction fails after another connection's write.
      return line.run("BEGIN IMMEDIATE");
    } catch (error) {
      if (!line.isBusy(error) || performance.now() > giveUpAt) throw error;
      await Bun.sleep(retryMillis);
    }
}

function rollBack(line: Line): void {
  try {
    if (line.isOpen()) line.run("ROLLBACK");
  } catch {
    // The caller reports the first error. The next BEGIN fails too.
  }
}

/** Runs the work in a savepoint. @throws if SQLite rolled back the whole group, as when the disk is full */
async function attempt(line: Line, work: () => Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  line.run("SAVEPOINT one");
  const [outcome] = await Promise.allSettled([(async () => work())()]);
  if (outcome.status === "rejected") {
    if (!line.isOpen()) throw outcome.reason;
    line.run("ROLLBACK TO one");
  }
  line.run("RELEASE one");
  return outcome;
}
