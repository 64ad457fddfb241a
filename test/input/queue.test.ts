import { expect, test } from "bun:test";
import { GivenUp, Unavailable } from "../../src/input/problem.ts";
import { createQueue } from "../../src/input/queue.ts";

const signal = new AbortController().signal;
const busy = () => new Unavailable("Too many. Try again.");
const from = (network: string) => ({ network, signal, timeoutMillis: 60_000 });

/** Waits for a slot, records its name once it has one, and releases it. */
function visitor(queue: ReturnType<typeof createQueue>, order: string[]) {
  return async (name: string, waiting: Parameters<typeof queue.take>[0]) => {
    const release = await queue.take(waiting);
    order.push(name);
    release();
  };
}

test("networks take turns, however many requests one of them sends", async () => {
  const queue = createQueue(1, busy, 100);
  const order: string[] = [];
  const visit = visitor(queue, order);
  const release = await queue.take(from("x"));
  const all = [
    ...["a1", "a2", "a3"].map((name) => visit(name, from("a"))),
    visit("b1", from("b")),
    ...["c1", "c2"].map((name) => visit(name, from("c"))),
  ];
  expect(order).toEqual([]);
  release();
  await Promise.all(all);
  expect(order).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
});

test("vital requests go first and are never rejected", async () => {
  const queue = createQueue(1, busy, 1);
  const order: string[] = [];
  const visit = visitor(queue, order);
  const release = await queue.take(from("x"));
  const all = [
    visit("a", from("a")),
    ...["v1", "v2", "v3"].map((name) =>
      visit(name, { ...from("a"), timeoutMillis: Number.POSITIVE_INFINITY, isVital: true }),
    ),
  ];
  release();
  await Promise.all(all);
  expect(order).toEqual(["v1", "v2", "v3", "a"]);
});

test("a full queue rejects the newest request of the network with the most", async () => {
  const queue = createQueue(1, busy, 3);
  const order: string[] = [];
  const visit = visitor(queue, order);
  const release = await queue.take(from("x"));
  const greedy = ["a1", "a2", "a3"].map((name) => visit(name, from("a")));
  const modest = visit("b1", from("b"));
  await expect(greedy[2]).rejects.toBeInstanceOf(Unavailable);
  await expect(visit("a4", from("a"))).rejects.toBeInstanceOf(Unavailable);
  release();
  await Promise.all([greedy[0], greedy[1], modest]);
  expect(order).toEqual(["a1", "b1", "a2"]);
});

test("a request whose client disconnects leaves the queue and takes no slot", async () => {
  const queue = createQueue(1, busy, 1);
  const disconnect = new AbortController();
  const release = await queue.take(from("x"));
  const waiting = queue.take({ ...from("a"), signal: disconnect.signal });
  disconnect.abort();
  await expect(waiting).rejects.toBeInstanceOf(GivenUp);
  await expect(queue.take({ ...from("a"), signal: disconnect.signal })).rejects.toBeInstanceOf(GivenUp);
  const next = queue.take(from("b"));
  release();
  (await next)();
  (await queue.take(from("c")))();
});

test("a request that waits too long is rejected, and one without a timeout waits", async () => {
  const queue = createQueue(1, busy, 10);
  const release = await queue.take(from("x"));
  const vital = queue.take({ network: "a", timeoutMillis: Number.POSITIVE_INFINITY, isVital: true });
  await expect(queue.take({ network: "a", timeoutMillis: 1 })).rejects.toBeInstanceOf(Unavailable);
  release();
  (await vital)();
});

test("as many run at once as there are slots, and the others in order", async () => {
  const turns = createQueue(2, busy);
  const order: string[] = [];
  const [first] = await Promise.all([turns.take({ timeoutMillis: 0 }), turns.take({ timeoutMillis: 0 })]);
  const waiting = ["a", "b"].map(async (name) => {
    const done = await turns.take({ timeoutMillis: Number.POSITIVE_INFINITY });
    order.push(name);
    done();
  });
  // A turn that is given too early is given at once.
  await Bun.sleep(0);
  expect(order).toEqual([]);
  first();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b"]);
});

test("a task that timed out doesn't run", async () => {
  const turns = createQueue(1, busy);
  const done = await turns.take({ timeoutMillis: 0 });
  await expect(turns.take({ timeoutMillis: 1 })).rejects.toBeInstanceOf(Unavailable);
  done();
  (await turns.take({ timeoutMillis: 0 }))();
});

test("a task is refused at once if too many wait, and a slot is released when its work fails", async () => {
  const turns = createQueue(1, busy, 1);
  const done = await turns.take({ timeoutMillis: 0 });
  const failing = turns.run(Number.POSITIVE_INFINITY, () => Promise.reject(new Error("failed")));
  await expect(turns.take({ timeoutMillis: Number.POSITIVE_INFINITY })).rejects.toThrow(busy().detail);
  done();
  await expect(failing).rejects.toThrow("failed");
  const failsAtOnce = () => {
    throw new Error("at once");
  };
  await expect(turns.run(0, failsAtOnce)).rejects.toThrow("at once");
  expect(await turns.run(0, async () => "done")).toBe("done");
});
