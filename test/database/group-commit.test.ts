import { expect, test } from "bun:test";
import { createGroupCommit } from "../../src/database/group-commit.ts";

/** A connection that records its statements, and fails on request. */
function createLine(fails: (statement: string) => boolean = () => false) {
  const said: string[] = [];
  let open = false;
  return {
    said,
    giveUp: () => {
      open = false;
    },
    line: {
      run(statement: string) {
        said.push(statement);
        if (fails(statement)) throw new Error(`no ${statement}`);
        if (statement.startsWith("BEGIN")) open = true;
        if (statement === "COMMIT" || statement === "ROLLBACK") open = false;
      },
      isOpen: () => open,
      isBusy: () => false,
    },
  };
}

test("waiting transactions are committed together, in order", async () => {
  const { line, said } = createLine();
  const transaction = createGroupCommit(line);
  const results = await Promise.all([1, 2, 3].map((number) => transaction(async () => number)));
  expect(results).toEqual([1, 2, 3]);
  expect(said.filter((statement) => statement === "COMMIT").length).toBe(1);
  await transaction(async () => 4);
  expect(said.filter((statement) => statement === "COMMIT").length).toBe(2);
});

test("a transaction that throws is rolled back, and the others commit", async () => {
  const { line, said } = createLine();
  const transaction = createGroupCommit(line);
  const settled = await Promise.allSettled([
    transaction(async () => 1),
    transaction(async () => Promise.reject(new Error("mine"))),
    transaction(() => {
      throw new Error("at once");
    }),
    transaction(async () => 3),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(said).toContain("ROLLBACK TO one");
  expect(said.at(-1)).toBe("COMMIT");
});

test("no transaction resolves before it is on disk", async () => {
  let committed = false;
  const { line } = createLine((statement) => {
    committed = statement === "COMMIT";
    return false;
  });
  const transaction = createGroupCommit(line);
  const seen = await Promise.all([1, 2].map(() => transaction(async () => {}).then(() => committed)));
  expect(seen).toEqual([true, true]);
});

test("after a failed commit, each transaction is tried alone, and all settle", async () => {
  const { line, said } = createLine((statement) => statement === "COMMIT" || statement === "ROLLBACK");
  const transaction = createGroupCommit(line);
  const settled = await Promise.allSettled([1, 2].map((number) => transaction(async () => number)));
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(said.filter((statement) => statement === "COMMIT").length).toBe(3);
  await expect(transaction(async () => 3)).rejects.toThrow("no COMMIT");
});

test("if none can begin, all reject", async () => {
  const { line } = createLine(() => true);
  const transaction = createGroupCommit(line);
  const settled = await Promise.allSettled([1, 2].map((number) => transaction(async () => number)));
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("a transaction that fills the disk fails alone", async () => {
  const { line, giveUp } = createLine();
  const transaction = createGroupCommit(line);
  const settled = await Promise.allSettled([
    transaction(async () => 1),
    transaction(async () => {
      giveUp();
      throw new Error("the disk is full");
    }),
    transaction(async () => 3),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});
