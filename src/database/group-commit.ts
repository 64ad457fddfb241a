/** Commits: the transactions of one connection, in order. Those that wait together are made lasting together. */

/** The connection, as far as it matters here. */
interface Line {
  /** Runs a statement that answers nothing. */
  run(statement: string): void;
  /** Whether a transaction is open. */
  isOpen(): boolean;
  /** Whether a statement failed because another connection is writing. */
  isBusy(error: unknown): boolean;
}

/** How long a transaction waits for another connection that writes. */
const patienceMillis = 5000;
/** The pause between two attempts to begin. Waiting inside SQLite would stop the whole thread. */
const pauseMillis = 5;

/** A transaction that waits, and whoever waits for it. */
interface Waiting {
  readonly since: number;
  readonly work: () => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Waiting for the disk takes longer than all else that a small transaction does. */
const mostTogether = 100;

/**
 * Takes transactions one after the other: each sees what those before it wrote, and nothing is left of one that throws.
 * What is written to the disk once for several is told to each only when it is there.
 * @returns runs some work as a transaction of its own
 */
export function createGroupCommit(line: Line): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: Waiting[] = [];
  let isBusy = false;

  const drain = async () => {
    isBusy = true;
    while (waiting.length > 0) {
      // Requests that came together are read together: the others of this turn of the event loop may still add theirs.
      await new Promise(setImmediate);
      await commit(line, waiting.splice(0, mostTogether));
    }
    isBusy = false;
  };

  return <Result>(work: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ since: performance.now(), work, resolve: resolve as Waiting["resolve"], reject });
      if (!isBusy) drain();
    });
}

/** Never throws: whoever waits is told. */
async function commit(line: Line, group: readonly Waiting[]): Promise<void> {
  try {
    await begin(line, Math.min(...group.map(({ since }) => since)) + patienceMillis);
  } catch (error) {
    for (const { reject } of group) reject(error);
    return;
  }
  const tell: (() => void)[] = [];
  try {
    for (const one of group) tell.push(await attempt(line, one));
    line.run("COMMIT");
  } catch (error) {
    giveUp(line);
    // One of them may have filled the disk: the others shall not fail with it.
    if (group.length > 1) for (const one of group) await commit(line, [one]);
    else for (const { reject } of group) reject(error);
    return;
  }
  for (const each of tell) each();
}

/** Begins a transaction as soon as no other connection writes. @param giveUpAt as `performance.now()` counts */
async function begin(line: Line, giveUpAt: number): Promise<void> {
  for (;;)
    try {
      // IMMEDIATE takes the lock at once: a transaction that reads first could not be upgraded past another's write.
      return line.run("BEGIN IMMEDIATE");
    } catch (error) {
      if (!line.isBusy(error) || performance.now() > giveUpAt) throw error;
      await Bun.sleep(pauseMillis);
    }
}

/** Ends what is open. Where even that fails, the next one to begin is told. */
function giveUp(line: Line): void {
  try {
    if (line.isOpen()) line.run("ROLLBACK");
  } catch {
    // What went wrong first is what whoever waits should hear.
  }
}

/**
 * Does one's work, or leaves nothing of it.
 * @returns tells its result
 * @throws when nothing at all is left of the group: SQLite gives everything up when the disk is full
 */
async function attempt(line: Line, { work, resolve, reject }: Waiting): Promise<() => void> {
  line.run("SAVEPOINT one");
  try {
    const result = await work();
    line.run("RELEASE one");
    return () => resolve(result);
  } catch (error) {
    if (!line.isOpen()) throw error;
    line.run("ROLLBACK TO one");
    line.run("RELEASE one");
    return () => reject(error);
  }
}
