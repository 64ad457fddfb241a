import { afterEach, expect, test } from "bun:test";
import { createPortal } from "../../src/auth/portal.ts";
import { PortalUnreachable } from "../../src/auth/portal-client.ts";
import { ConfigError, readConfig } from "../../src/config.ts";
import { openConfigdb } from "../../src/facility/configdb.ts";
import sites from "../fixtures/configdb.json";
import { as, createClock, runCommand, startConfigdb, startService } from "../harness.ts";

const atEnd: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of atEnd.splice(0).reverse()) await end();
});

const start = (answer?: unknown) => {
  const server = startConfigdb(answer);
  atEnd.push(server.stop);
  return server;
};

/** Opens ConfigDB as the service does; also returns its warnings and what it stored. */
async function open(url: string) {
  const warnings: unknown[] = [];
  const stored: string[] = [];
  const configdb = await openConfigdb({
    url,
    clock: createClock(),
    warn: (...all) => warnings.push(all),
    store: { get: async () => undefined, set: async (value) => void stored.push(value) },
  });
  atEnd.push(configdb.close);
  return { configdb, warnings: JSON.stringify(warnings), stored: stored.join() };
}

const withSecrets = (url: string) => `${url.replace("http://", "http://service:s%2Fcret-7@")}/`;

test("the password in CONFIGDB_URL is sent in a header and never shown", async () => {
  const server = start();
  let authorization: string | null = null;
  server.respond((request) => {
    authorization = request.headers.get("authorization");
    return Response.json(sites);
  });
  const { configdb, stored } = await open(withSecrets(server.url));
  expect(authorization as string | null).toBe(`Basic ${btoa("service:s/cret-7")}`);
  expect([configdb.state().source, configdb.find()?.sites.length]).toEqual([server.url, 3]);
  expect(stored).not.toContain("cret-7");
});

test("no invalid response of ConfigDB makes the log show the password", async () => {
  const server = start();
  const answers: Record<string, () => Response> = {
    status: () => new Response("no", { status: 500 }),
    "no JSON": () => new Response("<html>"),
    "other JSON": () => Response.json({ results: 1 }),
    circle: () => Response.json({ ...sites, next: `${withSecrets(server.url)}sites/` }),
    elsewhere: () => Response.json({ ...sites, next: "http://service:s%2Fcret-7@elsewhere.example/" }),
    redirect: () => Response.redirect("http://service:s%2Fcret-7@127.0.0.1:1/"),
  };
  for (const [what, respond] of Object.entries(answers)) {
    server.respond(respond);
    const { warnings } = await open(withSecrets(server.url));
    expect([what, warnings]).toEqual([what, expect.stringContaining("from ConfigDB")]);
    expect([what, warnings]).toEqual([what, expect.not.stringContaining("cret-7")]);
  }
  server.stop();
  expect((await open(withSecrets(server.url))).warnings).not.toContain("cret-7");
});

test("health doesn't show ConfigDB's URL, and the log doesn't show the password", async () => {
  const server = start();
  const service = await startService({ settings: { CONFIGDB_URL: `${withSecrets(server.url)}?key=s-cret-8` } });
  atEnd.push(service.stop);
  const texts = [await (await service.send("/health")).text()];
  texts.push(await (await service.send("/health", { headers: as("ada") })).text());
  expect(texts.join()).not.toContain("127.0.0.1");
  expect(texts.join() + JSON.stringify(service.log)).not.toMatch(/cret-[78]/);
});

test("pagination links to other servers are not followed", async () => {
  const elsewhere = start();
  const server = start();
  const nexts = [
    `${elsewhere.url}/sites/?page=2`,
    `//${new URL(elsewhere.url).host}/sites/`,
    "file:///etc/passwd",
    "data:application/json,{}",
    "http://169.254.169.254/latest/",
    server.url.replace("http:", "https:"),
  ];
  for (const next of nexts) {
    server.answer({ ...sites, next });
    const { configdb, warnings } = await open(server.url);
    expect([next, configdb.find()]).toEqual([next, undefined]);
    expect(warnings).toContain("the next page is on another server");
  }
  expect(elsewhere.asked).toEqual([]);
});

test("CONFIGDB_URL rejects URLs other than http and https", async () => {
  for (const url of ["file:///etc/passwd", "FILE:///etc/passwd", "file:/etc/passwd", "data:text/plain,x", "ftp://x/y"])
    expect(() => readConfig({ CONFIGDB_URL: url })).toThrow(ConfigError);
  expect(readConfig({ CONFIGDB_URL: "/etc/configdb.json" }).CONFIGDB_URL).toBe("/etc/configdb.json");
  expect((await runCommand(["migrate"], { CONFIGDB_URL: "file:///etc/passwd" })).errors).toStartWith(
    "CONFIGDB_URL must be ",
  );
});

/** A response that never ends, and how much of it was read. */
function endless(head: string) {
  let sent = 0;
  const megabyte = new TextEncoder().encode(" ".repeat(1_000_000));
  const body = () =>
    new ReadableStream({
      start: (stream) => stream.enqueue(new TextEncoder().encode(head)),
      pull(stream) {
        sent += 1;
        if (sent > 400) stream.close();
        else stream.enqueue(megabyte);
      },
    });
  return { respond: () => new Response(body()), sentMegabytes: () => sent };
}

test("ConfigDB's pages may have 50 MB in total", async () => {
  const server = start();
  const { respond, sentMegabytes } = endless('{"results": [');
  server.respond(respond);
  expect((await open(server.url)).warnings).toContain("the response is larger than");
  expect(sentMegabytes()).toBeLessThan(100);
  const padded = (page: number) =>
    new Response(
      `${JSON.stringify({ ...sites, next: page < 6 ? `?page=${page + 1}` : null })}${" ".repeat(9_000_000)}`,
    );
  server.respond((request) => padded(Number(new URL(request.url).searchParams.get("page") ?? 1)));
  expect((await open(server.url)).warnings).toContain("the response is larger than");
  server.respond(() => padded(6));
  expect((await open(server.url)).configdb.find()?.sites).toHaveLength(3);
});

test("a response of the portal may have 1 MB", async () => {
  const server = start();
  const { respond, sentMegabytes } = endless('{"access_token": "a"');
  server.respond(respond);
  const portal = createPortal({
    tokenUrl: `${server.url}/o/token/`,
    profileUrl: `${server.url}/api/profile/`,
    clientId: "a",
    clientSecret: "b",
    warn: () => {},
  });
  await expect(portal.signIn("pia", "x")).rejects.toBeInstanceOf(PortalUnreachable);
  expect(sentMegabytes()).toBeLessThan(50);
});
