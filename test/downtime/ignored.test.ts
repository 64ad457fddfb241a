/** `X-Ignored-Parameters`: a list names the parameters that had no effect. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, engines, type Service, startService } from "../harness.ts";

for (const engine of engines)
  describe(`a list on ${engine}`, () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService({ engine });
      await service.add();
    });
    afterAll(() => service.stop());

    const ignored = async (query: string, init: RequestInit = {}) =>
      (await service.send(`/api/${query}`, init)).headers.get("x-ignored-parameters");

    test("names unknown, misspelt and empty parameters, and those that can't be read", async () => {
      const cases: Record<string, string | null> = {
        "": null,
        "?site=ogg&limit=5&offset=0&order=-start&reason=wash": null,
        "?ordering=start": null,
        "?end_after=2026-01-01": "end_after",
        "?Site=ogg&telescop=2m0a&Site=coj": "Site, telescop",
        "?ends_after=&reason=+": "ends_after, reason",
        "?limit=ten&offset=-1": "limit, offset",
        "?limit=0&offset=+1": "limit",
        "?ordering=nonsense": "ordering",
        "?ordering=nonsense,start": null,
        "?order=start&ordering=end": "ordering",
        "?order=": "order",
        "?constructor=1&__proto__=2": "constructor, __proto__",
        "?a%0D%0Ab=1&%E2%80%A6=2&a,b=3": "a%0D%0Ab, %E2%80%A6, a%2Cb",
      };
      for (const [query, expected] of Object.entries(cases))
        expect([query, await ignored(query)]).toEqual([query, expected]);
    });

    test("names them in cached responses and those to HEAD, too", async () => {
      for (let time = 0; time < 4; time++) expect(await ignored("?foo=1")).toBe("foo");
      expect(await ignored("?bar=1")).toBe("bar");
      expect(await ignored("?foo=1", { headers: as("ada") })).toBe("foo");
      expect(await ignored("?foo=1", { method: "HEAD" })).toBe("foo");
    });

    test("keeps the header short, so that no proxy rejects the response", async () => {
      const names = Array.from({ length: 90 }, (_, index) => `${"x".repeat(100)}${index}=1`).join("&");
      expect((await ignored(`?${names}`))?.length).toBe(1000);
    });

    test("keeps them in the link to the next page", async () => {
      await service.add({ reason: "another" });
      const { body } = await service.ask<{ next: string }>("/api/?limit=1&foo=1");
      expect(await ignored(new URL(body.next).search)).toBe("foo");
    });
  });
