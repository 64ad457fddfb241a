import { expect, test } from "bun:test";
import fc from "fast-check";
import { createRowBuffer, joined, type Piece } from "../../src/downtime/row-buffer.ts";

const decoder = new TextDecoder();

test("texts that were written in any order are joined in any other, letter by letter", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 50 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 60 }), (texts, picks) => {
      const slabs = createRowBuffer(1_000_000);
      const kept = texts.map((text, id) => slabs.write(id, 1, text));
      const inOrder = decoder.decode(joined("é[", kept, "]"));
      expect(inOrder).toBe(`é[${texts.join(",").toWellFormed()}]`);
      const chosen = texts.length > 0 ? picks.map((pick) => pick % texts.length) : [];
      const list = joined(
        "",
        chosen.map((id) => slabs.find(id, 1) as Piece),
        "",
      );
      expect(decoder.decode(list)).toBe(
        chosen
          .map((id) => texts[id])
          .join(",")
          .toWellFormed(),
      );
    }),
  );
});

test("a text is found for its version alone, and the newest one counts", () => {
  const slabs = createRowBuffer(1_000_000);
  slabs.write(1, 1, "old");
  expect([slabs.find(1, 1), slabs.find(1, 2), slabs.find(2, 1)].map(Boolean)).toEqual([true, false, false]);
  slabs.write(1, 2, "new");
  expect([slabs.find(1, 1), slabs.find(1, 2)].map(Boolean)).toEqual([false, true]);
});

test("the oldest make room, however long they are, and whoever has one already reads on", () => {
  const mostBytes = 3_000_000;
  const slabs = createRowBuffer(mostBytes);
  const first = slabs.write(0, 1, "the first");
  const long = "x".repeat(5000);
  const longest = slabs.write(1, 1, "y".repeat(500_000));
  for (let id = 2; id < 3000; id++) slabs.write(id, 1, long);
  expect([slabs.find(0, 1), slabs.find(1, 1)]).toEqual([undefined, undefined]);
  expect(decoder.decode(joined("", [first], ""))).toBe("the first");
  expect(longest.to - longest.from).toBe(500_000);
  const left = Array.from({ length: 3000 }, (_, id) => slabs.find(id, 1)).filter((kept) => kept !== undefined);
  const held = new Set(left.map(({ slab }) => slab));
  expect([...held].reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(mostBytes);
  expect(slabs.find(2999, 1)).toBeDefined();
});

test("a row that was written again isn't forgotten when its first text makes room", () => {
  const slabs = createRowBuffer(600_000);
  const long = "x".repeat(5000);
  slabs.write(1, 1, long);
  for (let id = 10; id < 70; id++) slabs.write(id, 1, long);
  slabs.write(1, 2, "written again");
  for (let id = 80; id < 130; id++) slabs.write(id, 1, long);
  expect(slabs.find(10, 1)).toBeUndefined();
  expect(slabs.find(1, 2)).toBeDefined();
});
