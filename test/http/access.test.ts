/** Access control: every path × method × caller. A route without a row in the table fails. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { hashToken } from "../../src/auth/secrets.ts";
import { planNew } from "../../src/series/plan.ts";
import { toInstant } from "../../src/time/instant.ts";
import {
  as,
  asBasic,
  byCommand,
  draft,
  engines,
  facility,
  posting,
  type Service,
  signIn,
  startService,
} from "../harness.ts";
import { startPortal } from "../portal.ts";
import { isWhole, sample } from "../sample.ts";
import { access, type Caller, callers, everyone, type Row } from "./access.ts";

// Password hashing is slow by design, and slower on a busy machine.
setDefaultTimeout(30_000);

const names = Object.keys(callers) as Caller[];
const fewNames: readonly Caller[] = ["nobody", "ada", "session"];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

for (const engine of engines)
  for (const writeAccess of ["staff", "authenticated"] as const)
    describe(`access on ${engine} where ${writeAccess} users write`, () => {
      let service: Service;
      let portal: ReturnType<typeof startPortal>;
      let session: Awaited<ReturnType<typeof signIn>>;
      let other: Awaited<ReturnType<typeof signIn>>;
      beforeAll(async () => {
        portal = startPortal({
          pia: { password: "pia-password", staff: true, active: true, token: "pia-token" },
        });
        service = await startService({ engine, settings: { ...portal.settings, WRITE_ACCESS: writeAccess } });
        const dana = { name: "dana", staff: false, passwordHash: null, tokenHash: hashToken("dana-token") };
        await service.services.users.add(dana, byCommand(service.clock));
        await service.send("/api/", { headers: asBasic("pia") });
        portal.goDown();
        service.clock.forward(10 * 60_000);
        [session, other] = await Promise.all([signIn(service, "ada"), signIn(service, "ada")]);
      });
      afterAll(async () => {
        await service.stop();
        portal.stop();
      });

      const headersOf = (caller: Caller): Record<string, string> => {
        switch (caller) {
          case "nobody":
            return {};
          case "bad token":
            return { authorization: "Token nonsense" };
          case "dana":
            return { authorization: "Token dana-token" };
          case "session":
            return session.writing;
          case "session without proof":
            return other.reading;
          case "pia":
            return { authorization: "Token pia-token" };
          default:
            return as(caller);
        }
      };

      let made = 0;
      /** A unique plan. */
      const planOf = () => ({
        reason: String(made++),
        scopes: [{ site: "ogg", telescope: "2m0a" }],
        rule: { kind: "once", start: draft.start, end: draft.end },
      });
      const addUser = async () => {
        const added = { name: `user-${made++}`, staff: false, passwordHash: null, tokenHash: null };
        return (await service.services.users.add(added, byCommand(service.clock))).id;
      };
      const addSeries = async () => {
        const planned = planNew(planOf(), facility, toInstant(service.clock()));
        return (await service.services.series.add(planned, { by: "dana", at: service.clock() })).series?.id;
      };

      const channelOf = () => ({
        name: `channel ${made++}`,
        address: "https://chat.example.org/",
        events: ["created"],
      });
      const addChannel = async () => {
        const { body } = await service.ask(
          "/api/notifications/",
          posting({ ...channelOf(), enabled: false }, as("ada")),
        );
        return Number(body.id);
      };

      const addingFor = (path: string) => {
        if (!path.includes(":id")) return async () => 0;
        if (path.includes("/series")) return addSeries;
        if (path.includes("/users")) return addUser;
        if (path.includes("/notifications")) return addChannel;
        return async () => (await service.add({}, "dana")).id;
      };

      const statusOf = async (
        path: string,
        added: number | undefined,
        method: string,
        headers: Record<string, string>,
      ) => {
        const id = path.includes("/changesets/")
          ? (await service.services.downtimes.history(added ?? 0))[0]?.change_set
          : added;
        const hasBody = method !== "GET" && method !== "HEAD";
        const body = path.startsWith("/api/series")
          ? posting(planOf(), headers)
          : path.startsWith("/api/users")
            ? posting(method === "PATCH" ? { staff: true } : { username: `user-${made++}` }, headers)
            : path.startsWith("/api/notifications")
              ? posting(channelOf(), headers)
              : { headers, body: new URLSearchParams(draft) };
        const answer = await service.send(path.replace(":id", String(id)), {
          ...(hasBody ? body : { headers }),
          method,
        });
        await answer.body?.cancel();
        return answer.status;
      };

      test("every route has a row", () => {
        expect(Object.keys(access).sort()).toEqual([...service.paths].sort());
      });

      // Who gets what does not depend on the engine: on PostgreSQL a sample is enough.
      for (const [path, rows] of sample(Object.entries(access), engine === "sqlite" ? 1 : 0.15))
        test(path, async () => {
          const add = addingFor(path);
          const common = add();
          const expected: Record<string, Record<string, number>> = {};
          const seen: Record<string, Record<string, number>> = {};
          for (const method of methods) {
            const row: Row = rows[method] ?? everyone(405);
            // Rows without writers need only one engine and setting.
            if (!("authenticated" in row) && writeAccess === "authenticated") continue;
            const statuses = "authenticated" in row ? row[writeAccess] : row;
            // Nobody may use a method without a row.
            const asking = isWhole || method in rows ? names : fewNames;
            expected[method] = Object.fromEntries(asking.map((name) => [name, statuses[callers[name]]]));
            // Each caller gets a separate downtime, series, user or channel to act on; reading shares one.
            const isActing = method in rows && !["GET", "HEAD", "OPTIONS"].includes(method);
            const answers = asking.map(async (name) => {
              const added = await (isActing ? add() : common);
              return [name, await statusOf(path, added, method, headersOf(name))];
            });
            seen[method] = Object.fromEntries(await Promise.all(answers));
            if (path === "/admin/sign-out") session = await signIn(service, "ada");
          }
          expect(seen).toEqual(expected);
        });
    });
