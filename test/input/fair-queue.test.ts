import { expect, test } from "bun:test";
import { createFairQueue } from "../../src/input/fair-queue.ts";
import { GivenUp, Unavailable } from "../../src/input/problem.ts";

const signal = new AbortController().signal;
const from = (network: string) => ({ network, signal, isVital: false });

/** Waits for a place, writes down when it had it, and gives it back. */
function visitor(queue: ReturnType<typeof createFairQueue>, order: string[]) {
  return async (name: string, waiting: Parameters<typeof queue.take>[0]) => {
    const giveBack = await queue.take(waiting);
    order.push(name);
    giveBack();
  };
}

test("networks take turns, however many requests one of them sends", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 100, patienceMillis: 60_000 });
  const order: string[] = [];
  const visit = visitor(queue, order);
  const giveBack = await queue.take(from("x"));
  const all = [
    ...["a1", "a2", "a3"].map((name) => visit(name, from("a"))),
    visit("b1", from("b")),
    ...["c1", "c2"].map((name) => visit(name, from("c"))),
  ];
  expect(order).toEqual([]);
  giveBack();
  await Promise.all(all);
  expect(order).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
});

test("what is vital comes first, and is never refused", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 1, patienceMillis: 60_000 });
  const order: string[] = [];
  const visit = visitor(queue, order);
  const giveBack = await queue.take(from("x"));
  const all = [
    visit("a", from("a")),
    ...["v1", "v2", "v3"].map((name) => visit(name, { network: "a", signal, isVital: true })),
  ];
  giveBack();
  await Promise.all(all);
  expect(order).toEqual(["v1", "v2", "v3", "a"]);
});

test("when it is full, the last request of the network that has most is refused", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 3, patienceMillis: 60_000 });
  const order: string[] = [];
  const visit = visitor(queue, order);
  const giveBack = await queue.take(from("x"));
  const greedy = ["a1", "a2", "a3"].map((name) => visit(name, from("a")));
  const modest = visit("b1", from("b"));
  await expect(greedy[2]).rejects.toBeInstanceOf(Unavailable);
  await expect(visit("a4", from("a"))).rejects.toBeInstanceOf(Unavailable);
  giveBack();
  await Promise.all([greedy[0], greedy[1], modest]);
  expect(order).toEqual(["a1", "b1", "a2"]);
});

test("a request that is given up leaves the queue, and keeps no place", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 1, patienceMillis: 60_000 });
  const giving = new AbortController();
  const giveBack = await queue.take(from("x"));
  const waiting = queue.take({ network: "a", signal: giving.signal, isVital: false });
  giving.abort();
  await expect(waiting).rejects.toBeInstanceOf(GivenUp);
  await expect(queue.take({ network: "a", signal: giving.signal, isVital: false })).rejects.toBeInstanceOf(GivenUp);
  const next = queue.take(from("b"));
  giveBack();
  (await next)();
  (await queue.take(from("c")))();
});

test("who waits for too long is refused, and what is vital isn't", async () => {
  const queue = createFairQueue({ places: 1, mostWaiting: 10, patienceMillis: 1 });
  const giveBack = await queue.take(from("x"));
  const vital = queue.take({ network: "a", signal, isVital: true });
  await expect(queue.take(from("a"))).rejects.toBeInstanceOf(Unavailable);
  giveBack();
  (await vital)();
});
