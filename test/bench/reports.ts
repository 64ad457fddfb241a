/** How long a report of 31 telescopes takes, compared with 100 ms for a year and 1 s for ten. */

import { createReport } from "../../src/availability/report.ts";
import type { Downtime } from "../../src/downtime/downtime.ts";
import { Facility, type Site } from "../../src/facility/facility.ts";
import { type Instant, toInstant } from "../../src/time/instant.ts";
import { draftsOf } from "./queries.ts";
import type { Bench, Measurement } from "./rows.ts";

const created = "2020-01-01T00:00:00Z" as Instant;

/** 31 telescopes at 11 sites. */
const facility = new Facility(
  Array.from({ length: 11 }, (_, index): Site => {
    const telescopes = ["a", "b", "c"]
      .slice(0, index < 9 ? 3 : 2)
      .map((code) => ({ code, name: "", active: true, instrumentTypes: [] }));
    const place = { latitude: 6 * index - 30, longitude: 30 * index - 170 };
    const enclosures = [{ code: "doma", name: "", active: true, telescopes }];
    return { code: `s${index}`, name: "", active: true, ...place, enclosures };
  }),
);

/** The downtimes of the years around November 2026, ten a day. */
export async function reports({ rounds }: Bench): Promise<readonly Measurement[]> {
  const years = (count: number) => {
    const [start, end] = [toInstant(Date.UTC(2022, 0)), toInstant(Date.UTC(2022 + count, 0))];
    const rows = [...draftsOf(3653 * 28, facility)]
      .flat()
      .filter((draft, index) => index % 3 === 0 && draft.end > start && draft.start < end)
      .map((draft, index): Downtime => ({ ...draft, id: index + 1, created, modified: created }));
    return () => {
      const report = createReport(facility, {}, { start, end });
      rows.forEach(report.add);
      return report.finish();
    };
  };
  return [
    ["one year", 1, 100],
    ["ten years", 10, 1000],
  ].map(([name, count, goal]) => {
    const run = years(Number(count));
    run();
    const times = Array.from({ length: rounds }, (): readonly [number, number] => {
      const begun = performance.now();
      run();
      return [performance.now() - begun, Number(goal)];
    });
    return { name: `a report of ${name}, 31 telescopes`, unit: "ms", goal: 1, better: "less", rounds: times };
  });
}
