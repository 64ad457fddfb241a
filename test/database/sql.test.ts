import { expect, test } from "bun:test";
import { column, type Engine, join, list, perEngine, type Sql, sql } from "../../src/database/sql.ts";

const render = (query: Sql, engine: Engine = "postgres") => {
  const { text, values } = query.render(engine, (index) => `$${index + 1}`);
  return [text, values];
};

test("values become placeholders, in order", () => {
  expect(render(sql`a = ${1} AND b = ${"two"}`)).toEqual(["a = $1 AND b = $2", [1, "two"]]);
});

test("fragments nest", () => {
  const inner = sql`x = ${1}`;
  expect(render(sql`${inner} AND ${sql`(${inner} OR y IN (${list([2, null])}))`}`)).toEqual([
    "x = $1 AND (x = $2 OR y IN ($3, $4))",
    [1, 1, 2, null],
  ]);
});

test("fragments are joined, with and without values", () => {
  expect(render(join([sql`a`, sql`b = ${1}`, sql`c`], " AND "))).toEqual(["a AND b = $1 AND c", [1]]);
  expect(render(join([], ", "))).toEqual(["", []]);
});

test("column names are validated", () => {
  expect(render(column("end"))).toEqual(['"end"', []]);
  expect(() => column('end" OR 1=1')).toThrow("not a column");
});

test("each engine gets its own fragment, with its own values", () => {
  const query = sql`a = ${1} AND ${perEngine({ sqlite: () => sql`b = ${2}`, postgres: () => sql`c = ${3} OR d = ${4}` })} AND e = ${5}`;
  expect(render(query, "sqlite")).toEqual(["a = $1 AND b = $2 AND e = $3", [1, 2, 5]]);
  expect(render(query, "postgres")).toEqual(["a = $1 AND c = $2 OR d = $3 AND e = $4", [1, 3, 4, 5]]);
});
