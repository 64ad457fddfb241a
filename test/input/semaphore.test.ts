import { expect, test } from "bun:test";
import { Unavailable } from "../../src/input/problem.ts";
import { createSemaphore } from "../../src/input/semaphore.ts";

const busy = "Too many. Try again.";

test("as many run at once as there are slots, and the others in order", async () => {
  const turns = createSemaphore(2, busy);
  const order: string[] = [];
  const [first] = await Promise.all([turns.take(0), turns.take(0)]);
  const waiting = ["a", "b"].map(async (name) => {
    const done = await turns.take(Number.POSITIVE_INFINITY);
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
  const turns = createSemaphore(1, busy);
  const done = await turns.take(0);
  await expect(turns.take(1)).rejects.toBeInstanceOf(Unavailable);
  done();
  (await turns.take(0))();
});

test("a task is refused at once if too many wait, and a slot is released when its work fails", async () => {
  const turns = createSemaphore(1, busy, 1);
  const done = await turns.take(0);
  const failing = turns.run(Number.POSITIVE_INFINITY, () => Promise.reject(new Error("failed")));
  await expect(turns.take(Number.POSITIVE_INFINITY)).rejects.toThrow(busy);
  done();
  await expect(failing).rejects.toThrow("failed");
  expect(await turns.run(0, async () => "done")).toBe("done");
});
