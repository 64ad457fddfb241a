import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, createClock, engines, posting, type Service, startService } from "../harness.ts";
import { startReceiver, until } from "../receivers.ts";

const path = "/api/notifications/";

for (const engine of engines)
  describe(`/api/notifications/ on ${engine}`, () => {
    let service: Service;
    const receiver = startReceiver();
    const clock = createClock();
    beforeAll(async () => {
      const settings = { NOTIFY_ALLOW_PRIVATE: "true" };
      service = await startService({ engine, clock, settings, pauses: { lookMillis: 50, attemptMillis: 5000 } });
    });
    afterAll(async () => {
      await service.stop();
      receiver.stop();
    });

    const ask = <Answer = Record<string, unknown>>(path: string, method = "GET", body?: object) =>
      service.ask<Answer>(path, { ...(body ? posting(body, as("ada")) : { headers: as("ada") }), method });
    const statusOf = async (path: string, method: string) =>
      (await service.send(path, { headers: as("ada"), method })).status;
    let made = 0;
    const create = async (fields: object = {}) => {
      const input = {
        name: `Operators ${++made}`,
        address: `${receiver.url}secret-path`,
        events: ["created"],
        ...fields,
      };
      const { status, body } = await ask(path, "POST", input);
      expect([status, body]).toEqual([201, expect.objectContaining({ name: input.name })]);
      return { body, at: `${path}${body.id}/` };
    };

    test("a channel is created, listed, edited and deleted; its address and secret are never returned again", async () => {
      const { body, at } = await create({ filters: "site=ogg", minutes: 15 });
      const { secret, ...channel } = body;
      expect(secret).toMatch(/^whsec_/);
      expect(channel).toEqual({
        id: expect.any(Number),
        name: `Operators ${made}`,
        kind: "webhook",
        events: ["created"],
        minutes: 15,
        filters: "site=ogg",
        template: "",
        enabled: true,
      });
      expect((await ask(at)).body).toEqual(channel);
      const changed = await ask(at, "PATCH", { enabled: false, events: ["ended", "soon"] });
      expect(changed).toEqual({ status: 200, body: { ...channel, enabled: false, events: ["ended", "soon"] } });
      expect((await ask(at, "PATCH", { minutes: 20 })).body).toMatchObject({ enabled: false, minutes: 20 });
      const { body: all } = await ask(path);
      expect(all).toMatchObject({ count: 1, next: null, previous: null, results: [{ id: channel.id, minutes: 20 }] });
      expect(JSON.stringify([changed, all])).not.toMatch(/secret|127\.0\.0\.1/);
      const mails = await create({ kind: "email", address: "ops@example.org", secret });
      expect(JSON.stringify([mails.body, (await ask(mails.at)).body])).not.toMatch(/ops@|whsec_/);
      for (const one of [at, mails.at]) {
        expect(await statusOf(one, "DELETE")).toBe(204);
        for (const method of ["GET", "DELETE"]) expect(await statusOf(one, method)).toBe(404);
      }
    });

    test("wrong input names its fields", async () => {
      const { body, at } = await create();
      const right = { name: "Another", address: receiver.url, events: ["created"] };
      const wrongs: [object, number, string][] = [
        [{}, 400, "name"],
        [{ ...right, kind: "pager" }, 400, "kind"],
        [{ ...right, events: [] }, 400, "events"],
        [{ ...right, events: ["exploded"] }, 400, "events/0"],
        [{ ...right, minutes: 0 }, 400, "minutes"],
        [{ ...right, minutes: "soon" }, 400, "minutes"],
        [{ ...right, address: "ftp://example.org" }, 400, "address"],
        [{ ...right, secret: "short" }, 400, "secret"],
        [{ ...right, filters: "sight=ogg" }, 400, "filters"],
        [{ ...right, template: "{{reazon}}" }, 400, "template"],
        [{ ...right, enabled: "on" }, 400, "enabled"],
        [{ ...right, to: "everyone" }, 400, "to"],
        [{ ...right, name: "a\0b" }, 400, "detail"],
        [{ ...right, name: body.name }, 409, "detail"],
      ];
      for (const [input, status, field] of wrongs) {
        const answer = await ask(path, "POST", input);
        expect([input, answer.status, Object.keys(answer.body)]).toEqual([
          input,
          status,
          expect.arrayContaining([field]),
        ]);
      }
      for (const change of [{ kind: "email" }, { address: "nothing" }, { id: 7 }])
        expect([change, (await ask(at, "PATCH", change)).status]).toEqual([change, 400]);
      expect((await ask(at)).body).toMatchObject({ kind: "webhook", name: body.name });
      await statusOf(at, "DELETE");
    });

    test("a PATCH of one field keeps the address, the secret and everything else", async () => {
      const { at } = await create({ filters: "reason=kept" });
      await ask(at, "PATCH", { template: '{"said": "{{title}}"}' });
      await service.add({ reason: "kept" });
      await until(() => receiver.got.some(({ body }) => JSON.parse(body).said));
      expect(receiver.got.at(-1)?.headers.get("webhook-signature")).toStartWith("v1,");
      await statusOf(at, "DELETE");
    });
  });
