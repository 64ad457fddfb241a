import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readCursor } from "../../src/downtime/change-log.ts";
import { exactCsv } from "../../src/downtime/csv.ts";
import { checkDraft, type Draft, draftFields } from "../../src/downtime/downtime.ts";
import { readRows } from "../../src/import/table-file.ts";
import { openForms } from "../forms.ts";
import { as, draft, engines, facility, posting, type Service, startService } from "../harness.ts";

const elsewhere = { ...draft, site: "coj" };

type Sent = typeof draft & { readonly category?: string };
interface Case {
  readonly posted: Sent;
  /** What is patched: the field, and what must follow it. */
  readonly patch: Partial<Sent>;
}
/** A new field needs its line here. */
const cases: Readonly<Record<keyof Draft, Case>> = {
  start: { posted: draft, patch: { start: "2026-11-23T07:00:00Z" } },
  end: { posted: draft, patch: { end: "2026-11-23T10:00:00Z" } },
  site: { posted: draft, patch: { site: "coj" } },
  enclosure: { posted: elsewhere, patch: { enclosure: "doma", telescope: "1m0a" } },
  telescope: { posted: draft, patch: { telescope: "0m4b" } },
  instrument_type: { posted: draft, patch: { instrument_type: "2M0-FLOYDS-SCICAM" } },
  reason: { posted: draft, patch: { reason: "Ölwechsel" } },
  category: { posted: draft, patch: { category: "weather" } },
};

for (const engine of engines)
  describe(`the fields of a downtime on ${engine}`, () => {
    let service: Service;
    let ada: Awaited<ReturnType<typeof openForms>>;
    beforeAll(async () => {
      service = await startService({ engine });
      ada = await openForms(service, "ada");
    });
    afterAll(() => service.stop());

    for (const field of draftFields)
      test(`${field} is kept by POST, PATCH, DELETE, restore, CSV and the changes`, async () => {
        const { posted, patch } = cases[field];
        const { status, body } = await service.ask<Draft & { id: number }>("/api/", posting(posted));
        expect([status, body]).toEqual([201, expect.objectContaining(posted)]);
        const path = `/api/${body.id}/`;
        const expected = { ...posted, ...patch };
        const change = await service.ask(path, { ...posting(patch), method: "PATCH" });
        expect([change.status, change.body]).toEqual([200, expect.objectContaining(expected)]);
        expect((await service.ask(path)).body).toMatchObject(expected);
        expect((await service.send(path, { method: "DELETE", headers: as("ada") })).status).toBe(204);
        await ada.post("/admin/downtimes/restore", { id: String(body.id) });
        expect((await service.ask(path)).body).toMatchObject(expected);
        const kept = (await service.services.downtimes.history(body.id)).map((version) => [
          version.action,
          version[field],
        ]);
        expect<unknown>(kept).toEqual([
          ["create", posted[field]],
          ["change", patch[field]],
          ["delete", patch[field]],
          ["restore", patch[field]],
        ]);
        const restored = (await service.services.downtimes.getStored(body.id)).downtime;
        const { rows } = readRows(exactCsv.header() + exactCsv.rows([restored]));
        expect(rows.map((row) => checkDraft(row, facility))).toMatchObject([expected]);
        const { changes } = await service.services.changeLog.since(readCursor(""), 1000);
        expect(changes.findLast(({ downtime }) => downtime.id === body.id)?.downtime).toEqual(restored);
      });
  });
