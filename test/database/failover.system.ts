/** Failover: the service with a primary and a synchronous standby. Needs no program but PostgreSQL, as other tests. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { draft, posting, type Service, startService } from "../harness.ts";
import { administer, connect, type PostgresServer, startPostgres } from "../postgres-server.ts";

setDefaultTimeout(120_000);

/** How long until requests succeed again. A server that hangs is only noticed when its first queries time out, after 4 s. */
const maxMillis = {
  "is killed": { write: 10_000, read: 5000 },
  "stops answering": { write: 10_000, read: 10_000 },
} as const;

const until = async (isSo: () => boolean | Promise<boolean>) => {
  while (!(await isSo())) await Bun.sleep(5);
};

describe("a primary with a synchronous standby", () => {
  let primary: PostgresServer;
  let standby: PostgresServer;
  let service: Service;

  beforeEach(async () => {
    primary = await startPostgres();
    await administer(primary, "CREATE DATABASE pair");
    standby = await primary.startStandby();
    const [one, other] = [primary, standby].map((server) => new URL(server.url("pair")).host);
    // The standby comes first: the order doesn't matter.
    const url = `postgres://postgres@${other},${one}/pair?target_session_attrs=read-write`;
    service = await startService({ engine: "none", settings: { DATABASE_URL: url } });
  });
  afterEach(async () => {
    await service.stop();
    await standby.remove();
    await primary.remove();
  });

  /** Sends requests, several at a time, until stopped; records when which were answered as expected. */
  const startLoad = (request: (number: number) => Promise<boolean>) => {
    const succeeded: { readonly number: number; readonly begunAt: number; readonly at: number }[] = [];
    let number = 0;
    let goesOn = true;
    const run = async () => {
      while (goesOn) {
        const mine = ++number;
        const begunAt = performance.now();
        if (await request(mine)) succeeded.push({ number: mine, begunAt, at: performance.now() });
        else await Bun.sleep(20);
      }
    };
    const done = Promise.all([1, 2, 3, 4].map(run));
    return {
      succeeded,
      asked: () => number,
      async stop() {
        goesOn = false;
        await done;
      },
    };
  };

  test.each(["is killed", "stops answering"] as const)(
    "when the primary %s and the standby is promoted, no acknowledged write is lost, and requests succeed again",
    async (how) => {
      const { id } = await service.add();
      const writes = startLoad(async (number) => {
        const body = { ...draft, reason: `write ${number}` };
        return (await service.send("/api/", posting(body))).status === 201;
      });
      // By id: lists would be answered from memory.
      const reads = startLoad(async () => (await service.send(`/api/${id}/`)).status === 200);
      await until(() => writes.succeeded.length >= 100 && reads.succeeded.length >= 100);

      await (how === "is killed" ? primary.kill() : primary.freeze());
      const endedAt = performance.now();
      await administer(standby, "SELECT pg_promote()");
      const since = ({ succeeded }: typeof reads) => succeeded.filter(({ begunAt }) => begunAt > endedAt);
      await until(() => since(writes).length >= 100 && since(reads).length >= 100);
      await Promise.all([writes.stop(), reads.stop()]);

      const client = connect(standby.url("pair"));
      const rows = await client<{ reason: string }[]>`SELECT reason FROM downtime`;
      await client.end();
      const stored = new Set(rows.map(({ reason }) => reason));
      const lost = writes.succeeded.filter(({ number }) => !stored.has(`write ${number}`));
      const [write, read] = [writes, reads].map((load) => (since(load)[0]?.at ?? Infinity) - endedAt) as [
        number,
        number,
      ];
      console.log(
        `failover, the primary ${how}: ${writes.succeeded.length} of ${writes.asked()} writes acknowledged, ${lost.length} lost; ` +
          `writes again after ${Math.round(write)} ms, reads after ${Math.round(read)} ms`,
      );
      expect(lost).toEqual([]);
      expect(write).toBeLessThan(maxMillis[how].write);
      expect(read).toBeLessThan(maxMillis[how].read);
      if (how === "stops answering") await primary.kill();
    },
  );

  test("a write that the standby hasn't confirmed isn't acknowledged", async () => {
    // The first one also records the use of the token.
    expect((await service.send("/api/", posting(draft))).status).toBe(201);
    await standby.freeze();
    const { status } = await service.send("/api/", posting(draft));
    standby.thaw();
    expect(status).toBe(503);
    await until(async () => (await service.send("/api/", posting(draft))).status === 201);
  });

  test("without a primary, requests get 503, until there is one again", async () => {
    await primary.kill();
    const begunAt = performance.now();
    expect((await service.send("/api/", posting(draft))).status).toBe(503);
    expect(performance.now() - begunAt).toBeLessThan(5000);
    await administer(standby, "SELECT pg_promote()");
    await until(async () => (await service.send("/api/", posting(draft))).status === 201);
  });
});
