import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { openForms } from "../forms.ts";
import { as, createClock, engines, noon, posting, type Service, startService } from "../harness.ts";
import { startLiar, startMail, startReceiver, until } from "../receivers.ts";

const minute = 60_000;
const hour = 60 * minute;
const at = (millis: number) => new Date(noon + millis).toISOString().replace(".000Z", "Z");
const byHand = ["created", "edited", "cancelled"];
const byTime = ["started", "ended", "soon"];

for (const engine of engines)
  describe(`notifications on ${engine}`, () => {
    let service: Service;
    let receiver: ReturnType<typeof startReceiver>;
    let mail: Awaited<ReturnType<typeof startMail>>;
    let ada: Awaited<ReturnType<typeof openForms>>;
    const clock = createClock();
    beforeAll(async () => {
      mail = await startMail();
      const settings = {
        NOTIFY_ALLOW_PRIVATE: "true",
        SMTP_URL: mail.url,
        NOTIFY_FROM: "Downtime <downtime@example.org>",
      };
      service = await startService({ engine, clock, settings, pauses: { lookMillis: 50, attemptMillis: 2000 } });
      ada = await openForms(service, "ada");
    });
    beforeEach(() => {
      clock.set(noon);
      receiver?.stop();
      receiver = startReceiver();
    });
    afterAll(async () => {
      await service.stop();
      receiver.stop();
      await mail.stop();
    });

    let made = 0;
    /** Makes a channel by its form, uses it, and deletes it. */
    const withChannel = async (
      fields: Record<string, string>,
      events: readonly string[],
      use: (channel: { path: string; secret: string; log: () => Promise<string[]> }) => Promise<void>,
    ) => {
      const form = (await ada.get("/admin/notifications/new")).html;
      const secret = /name="secret"[^>]*value="([^"]+)"/.exec(form)?.[1] ?? "";
      const input = {
        name: `channel ${++made}`,
        kind: "webhook",
        address: receiver.url,
        secret,
        minutes: "30",
        enabled: "on",
      };
      const all = [...Object.entries({ ...input, ...fields }), ...events.map((event) => ["events", event])];
      const { status, location, html } = await ada.post("/admin/notifications/new", all as [string, string][]);
      expect([status, html.match(/class="error"[^>]*>[^<]*/g)]).toEqual([303, null]);
      const path = location ?? "";
      const log = async () => {
        const { html } = await ada.get(path);
        const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)]
          .slice(1)
          .map(([, row = ""]) => row.replace(/<[^>]*>/g, " "));
        return rows.map((row) => row.replace(/\s+/g, " ").trim());
      };
      try {
        await use({ path, secret, log });
      } finally {
        expect((await ada.post(`${path}/do`, { do: "delete" })).status).toBe(303);
      }
    };
    const edit = (id: number, change: object) => service.send(`/api/${id}/`, { ...posting(change), method: "PATCH" });
    const cancel = (id: number) => service.send(`/api/${id}/`, { headers: as("ada"), method: "DELETE" });

    test("a message for each change, in order and signed as Standard Webhooks says", () =>
      withChannel({}, byHand, async ({ secret }) => {
        const { id } = await service.add({ reason: 'Mirror "wash"' });
        await until(() => receiver.got.length === 1);
        const [{ body, headers } = { body: "", headers: new Headers() }] = receiver.got;
        expect(JSON.parse(body)).toMatchObject({
          event: "created",
          title: "Downtime created: ogg · clma · 2m0a",
          text: 'Downtime created by ada: ogg · clma · 2m0a, Mon 2026-11-23 08:00–09:30Z: Mirror "wash"',
          by: "ada",
          at: "2026-11-22T12:00:00Z",
          count: 1,
          link: `${service.url}/downtimes/${id}`,
          downtimes: [{ id, site: "ogg", event: "created" }],
        });
        const signature = new Webhook(secret).sign(headers.get("webhook-id") ?? "", new Date(noon), body);
        expect(headers.get("webhook-signature")).toBe(signature);
        expect(headers.get("webhook-timestamp")).toBe(String(noon / 1000));
        clock.forward(minute);
        await edit(id, { end: "2026-11-23T10:00:00Z" });
        clock.forward(minute);
        await cancel(id);
        await until(() => receiver.got.length === 3);
        const times = receiver.got.map(({ body }) => JSON.parse(body).downtimes[0]);
        expect(times.map(({ created, modified }) => [created, modified])).toEqual(
          [0, minute, 2 * minute].map((modified) => [at(0), at(modified)]),
        );
        expect(receiver.titles()).toEqual(byHand.map((done) => `Downtime ${done}: ogg · clma · 2m0a`));
        expect(JSON.parse(receiver.got[1]?.body ?? "").text).toContain(
          "08:00–10:00Z (was Mon 2026-11-23 08:00–09:30Z)",
        );
      }));

    test("one message for a series of a thousand downtimes", () =>
      withChannel({}, byHand, async () => {
        const rule = {
          kind: "calendar",
          zone: "UTC",
          start: "2026-12-01T20:00:00",
          minutes: 60,
          rrule: "FREQ=DAILY;COUNT=500",
        };
        const series = {
          reason: "Education",
          scopes: ["ogg", "coj"].map((site) => ({ site, telescope: "2m0a" })),
          rule,
        };
        expect(await service.ask("/api/series/", posting(series))).toMatchObject({ status: 201 });
        await service.add({ reason: "After it" });
        await until(() => receiver.got.length === 2);
        const { count, more, downtimes, text } = JSON.parse(receiver.got[0]?.body ?? "");
        expect([count, more, downtimes.length]).toEqual([1000, 980, 20]);
        expect(text).toMatch(/^1,000 downtimes created by ada:\n- ogg/);
        expect(text).toEndWith("and 980 more");
      }));

    test("a channel that is saved while changes are collected gets what is changed after it", () =>
      withChannel({}, byHand, async () => {
        const { channels } = service.services;
        const { list } = channels;
        const saved = Promise.withResolvers<void>();
        const sent = Promise.withResolvers<void>();
        let isFirst = true;
        channels.list = async () => {
          const all = await list();
          if (!isFirst) return all;
          isFirst = false;
          saved.resolve();
          await sent.promise;
          return all;
        };
        try {
          await saved.promise;
          await withChannel({}, byHand, async () => {
            await service.add({ reason: "After both were saved" });
            sent.resolve();
            await until(() => receiver.got.length === 2);
          });
        } finally {
          sent.resolve();
          channels.list = list;
        }
      }));

    test("the form offers e-mail only with an SMTP server", async () => {
      const without = await startService({ engine });
      const offers = async (form: typeof ada) =>
        (await form.get("/admin/notifications/new")).html.includes('<option value="email"');
      expect([await offers(ada), await offers(await openForms(without, "ada"))]).toEqual([true, false]);
      await without.stop();
    });

    test("the form says that empty fields keep what is stored only where something is", () =>
      withChannel({}, ["created"], async ({ path }) => {
        const hints = async (of: string) => (await ada.get(of)).html.match(/Leave empty to keep|Copy it now/g);
        expect(await hints("/admin/notifications/new")).toEqual(["Copy it now"]);
        expect(await hints(path)).toEqual(["Leave empty to keep", "Leave empty to keep"]);
      }));

    test("only what the filters match, before or after an edit", () =>
      withChannel({ filters: "https://any.example/?when=all&site=coj&reason=WASH" }, byHand, async () => {
        await service.add({ site: "ogg", reason: "Mirror wash" });
        await service.add({ site: "coj", reason: "Education" });
        const { id } = await service.add({ site: "coj", reason: "Mirror wash" });
        await edit(id, { reason: "Something else" });
        await edit(id, { reason: "Something else again" });
        await service.add({ site: "coj", reason: "The last wash" });
        await until(() => receiver.got.length === 3);
        expect(receiver.titles()).toEqual(
          ["created", "edited", "created"].map((done) => `Downtime ${done}: coj · clma · 2m0a`),
        );
      }));

    test(
      "downtimes that start, end or start soon, once each, also when the clock is set back",
      () =>
        withChannel({}, [...byTime, "created"], async ({ log }) => {
          await service.add({ start: at(hour), end: at(2 * hour) });
          const isOther = (title: string) => title.startsWith("Downtime created");
          const others = () => receiver.titles().filter(isOther).length;
          for (const step of [20 * minute, 10 * minute, 30 * minute, -45 * minute, 45 * minute, hour, 0]) {
            clock.forward(step);
            // What comes before its message was collected at this time or earlier.
            const seen = others();
            await service.add({ start: at(100 * hour), end: at(101 * hour) });
            await until(() => others() > seen);
            await until(async () => !(await log()).some((row) => row.includes("waiting")));
          }
          expect(receiver.titles().filter((title) => !isOther(title))).toEqual(
            ["Starts in 30 min", "Downtime started", "Downtime ended"].map((what) => `${what}: ogg · clma · 2m0a`),
          );
        }),
      30_000,
    );

    test("a closure starts at once and ends when it is ended, a cancelled downtime doesn't start, a moved one when it does", () =>
      withChannel({ filters: "reason=moving" }, ["started", "ended"], async () => {
        const closure = await service.add({ start: at(-minute), end: at(5 * hour), reason: "moving" });
        await until(() => receiver.got.length === 1);
        await edit(closure.id, { end: at(0) });
        await until(() => receiver.got.length === 2);
        const cancelled = await service.add({ start: at(hour), end: at(2 * hour), reason: "moving, cancelled" });
        const moved = await service.add({ start: at(hour), end: at(2 * hour), reason: "moving" });
        await cancel(cancelled.id);
        await edit(moved.id, { start: at(90 * minute) });
        clock.forward(80 * minute);
        await service.add({ start: at(80 * minute), end: at(5 * hour), reason: "moving, and starts now" });
        await until(() => receiver.got.length === 3);
        clock.forward(10 * minute);
        await until(() => receiver.got.length === 4);
        const sent = receiver.got.map(({ body }) => JSON.parse(body)).map(({ event, at }) => [event, at]);
        expect(sent).toEqual([
          ["started", at(-minute)],
          ["ended", at(0)],
          ["started", at(80 * minute)],
          ["started", at(90 * minute)],
        ]);
      }));

    test("what waits isn't sent if it is no longer true", () =>
      withChannel({ filters: "reason=late" }, ["started", "created"], async ({ log }) => {
        receiver.respond(() => new Response("", { status: 500 }));
        const { id } = await service.add({ start: at(minute), end: at(hour), reason: "late" });
        await until(() => receiver.got.length === 1);
        clock.forward(2 * minute);
        await until(async () => (await log()).length === 2);
        await cancel(id);
        receiver.respond(() => new Response(""));
        clock.forward(hour);
        await until(async () => (await log())[0]?.includes("not sent"));
        expect(new Set(receiver.titles())).toEqual(new Set(["Downtime created: ogg · clma · 2m0a"]));
      }));

    test("a failure is retried with the same key until it succeeds, and holds back what comes after", () =>
      withChannel({}, byHand, async ({ log }) => {
        receiver.respond(() => new Response("", { status: 503 }));
        const { id } = await service.add({});
        await until(() => receiver.got.length === 1);
        await edit(id, { reason: "Second" });
        for (const attempts of [2, 3]) {
          await until(async () => (await log()).at(-1)?.match(attempts === 2 ? /waiting 503/ : /attempt 2 503/));
          clock.forward(30_000);
          await until(() => receiver.got.length === attempts);
        }
        await until(async () => (await log()).at(-1)?.includes("attempt 3 503"));
        expect((await log()).map((row) => /waiting|503/g.exec(row)?.[0])).toEqual(["waiting", "waiting"]);
        expect((await log())[1]).toMatch(/waiting, attempt 3 503/);
        receiver.respond(() => new Response(""));
        clock.forward(hour);
        await until(() => receiver.got.length === 5);
        expect(new Set(receiver.got.slice(0, 4).map(({ key }) => key)).size).toBe(1);
        expect(receiver.titles().slice(3)).toEqual(
          ["created", "edited"].map((done) => `Downtime ${done}: ogg · clma · 2m0a`),
        );
        expect(service.log.filter(({ message }) => message === "notification failed").length).toBeGreaterThanOrEqual(3);
      }));

    test(
      "it gives up after a day, shows why, and Retry sends it",
      () =>
        withChannel({}, byHand, async ({ path, log }) => {
          receiver.respond(() => new Response("", { status: 500 }));
          await service.add({});
          const from = clock();
          await until(async () => {
            clock.forward(10 * minute);
            return (await log())[0]?.includes("failed");
          });
          expect(clock() - from).toBeGreaterThan(18 * hour);
          expect(receiver.got).toHaveLength(33);
          expect((await log())[0]).toMatch(/failed, attempt 33 500/);
          receiver.respond(() => new Response("", { status: 204 }));
          const { html } = await ada.get(path);
          const retry = /name="do" value="(retry \d+)"/.exec(html)?.[1] ?? "";
          await ada.post(`${path}/do`, { do: retry });
          await until(async () => (await log())[0]?.includes("204"));
          expect(receiver.got.at(-1)?.key).toBe(receiver.got[0]?.key ?? "");
        }),
      60_000,
    );

    test("Skip lets the next message pass one that fails, and asks for nothing that was sent", () =>
      withChannel({}, byHand, async ({ path, log }) => {
        const isFirst = (body: string) => JSON.parse(body).downtimes[0].reason === "First";
        receiver.respond(() => new Response("", { status: isFirst(receiver.got.at(-1)?.body ?? "") ? 500 : 200 }));
        await service.add({ reason: "First" });
        await service.add({ reason: "Second" });
        await until(async () => (await log())[1]?.includes("500"));
        const { html } = await ada.get(path);
        const skips = [...html.matchAll(/name="do" value="(skip \d+)"/g)].map(([, skip = ""]) => skip);
        expect(skips).toHaveLength(1);
        expect((await ada.post(`${path}/do`, { do: skips[0] ?? "" })).location).toBe(path);
        await until(async () => (await log())[0]?.includes("sent 200"));
        expect((await log())[1]).toMatch(/not sent skipped by ada/);
        const sent = `skip ${Number(skips[0]?.split(" ")[1]) + 1}`;
        expect((await ada.post(`${path}/do`, { do: sent })).location).toBe(path);
        expect((await log())[0]).toContain("sent 200");
      }));

    test("a channel is deleted only by a button that has to be opened first", () =>
      withChannel({}, byHand, async ({ path }) => {
        const { html } = await ada.get(path);
        expect(html).toMatch(/<details><summary>Delete channel…<\/summary>.*value="delete"/s);
        expect(html.match(/value="delete"/g)).toHaveLength(1);
      }));

    test("a message that the receiver refuses for good fails at once, and a redirect isn't followed", () =>
      withChannel({}, byHand, async ({ log }) => {
        const other = startReceiver();
        receiver.respond(() => new Response("", { status: 422 }));
        await service.add({});
        await until(async () => (await log())[0]?.includes("failed"));
        receiver.respond(() => Response.redirect(other.url, 307));
        await service.add({});
        await until(
          async () =>
            (await log())[0]?.includes("redirects aren't followed") || (await log())[0]?.includes("redirects aren&"),
        );
        expect(other.got).toEqual([]);
        other.stop();
      }));

    test("receivers that lie", async () => {
      const liars: [string, (socket: import("node:net").Socket) => void, RegExp][] = [
        ["closes early", (socket) => socket.destroy(), /waiting/],
        ["talks nonsense", (socket) => socket.end("SSH-2.0-nonsense\r\n\r\n"), /waiting/],
        [
          "sends garbage after 200",
          (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n\0\0"),
          /sent/,
        ],
        [
          "sends an endless body",
          (socket) => {
            socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
            const more = () =>
              !socket.destroyed && socket.write(`ffff\r\n${"x".repeat(65535)}\r\n`, () => setTimeout(more, 1));
            more();
          },
          /sent/,
        ],
      ];
      for (const [, work, expected] of liars) {
        const liar = await startLiar(work);
        await withChannel({ address: liar.url }, byHand, async ({ path, log }) => {
          await ada.post(`${path}/do`, { do: "test" });
          await until(async () => /(waiting|sent) \S/.test((await log())[0] ?? ""));
          expect((await log())[0]).toMatch(expected);
        });
        liar.stop();
      }
    }, 60_000);

    test(
      "a slow receiver holds up no other, and is given up on",
      () =>
        withChannel({}, byHand, async ({ log }) => {
          const quick = startReceiver();
          receiver.respond(() => new Promise(() => {}));
          await withChannel({ address: quick.url }, byHand, async () => {
            await service.add({});
            await until(() => receiver.got.length === 1 && quick.got.length === 1);
            for (let count = 2; count < 12; count++) {
              await service.add({});
              await until(() => quick.got.length === count);
            }
            expect(receiver.got).toHaveLength(1);
          });
          await until(async () => (await log()).at(-1)?.includes("no answer within 2 s"));
          quick.stop();
        }),
      60_000,
    );

    test("e-mail to each address, with a key, and no header that a reason brings", () =>
      withChannel(
        { kind: "email", address: "ops@example.org; unknown@example.org", secret: "" },
        byHand,
        async ({ log }) => {
          await service.add({ reason: "Mirror\nBcc: evil@example.org\n\n.\nwash" });
          await until(() => mail.got.length === 1);
          const [{ to, text } = { to: [], text: "" }] = mail.got;
          expect(to).toEqual(["ops@example.org"]);
          expect(text).toMatch(/^Message-ID: <\d+-set-\d+@example.org>\r$/im);
          expect(text.split("\r\n\r\n")[0]).not.toMatch(/^bcc:/im);
          await until(async () => (await log())[0]?.includes("unknown@example.org"));
        },
      ));
  });
