import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { CheckedDraft, Draft } from "../../src/downtime/downtime.ts";
import { createDowntimes, type Downtimes } from "../../src/downtime/store.ts";
import { Conflict, Forbidden, NotFound } from "../../src/input/problem.ts";
import { draft, engines, noon, openTestDatabase } from "../harness.ts";

const ada = { by: "ada", at: noon };
const ben = { by: "ben", at: noon + 60_000 };
// The store accepts checked drafts; the checks have tests of their own.
const made = (fields: Partial<Record<keyof Draft, string>> = {}) => ({ ...draft, ...fields }) as CheckedDraft;

for (const engine of engines)
  describe(`changes on ${engine}`, () => {
    let opened: Awaited<ReturnType<typeof openTestDatabase>>;
    let downtimes: Downtimes;
    beforeAll(async () => {
      opened = await openTestDatabase(engine);
      downtimes = createDowntimes(opened.database);
    });
    afterAll(() => opened.close());

    describe("one downtime", () => {
      let id = 0;
      beforeEach(async () => {
        id = (await downtimes.add(made(), ada)).id;
      });

      test("an edit adds a version, with its author in the history", async () => {
        const changed = await downtimes.change(id, ben, () => made({ reason: "Ölwechsel" }));
        expect(changed.version).toBe(2);
        expect(changed.createdBy).toBe("ada");
        expect(changed.downtime).toMatchObject({
          id,
          reason: "Ölwechsel",
          created: "2026-11-22T12:00:00Z",
          modified: "2026-11-22T12:01:00Z",
        });
        expect(await downtimes.getStored(id)).toEqual(changed);
        expect(
          (await downtimes.history(id)).map(({ action, version, by, reason }) => [action, version, by, reason]),
        ).toEqual([
          ["create", 1, "ada", "Mirror wash"],
          ["change", 2, "ben", "Ölwechsel"],
        ]);
      });

      test("an edited reason is found in its new form, ignoring case", async () => {
        await downtimes.change(id, ben, () => made({ reason: `Ölwechsel ${id}` }));
        const { count } = await downtimes.list({
          filter: { reason: `ölWECHSEL ${id}` },
          order: [],
          limit: 9,
          offset: 0,
        });
        expect(count).toBe(1);
      });

      test("an edit without differences writes nothing", async () => {
        expect((await downtimes.change(id, ben, () => made())).version).toBe(1);
        expect(await downtimes.history(id)).toHaveLength(1);
      });

      test("a rejected edit changes nothing", async () => {
        const refused = downtimes.change(id, ben, () => {
          throw new Forbidden();
        });
        await expect(refused).rejects.toBeInstanceOf(Forbidden);
        expect((await downtimes.getStored(id)).version).toBe(1);
      });

      test("two concurrent edits are both applied, one after the other", async () => {
        const append = (word: string) =>
          downtimes.change(id, ben, ({ downtime }) => made({ reason: `${downtime.reason} ${word}` }));
        await Promise.all([append("one"), append("two"), append("three")]);
        const { downtime, version } = await downtimes.getStored(id);
        expect(version).toBe(4);
        expect(downtime.reason.split(" ").sort()).toEqual(["Mirror", "one", "three", "two", "wash"]);
      });

      test("a restored downtime has its fields, creator and creation time", async () => {
        await downtimes.change(id, ben, () => made({ reason: "Dome" }));
        const before = await downtimes.getStored(id);
        await downtimes.remove(id, ben);
        const [back] = await downtimes.restore([id], { by: "cleo", at: noon + 120_000 });
        expect(back).toEqual({
          ...before,
          version: 3,
          downtime: { ...before.downtime, modified: "2026-11-22T12:02:00Z" as typeof before.downtime.modified },
        });
        expect((await downtimes.history(id)).map(({ action, version }) => [action, version])).toEqual([
          ["create", 1],
          ["change", 2],
          ["delete", 2],
          ["restore", 3],
        ]);
      });

      test("a restored downtime can be edited and deleted again", async () => {
        await downtimes.remove(id, ada);
        await downtimes.restore([id], ada);
        await downtimes.change(id, ada, () => made({ reason: "again" }));
        await downtimes.remove(id, ada);
        expect((await downtimes.restore([id], ada))[0]?.downtime.reason).toBe("again");
      });

      test("only a deleted downtime can be restored", async () => {
        await expect(downtimes.restore([id], ada)).rejects.toBeInstanceOf(Conflict);
        await expect(downtimes.restore([987_654], ada)).rejects.toBeInstanceOf(NotFound);
        await expect(downtimes.change(987_654, ada, () => made())).rejects.toBeInstanceOf(NotFound);
      });

      test("the permission to restore depends on the creator", async () => {
        await downtimes.remove(id, ada);
        const asked: (string | null)[] = [];
        await downtimes.restore([id], ada, (createdBy) => void asked.push(createdBy));
        expect(asked).toEqual(["ada"]);
      });

      test("an id isn't reused after its downtime was deleted", async () => {
        await downtimes.remove(id, ada);
        const next = await downtimes.add(made(), ada);
        expect(next.id).toBeGreaterThan(id);
        expect((await downtimes.restore([id], ada))[0]?.downtime.id).toBe(id);
      });
    });

    describe("overlaps", () => {
      const place = { site: "coj", enclosure: "clma", telescope: "2m0a", instrument_type: "" };
      const at = (text: string) => text as Draft["start"];
      const overlapsOf = async (instrument_type: string, start: string, end: string, exceptId?: number) =>
        (await downtimes.overlapping({ ...place, instrument_type }, at(start), at(end), exceptId)).map(
          ({ reason }) => reason,
        );
      let whole = 0;
      beforeAll(async () => {
        const [start, end] = ["2026-12-01T10:00:00Z", "2026-12-01T12:00:00Z"];
        whole = (await downtimes.add(made({ ...place, start, end, reason: "whole" }), ada)).id;
        await downtimes.add(made({ ...place, start, end, instrument_type: "CAM", reason: "cam" }), ada);
        await downtimes.add(made({ ...place, start, end, enclosure: "domb", reason: "elsewhere" }), ada);
      });

      test("adjacent downtimes don't overlap", async () => {
        expect(await overlapsOf("", "2026-12-01T08:00:00Z", "2026-12-01T10:00:00Z")).toEqual([]);
        expect(await overlapsOf("", "2026-12-01T12:00:00Z", "2026-12-01T13:00:00Z")).toEqual([]);
      });

      test("one second is an overlap", async () => {
        expect(await overlapsOf("", "2026-12-01T08:00:00Z", "2026-12-01T10:00:01Z")).toEqual(["whole", "cam"]);
        expect(await overlapsOf("", "2026-12-01T11:59:59Z", "2026-12-01T13:00:00Z")).toEqual(["whole", "cam"]);
      });

      test("the whole telescope overlaps each instrument type, which overlaps itself and the whole", async () => {
        expect(await overlapsOf("", "2026-12-01T10:30:00Z", "2026-12-01T11:00:00Z")).toEqual(["whole", "cam"]);
        expect(await overlapsOf("CAM", "2026-12-01T10:30:00Z", "2026-12-01T11:00:00Z")).toEqual(["whole", "cam"]);
        expect(await overlapsOf("SPEC", "2026-12-01T10:30:00Z", "2026-12-01T11:00:00Z")).toEqual(["whole"]);
      });

      test("the downtime that is being edited doesn't count", async () => {
        expect(await overlapsOf("SPEC", "2026-12-01T10:30:00Z", "2026-12-01T11:00:00Z", whole)).toEqual([]);
      });

      test("finds only an identical downtime", async () => {
        const same = made({ ...place, start: "2026-12-01T10:00:00Z", end: "2026-12-01T12:00:00Z", reason: "whole" });
        expect((await downtimes.findSame(same))?.id).toBe(whole);
        expect(await downtimes.findSame(same, whole)).toBeUndefined();
        expect(await downtimes.findSame({ ...same, reason: "Whole" })).toBeUndefined();
        expect(await downtimes.findSame({ ...same, end: at("2026-12-01T12:00:01Z") })).toBeUndefined();
      });
    });
  });
