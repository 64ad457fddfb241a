import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { checkDraft } from "../../src/downtime/downtime.ts";
import { createRowCache } from "../../src/downtime/list-cache.ts";
import { readListing } from "../../src/downtime/list-query.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";

import { draft, engines, facility, noon, openTestDatabase } from "../harness.ts";

const author = { by: "ada", at: noon };
const listing = (query = "") => readListing(new URLSearchParams(query), facility);

for (const engine of engines)
  describe(`the texts of rows, on ${engine}`, () => {
    let downtimes: Downtimes;
    let close: () => Promise<void>;
    beforeEach(async () => {
      const opened = await openTestDatabase(engine);
      close = opened.close;
      downtimes = createDowntimes(opened.database);
      const drafts = Array.from({ length: 20 }, (_, index) => checkDraft({ ...draft, reason: `${index}` }, facility));
      await downtimes.addAll(drafts, author);
    });
    afterEach(() => close());

    /** The texts, what they ask the store for, and what happens after keys were read. */
    function watched(afterKeys: () => Promise<unknown> = async () => undefined) {
      const asked: string[] = [];
      const store: Parameters<typeof createRowCache>[0] = {
        async listKeys(which) {
          asked.push("keys");
          const found = await downtimes.listKeys(which);
          await afterKeys();
          return found;
        },
        listVersioned(which) {
          asked.push("whole");
          return downtimes.listVersioned(which);
        },
        findAllStored(ids) {
          asked.push(`${ids.length} by id`);
          return downtimes.findAllStored(ids);
        },
      };
      const texts = createRowCache(store, 1_000_000);
      const read = async (query?: string) => {
        const list = await texts(listing(query));
        return JSON.parse(`[${list.results.join(",")}]`) as { reason: string }[];
      };
      return { asked, read };
    }
    const stored = async () => (await downtimes.list(listing())).results as unknown;
    const change = (id: number, reason: string) =>
      downtimes.change(id, author, ({ downtime }) => checkDraft({ ...draft, start: downtime.start, reason }, facility));

    test("are read whole while most aren't cached, and by their keys once most are", async () => {
      const { asked, read } = watched();
      await read("limit=5");
      await read();
      await read();
      await change(3, "changed");
      expect((await read()) as unknown).toEqual(await stored());
      expect(asked).toEqual(["whole", "whole", "whole", "keys", "1 by id"]);
    });

    test("are from one snapshot, also when a row is edited or deleted after its key was read", async () => {
      let happens: () => Promise<unknown> = async () => undefined;
      const { asked, read } = watched(() => happens());
      await read();
      await read();
      for (const event of [() => change(4, "changed later"), () => downtimes.remove(5, author, () => {})]) {
        await change(4, `changed before ${asked.length}`);
        await change(5, `changed before ${asked.length}`);
        happens = event;
        asked.length = 0;
        expect((await read()) as unknown).toEqual(await stored());
        expect(asked).toEqual(["keys", "2 by id", "whole"]);
      }
    });
  });
