import { expect, test } from "bun:test";
import { createLatest } from "../../src/input/latest.ts";

test("a value is computed once until what it is computed from changes, and again after a failure", async () => {
  const once = createLatest<number>(2);
  let computed = 0;
  const next = async () => ++computed;
  expect(await once([1, "a"], "x", next)).toBe(1);
  expect(await once([1, "a"], "x", next)).toBe(1);
  expect(await once([1, "a"], "y", next)).toBe(2);
  // No more than two are cached.
  expect(await once([1, "a"], "z", next)).toBe(3);
  expect(await once([1, "a"], "z", next)).toBe(4);
  expect(await once([2, "a"], "x", next)).toBe(5);
  expect(await once([2, "b"], "x", next)).toBe(6);
  const fail = () => Promise.reject(new Error("away"));
  await expect(once([3, "b"], "x", fail)).rejects.toThrow("away");
  expect(await once([3, "b"], "x", next)).toBe(7);
});
