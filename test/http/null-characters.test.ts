import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, draft, engines, type Service, signIn, startService } from "../harness.ts";
import { sample } from "../sample.ts";
import { access } from "./access.ts";

for (const engine of engines)
  describe(`null characters on ${engine}`, () => {
    let service: Service;
    let session: Awaited<ReturnType<typeof signIn>>;
    beforeAll(async () => {
      service = await startService({ engine });
      await service.add();
      session = await signIn(service, "ada");
    });
    afterAll(() => service.stop());

    test("in VOSI's parameters get a 400", async () => {
      for (const query of [
        "telescope=%00",
        "telescope=2m0a%00",
        "telescope=2m0a&site=%00",
        "telescope=2m0a&enclosure=a%00b",
      ])
        expect(await service.ask(`/vosi/availability?${query}`)).toEqual({
          status: 400,
          body: { detail: "Null characters are not allowed." },
        });
    });

    const names = [
      ...Object.keys(draft),
      ...["id", "seen", "version", "scope", "what", "telescopes", "duration", "until", "by", "kind", "zone", "rrule"],
      ...[
        "q",
        "past",
        "saved",
        "deleted",
        "offset",
        "span",
        "date",
        "at",
        "name",
        "password",
        "next",
        "order",
        "limit",
      ],
    ];

    // PostgreSQL can't store them and SQLite can: there a sample is enough.
    const asked = sample(names, engine === "postgres" ? 1 : 0.3);
    // Asks at the same time, which is faster than one after the other.
    const forEachName = (ask: (name: string) => Promise<void>) => Promise.all(asked.map(ask));

    test("in a form get a 400", async () => {
      const forms = Object.entries(access).filter(([path, row]) => path.startsWith("/admin/") && row.POST);
      expect(forms.length).toBeGreaterThan(10);
      for (const [path] of forms.filter(([path]) => !path.includes("sign-")))
        await forEachName(async (name) => {
          const body = new URLSearchParams({ csrf: session.csrf, ...draft, [name]: "a\0b" });
          const { status } = await service.send(path.replace(":id", "1"), {
            method: "POST",
            headers: session.reading,
            body,
          });
          expect([path, name, status]).toEqual([path, name, 400]);
        });
    });

    test("in any query never cause a 500", async () => {
      for (const path of Object.keys(access).filter((path) => access[path]?.GET && path !== "/events"))
        await forEachName(async (name) => {
          const query = `${path.replace(":id", "1")}?telescope=2m0a&${name}=a%00b`;
          const answer = await service.send(query, { headers: as("ada") });
          await answer.body?.cancel();
          expect([query, answer.status < 500]).toEqual([query, true]);
        });
    });

    test("in a username are rejected like a wrong username", async () => {
      const body = new URLSearchParams({ name: "a\0da", password: "ada-password" });
      expect((await service.send("/admin/sign-in", { method: "POST", body })).status).toBe(422);
    });
  });
