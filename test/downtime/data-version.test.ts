import { describe, expect, test } from "bun:test";
import { checkDraft } from "../../src/downtime/downtime.ts";
import { createDowntimes } from "../../src/downtime/store.ts";
import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

for (const engine of engines)
  describe(`the version of the data on ${engine}`, () => {
    test("is up to date again at the first query after failures, however many there were", async () => {
      const { database, close } = await openTestDatabase(engine);
      const downtimes = createDowntimes(database);
      const rename = (from: string, to: string) =>
        database.transaction((tx) => tx.script(`ALTER TABLE ${from} RENAME TO ${to}`));
      await downtimes.add(checkDraft(draft, facility), { by: "ada", at: noon });
      const { number } = await downtimes.newestChange();
      for (const requests of [1, 2, 5]) {
        await rename("downtime_change_set", "elsewhere");
        const failed = await Promise.allSettled(Array.from({ length: requests }, () => downtimes.newestChange()));
        expect(failed.map(({ status }) => status)).toEqual(failed.map(() => "rejected"));
        await rename("elsewhere", "downtime_change_set");
        expect((await downtimes.newestChange()).number).toBe(number);
      }
      await close();
    });
  });
