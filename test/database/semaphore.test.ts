import { expect, test } from "bun:test";
import { createSemaphore } from "../../src/database/semaphore.ts";
import { Unavailable } from "../../src/input/problem.ts";

test("as many run at once as there are slots, and the others in order", async () => {
  const turns = createSemaphore(2);
  const order: string[] = [];
  const [first] = await Promise.all([turns.take(0), turns.take(0)]);
  const waiting = ["a", "b"].map(async (name) => {
    const done = await turns.take(Number.POSITIVE_INFINITY);
    order.push(name);
    done();
  });
  await Bun.sleep(5);
  expect(order).toEqual([]);
  first();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b"]);
});

test("a task that timed out doesn't run", async () => {
  const turns = createSemaphore(1);
  const done = await turns.take(0);
  await expect(turns.take(1)).rejects.toBeInstanceOf(Unavailable);
  done();
  (await turns.take(0))();
});
