import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { as, asBasic, draft, engines, posting, type Service, startService } from "../harness.ts";

interface List {
  count: number;
  next: string | null;
  previous: string | null;
  results: { id: number; reason: string }[];
}

const noCredentials = { status: 401, body: { detail: "Authentication credentials were not provided." } };

for (const engine of engines)
  describe(`/api/ on ${engine}`, () => {
    let service: Service;
    let ids: number[];
    beforeAll(async () => {
      service = await startService({ engine });
      ids = [];
      for (const reason of ["a", "b", "c", "d", "e"]) ids.push((await service.add({ reason })).id);
    });
    afterAll(() => service.stop());

    const post = (body: unknown, headers?: Record<string, string>) => service.ask("/api/", posting(body, headers));
    const raw = (body: RequestInit["body"], type?: string) =>
      service.ask("/api/", {
        method: "POST",
        body: body ?? null,
        headers: { ...as("ada"), ...(type && { "content-type": type }) },
      });

    describe("a downtime", () => {
      test("can be read after it is created, and is the last of the list", async () => {
        const created = await post({ ...draft, reason: "f" });
        const id = created.body.id as number;
        expect(created).toEqual({
          status: 201,
          body: { id, ...draft, reason: "f", created: "2026-11-22T12:00:00Z", modified: "2026-11-22T12:00:00Z" },
        });
        expect(await service.ask(`/api/${id}/`)).toEqual({ status: 200, body: created.body });
        const { body } = await service.ask<List>("/api/");
        expect(body.results.at(-1)).toEqual(created.body as never);
        expect((await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") })).status).toBe(204);
        expect(await service.ask(`/api/${id}/`)).toEqual({ status: 404, body: { detail: "Not found." } });
        expect((await service.send(`/api/${id}/`, { method: "DELETE", headers: as("ada") })).status).toBe(404);
      });

      test("has its fields in the order of OCS Downtime, and all times in one format", async () => {
        const text = await (await service.send(`/api/${ids[0]}/`)).text();
        expect(text).toBe(
          `{"id":${ids[0]},"start":"2026-11-23T08:00:00Z","end":"2026-11-23T09:30:00Z","site":"ogg","enclosure":"clma","telescope":"2m0a","instrument_type":"","reason":"a","created":"2026-11-22T12:00:00Z","modified":"2026-11-22T12:00:00Z"}`,
        );
      });

      test("that doesn't exist gets a 404", async () => {
        for (const id of ["abc", "-1", "1.5", "99999999999999999999", "1e0", "%31%00", "0", "１"])
          expect(await service.ask(`/api/${id}/`)).toEqual({ status: 404, body: { detail: "Not found." } });
        expect((await service.ask(`/api/000${ids[0]}/`)).status).toBe(200);
      });
    });

    describe("a body", () => {
      test("may be a form or multipart", async () => {
        const multipart = new FormData();
        for (const [name, value] of Object.entries(draft)) multipart.set(name, value);
        for (const body of [new URLSearchParams(draft), multipart]) {
          const created = await service.ask("/api/", { method: "POST", body, headers: as("ada") });
          expect(created).toMatchObject({ status: 201, body: draft });
          await service.send(`/api/${created.body.id}/`, { method: "DELETE", headers: as("ada") });
        }
      });

      test("that is empty has no fields, whatever its Content-Type", async () => {
        const missing = {
          start: ["This field is required."],
          end: ["This field is required."],
          site: ["This field is required."],
        };
        for (const type of ["application/json", "text/plain", undefined])
          expect(await raw(null, type)).toMatchObject({ status: 400, body: missing });
      });

      test("that can't be parsed gets a 400 with the reason", async () => {
        const detail = async (body: RequestInit["body"], type: string) => {
          const { status, body: answer } = await raw(body, type);
          return `${status} ${answer.detail}`;
        };
        expect(await detail('{"start": ', "application/json")).toStartWith("400 JSON parse error - ");
        expect(await detail(new Uint8Array([0x22, 0xff, 0x22]), "application/json")).toStartWith(
          "400 JSON parse error - ",
        );
        expect(await detail("nonsense", "multipart/form-data; boundary=x")).toStartWith(
          "400 Multipart form parse error - ",
        );
        expect(await detail("nonsense", "multipart/form-data")).toStartWith("400 Multipart form parse error - ");
        expect(await detail("<a/>", "application/xml")).toBe(
          '415 Unsupported media type "application/xml" in request.',
        );
        expect(await detail(`"${"x".repeat(1024 * 1024)}"`, "application/json")).toBe(
          "413 The body is larger than 1048576 bytes.",
        );
      });

      test("must be an object", async () => {
        const kinds: [unknown, string][] = [
          [[draft], "list"],
          ["x", "str"],
          [1, "int"],
          [1.5, "float"],
          [true, "bool"],
        ];
        for (const [body, kind] of kinds)
          expect(await post(body)).toEqual({
            status: 400,
            body: { non_field_errors: [`Invalid data. Expected a dictionary, but got ${kind}.`] },
          });
        expect(await post(null)).toEqual({ status: 400, body: { non_field_errors: ["No data provided"] } });
      });

      test("is read only after authentication: 401 and 403 come first", async () => {
        expect(await post("nonsense", {})).toEqual(noCredentials);
        expect((await post("nonsense", as("ben"))).status).toBe(403);
      });
    });

    describe("a client", () => {
      test("without credentials may read, but not write", async () => {
        expect((await service.ask("/api/")).status).toBe(200);
        expect(await post(draft, {})).toEqual(noCredentials);
        expect(await service.ask(`/api/${ids[0]}/`, { method: "DELETE" })).toEqual(noCredentials);
        expect(await post(draft, { authorization: "Bearer abc" })).toEqual(noCredentials);
      });

      test("with wrong credentials gets a 401 with the schemes, even for reads", async () => {
        const refusals: [string, string][] = [
          ["Token nope", "Invalid token."],
          ["Token", "Invalid token header. No credentials provided."],
          ["Token a b", "Invalid token header. Token string should not contain spaces."],
          ["Token cleo-api-token", "User inactive or deleted."],
          ["Basic", "Invalid basic header. No credentials provided."],
          ["Basic a b", "Invalid basic header. Credentials string should not contain spaces."],
          ["Basic !!!", "Invalid basic header. Credentials not correctly base64 encoded."],
          [asBasic("ada", "wrong").authorization, "Invalid username/password."],
          [asBasic("nobody", "wrong").authorization, "Invalid username/password."],
          [asBasic("cleo").authorization, "User inactive or deleted."],
        ];
        for (const [authorization, detail] of refusals) {
          const response = await service.send("/api/", { headers: { authorization } });
          expect([response.status, await response.json()]).toEqual([401, { detail }]);
          expect(response.headers.get("www-authenticate")).toBe('Basic realm="downtime", Token');
        }
      });

      test("that is staff may write, with Basic or a token, and the scheme in any case", async () => {
        for (const headers of [as("ada"), asBasic("ada"), { authorization: "token ada-api-token" }]) {
          const { status, body } = await post({ ...draft, reason: "temporary" }, headers);
          expect(status).toBe(201);
          expect((await service.send(`/api/${body.id}/`, { method: "DELETE", headers })).status).toBe(204);
        }
      });

      test("that isn't staff may not write", async () => {
        const forbidden = { status: 403, body: { detail: "You do not have permission to perform this action." } };
        expect(await post(draft, as("ben"))).toEqual(forbidden);
        expect(await service.ask(`/api/${ids[0]}/`, { method: "DELETE", headers: as("ben") })).toEqual(forbidden);
      });
    });

    describe("a page of a list", () => {
      const part = async (query: string) => {
        const { body } = await service.ask<List>(`/api/?${query}`);
        const relative = (link: string | null) => link?.replace(service.url, "") ?? null;
        return [
          body.results.map(({ reason }) => reason).join(""),
          body.count,
          relative(body.previous),
          relative(body.next),
        ];
      };

      test("has absolute links to the next and previous pages", async () => {
        expect(await part("limit=2")).toEqual(["ab", 5, null, "/api/?limit=2&offset=2"]);
        expect(await part("limit=2&offset=2")).toEqual(["cd", 5, "/api/?limit=2", "/api/?limit=2&offset=4"]);
        expect(await part("limit=2&offset=4")).toEqual(["e", 5, "/api/?limit=2&offset=2", null]);
        expect(await part("limit=2&offset=1")).toEqual(["bc", 5, "/api/?limit=2", "/api/?limit=2&offset=3"]);
        expect(await part("offset=9")).toEqual(["", 5, "/api/?limit=1000", null]);
        expect(await part("limit=5&offset=0")).toEqual(["abcde", 5, null, null]);
      });

      test("keeps all other parameters in its links, sorted and encoded as in OCS Downtime", async () => {
        expect(await part("reason=&starts_after=2020-01-01 00:00:00&site=ogg&site=coj&limit=1&x=~*(é)")).toEqual([
          "a",
          5,
          null,
          "/api/?limit=1&offset=1&reason=&site=ogg&site=coj&starts_after=2020-01-01+00%3A00%3A00&x=~%2A%28%C3%A9%29",
        ]);
      });

      test("says that there is more: in a header, and once a day per client in the log", async () => {
        const said = () =>
          service.log.filter(({ message }) => String(message).startsWith("a client got a part")).length;
        const ask = (program: string) => service.send("/api/?limit=2", { headers: { "user-agent": program } });
        const before = said();
        const response = await ask("portal");
        expect(response.headers.get("link")).toBe(`<${service.url}/api/?limit=2&offset=2>; rel="next"`);
        await ask("portal");
        expect(said()).toBe(before + 1);
        await ask("scheduler");
        expect(said()).toBe(before + 2);
        service.clock.forward(24 * 3_600_000 + 1);
        await ask("portal");
        expect(said()).toBe(before + 3);
        expect((await service.send("/api/")).headers.has("link")).toBe(false);
      });
    });

    describe("a method", () => {
      test("that a path doesn't support gets a 405 with those that it does", async () => {
        const refusal = async (method: string, path: string, headers: Record<string, string> = as("ada")) => {
          const response = await service.send(path, { method, headers });
          return [
            response.status,
            ((await response.json()) as { detail: string }).detail,
            response.headers.get("allow"),
          ];
        };
        expect(await refusal("PUT", "/api/1/")).toEqual([
          405,
          'Method "PUT" not allowed.',
          "GET, PATCH, DELETE, HEAD, OPTIONS",
        ]);
        expect(await refusal("PATCH", "/api/")).toEqual([
          405,
          'Method "PATCH" not allowed.',
          "GET, POST, HEAD, OPTIONS",
        ]);
        expect(await refusal("DELETE", "/api/")).toEqual([
          405,
          'Method "DELETE" not allowed.',
          "GET, POST, HEAD, OPTIONS",
        ]);
        expect(await refusal("POST", "/api/1/")).toEqual([
          405,
          'Method "POST" not allowed.',
          "GET, PATCH, DELETE, HEAD, OPTIONS",
        ]);
        // Who may not write at all learns nothing about what could be written.
        expect((await refusal("PUT", "/api/1/", {}))[0]).toBe(401);
      });

      test("HEAD responds as GET does, without the body", async () => {
        const headers = { "accept-encoding": "identity" };
        const head = await service.send("/api/", { method: "HEAD", headers });
        const get = await service.send("/api/", { headers });
        expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([
          200,
          get.headers.get("content-type"),
          "",
        ]);
        expect(head.headers.get("content-length")).toBe(String((await get.text()).length));
        expect((await service.send("/api/999/", { method: "HEAD" })).status).toBe(404);
      });

      test("OPTIONS lists the methods; CORS allows reads from any origin and no writes", async () => {
        const response = await service.send("/api/", { method: "OPTIONS", headers: { origin: "https://example.org" } });
        expect(response.status).toBe(200);
        expect(response.headers.get("allow")).toBe("GET, POST, HEAD, OPTIONS");
        expect(response.headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
        expect((await service.send("/api/")).headers.get("access-control-allow-origin")).toBe("*");
        expect((await service.send("/api/?site=nop")).headers.get("access-control-allow-origin")).toBe("*");
      });
    });

    test("a path without its trailing slash redirects to the one with it, and clients send the body again", async () => {
      const location = async (path: string, method = "GET") => {
        const response = await service.send(path, { method });
        return [response.status, response.headers.get("location")];
      };
      expect(await location("/api?limit=1")).toEqual([301, "/api/?limit=1"]);
      expect(await location("/api/1")).toEqual([301, "/api/1/"]);
      expect(await location("/api", "POST")).toEqual([308, "/api/"]);
    });

    test("an invalid filter gets a 400 that names it", async () => {
      expect(await service.ask("/api/?site=nop&starts_after=garbage&order=bogus")).toEqual({
        status: 400,
        body: {
          site: ["Select a valid choice. nop is not one of the available choices."],
          starts_after: ["Enter a valid date/time."],
          order: ["Select a valid choice. bogus is not one of the available choices."],
        },
      });
    });

    test("an unknown path gets a 404", async () => {
      for (const path of ["/api/1/2/", "/api//", "/nothing"]) expect((await service.ask(path)).status).toBe(404);
    });
  });
