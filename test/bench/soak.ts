#!/usr/bin/env bun
/**
 * The soak: all kinds of heavy requests mixed, in a random order, for some minutes, while a probe polls. `bun
 * test/bench/soak.ts [sqlite|postgres] [--minutes 20 --rows 200000]`; no test, and nothing fails when a figure is high.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type HeavyKind, heavyKinds, sendHeavy } from "../heavy.ts";
import { during, groundOf } from "./isolation.ts";
import { createRandom } from "./queries.ts";
import { databaseWith, withServers } from "./rows.ts";
import { startService } from "./servers.ts";

const { values, positionals } = parseArgs({
  options: { minutes: { type: "string", default: "20" }, rows: { type: "string", default: "200000" } },
  allowPositionals: true,
});
const engine = positionals[0] === "postgres" ? "postgres" : "sqlite";
const minutes = Number(values.minutes);
/** Clients that each send one request after the other. */
const clients = 4;

const folder = await mkdtemp(join(tmpdir(), "downtime-soak-"));
try {
  const settings = await databaseWith({ folder, rounds: 1, seconds: 1 }, engine, Number(values.rows));
  await withServers([startService(settings, false)], async (server) => {
    const ground = await groundOf(`http://127.0.0.1:${server.port}`);
    const random = createRandom(1);
    const kinds = Object.values(heavyKinds);
    // Edits need a stored series.
    await sendHeavy(ground.url, await (heavyKinds["a series that is stored"] as HeavyKind)(ground, 0));
    let index = 0;
    const sendFor = async (millis: number) => {
      const endsAt = performance.now() + millis;
      const statuses: (number | string)[] = [];
      const client = async () => {
        while (performance.now() < endsAt) {
          const kind = kinds[Math.floor(random() * kinds.length)] as HeavyKind;
          index += 1;
          const send = async (at: number) => sendHeavy(ground.url, await kind(ground, at));
          statuses.push(await send(index % 40).catch(String));
        }
      };
      await Promise.all(Array.from({ length: clients }, client));
      return statuses;
    };
    process.stdout.write("| minute | p99 | longest | memory | load | statuses |\n|---:|---:|---:|---:|---:|---|\n");
    for (let minute = 1; minute <= minutes; minute++) {
      const outcome = await during(server, () => sendFor(60_000));
      const { p99Millis, worstMillis, megabytes, failed, statuses } = outcome;
      const cells = [
        minute,
        `${p99Millis.toFixed(1)} ms`,
        `${worstMillis.toFixed(1)} ms`,
        `${megabytes.toFixed()} MB`,
        loadavg()[0]?.toFixed(1),
        `${statuses}${failed > 0 ? `; ${failed} polls failed` : ""}`,
      ];
      process.stdout.write(`| ${cells.join(" | ")} |\n`);
    }
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
