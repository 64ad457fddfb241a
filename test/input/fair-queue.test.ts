import { expect, test } from "bun:test";
import { createFairQueue } from "../../src/input/fair-queue.ts";
import { GivenUp, Unavailable } from "../../src/input/problem.ts";

const signal = new AbortController().signal;
const from = (network: string) => ({ network, signal, isVital: false });

/** Waits for a slot, records its name once it has one, and releases it. */
function visitor(queue: ReturnType<typeof createFairQueue>, order: string[]) {
  return async (name: string, waiting: Parameters<typeof queue.take>[0]) => {
    const release = await queue.take(waiting);
    order.push(name);
    release();
  };
}

test("networks take turns, however many requests one of them sends", async () => {
  const queue = createFairQueue({ slots: 1, maxWaiting: 100, timeoutMillis: 60_000 });
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
  const queue = createFairQueue({ slots: 1, maxWaiting: 1, timeoutMillis: 60_000 });
  const order: string[] = [];
  const visit = visitor(queue, order);
  const release = await queue.take(from("x"));
  const all = [
    visit("a", from("a")),
    ...["v1", "v2", "v3"].map((name) => visit(name, { network: "a", signal, isVital: true })),
  ];
  release();
  await Promise.all(all);
  expect(order).toEqual(["v1", "v2", "v3", "a"]);
});

test("a full queue rejects the newest request of the network with the most", async () => {
  const queue = createFairQueue({ slots: 1, maxWaiting: 3, timeoutMillis: 60_000 });
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
  const queue = createFairQueue({ slots: 1, maxWaiting: 1, timeoutMillis: 60_000 });
  const disconnect = new AbortController();
  const release = await queue.take(from("x"));
  const waiting = queue.take({ network: "a", signal: disconnect.signal, isVital: false });
  disconnect.abort();
  await expect(waiting).rejects.toBeInstanceOf(GivenUp);
  await expect(queue.take({ network: "a", signal: disconnect.signal, isVital: false })).rejects.toBeInstanceOf(GivenUp);
  const next = queue.take(from("b"));
  release();
  (await next)();
  (await queue.take(from("c")))();
});

test("a request that waits too long is rejected unless it is vital", async () => {
  const queue = createFairQueue({ slots: 1, maxWaiting: 10, timeoutMillis: 1 });
  const release = await queue.take(from("x"));
  const vital = queue.take({ network: "a", signal, isVital: true });
  await expect(queue.take(from("a"))).rejects.toBeInstanceOf(Unavailable);
  release();
  (await vital)();
});
