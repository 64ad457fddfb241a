import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import { byCommand, engines, type Service, signIn, startService } from "../harness.ts";

for (const engine of engines)
  describe(`restoring on ${engine} where every user writes`, () => {
    let service: Service;
    let [ada, ben]: Awaited<ReturnType<typeof signIn>>[] = [];
    beforeAll(async () => {
      service = await startService({ engine, settings: { WRITE_ACCESS: "authenticated" } });
      await service.services.users.add(
        { name: "dana", staff: false, passwordHash: null, tokenHash: hashToken("x") },
        byCommand(service.clock),
      );
      [ada, ben] = await Promise.all([signIn(service, "ada"), signIn(service, "ben")]);
    });
    afterAll(() => service.stop());

    const deleted = async (by: Awaited<ReturnType<typeof signIn>> | undefined) => {
      const { id } = await service.add({}, "ben");
      expect((await service.send(`/api/${id}/`, { method: "DELETE", headers: by?.writing ?? {} })).status).toBe(204);
      return id;
    };
    const restore = async (id: number, by: Awaited<ReturnType<typeof signIn>> | undefined) => {
      const body = new URLSearchParams({ csrf: by?.csrf ?? "", id: String(id) });
      return (await service.send("/admin/downtimes/restore", { method: "POST", headers: by?.reading ?? {}, body }))
        .status;
    };
    const offers = async (id: number, by: Awaited<ReturnType<typeof signIn>> | undefined) =>
      (await (await service.send(`/downtimes/${id}`, { headers: by?.reading ?? {} })).text()).includes(
        "downtimes/restore",
      );

    test("users restore what they deleted themselves", async () => {
      const id = await deleted(ben);
      expect([await offers(id, ben), await restore(id, ben)]).toEqual([true, 303]);
    });

    test("only staff restore what staff deleted, and only they are offered it", async () => {
      const id = await deleted(ada);
      expect([await offers(id, ben), await restore(id, ben)]).toEqual([false, 403]);
      expect((await service.send(`/api/${id}/`)).status).toBe(404);
      expect([await offers(id, ada), await restore(id, ada)]).toEqual([true, 303]);
    });
  });
