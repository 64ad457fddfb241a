import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { draft, engines, noon, runCommand, type Service, startService } from "../harness.ts";

setDefaultTimeout(60_000);

/** What spreadsheets would run; the last four are the same signs in full width. */
const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1", "＠1"];
const others = ["a=1", "1-2", "'=1", '"=1"', "Kühlung, =1", ""];
const reasons = [...formulas, ...others];

for (const engine of engines)
  describe(`CSV for spreadsheets on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      for (const [index, reason] of reasons.entries()) {
        const day = `2027-05-${10 + index}`;
        // A migrated downtime: the rules for new ones would trim spaces.
        const row = { ...draft, start: `${day}T08:00:00Z`, end: `${day}T09:00:00Z`, reason };
        await service.services.downtimes.add(row as never, { by: "ada", at: noon });
      }
    });
    afterAll(() => service.stop());

    /** The reasons of a CSV text that begins with one byte order mark. */
    async function readMarked(path: string): Promise<string[]> {
      const bytes = await (await service.send(path)).bytes();
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
      expect([text.indexOf("\uFEFF"), text.lastIndexOf("\uFEFF")]).toEqual([0, 0]);
      return (parse(text, { columns: true, bom: true }) as { reason: string }[]).map(({ reason }) => reason);
    }
    const neutral = [...formulas.map((formula) => `'${formula}`), ...others];

    test("of the schedule begins with a byte order mark, and contains no formulas", async () => {
      expect(await readMarked("/downtimes.csv?order=start")).toEqual(neutral);
    });

    test("of the report does too", async () => {
      const path = "/api/report/?start=2027-05-01&end=2027-06-01&site=ogg&telescope=2m0a&format=csv";
      expect((await readMarked(path)).toSorted()).toEqual(neutral.toSorted());
    });

    test("an export has every text unchanged, without a byte order mark", async () => {
      const { output } = await runCommand(["export", "--order", "start"], service.settings);
      expect(output).toStartWith("id,start,");
      expect((parse(output, { columns: true }) as { reason: string }[]).map(({ reason }) => reason)).toEqual(reasons);
    });
  });
