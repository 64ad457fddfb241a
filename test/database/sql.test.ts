import { expect, test } from "bun:test";
import { column, join, list, sql } from "../../src/database/sql.ts";

const render = (query: ReturnType<typeof sql>) => [query.render((index) => `$${index + 1}`), query.values];

test("values become placeholders, in their order", () => {
  expect(render(sql`a = ${1} AND b = ${"two"}`)).toEqual(["a = $1 AND b = $2", [1, "two"]]);
});

test("pieces nest, wherever they stand", () => {
  const inner = sql`x = ${1}`;
  expect(render(sql`${inner} AND ${sql`(${inner} OR y IN (${list([2, null])}))`}`)).toEqual([
    "x = $1 AND (x = $2 OR y IN ($3, $4))",
    [1, 1, 2, null],
  ]);
});

test("pieces are joined, whether they hold values or not", () => {
  expect(render(join([sql`a`, sql`b = ${1}`, sql`c`], " AND "))).toEqual(["a AND b = $1 AND c", [1]]);
  expect(render(join([], ", "))).toEqual(["", []]);
});

test("a column's name is never anything from outside", () => {
  expect(render(column("end"))).toEqual(['"end"', []]);
  expect(() => column('end" OR 1=1')).toThrow("not a column");
});
