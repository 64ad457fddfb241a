import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ConfigError, readConfig } from "../../src/config.ts";
import { type Service, startService } from "../harness.ts";
import { sendRaw, statusesOf } from "../socket.ts";

const ask = async (service: Service, lines: string, path = "/api/?limit=1") =>
  statusesOf(await sendRaw(service, `GET ${path} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`));

test("two Host headers, and one with two hosts, are rejected", async () => {
  const service = await startService();
  // The second response comes from the cache.
  for (const _ of [1, 2]) expect(await ask(service, "Host: a.example\r\n")).toEqual([200]);
  for (const lines of [
    "Host: a.example\r\nHost: b.example\r\n",
    "Host: a.example\r\nHost: a.example\r\n",
    "Host: a.example\r\nX-A: b\r\nhost: b.example\r\n",
    "Host: a.example, b.example\r\n",
    "Host: a.example,\r\n",
  ])
    for (const path of ["/api/?limit=1", "/health", "/"])
      expect([lines, path, await ask(service, lines, path)]).toEqual([lines, path, [400]]);
  await service.stop();
});

describe("with ALLOWED_HOSTS", () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ settings: { ALLOWED_HOSTS: "downtime.example.org, .lan", TRUST_PROXY: "true" } });
  });
  afterAll(() => service.stop());

  const statusOf = async (host: string, more = "") => (await ask(service, `Host: ${host}\r\n${more}`))[0];

  test("these hosts and localhost are allowed, with any port and case", async () => {
    for (const host of [
      "downtime.example.org",
      "DOWNTIME.Example.ORG:8000",
      "downtime.example.org.",
      "lan",
      "a.b.lan:80",
    ])
      expect([host, await statusOf(host)]).toEqual([host, 200]);
    for (const host of ["localhost:8000", "127.0.0.1", "[::1]:8000"])
      expect([host, await statusOf(host)]).toEqual([host, 200]);
  });

  test("other hosts are rejected, even if the response is cached", async () => {
    for (const host of [
      "example.org",
      "x.downtime.example.org",
      "downtime.example.org.evil.example",
      "evillan",
      "192.0.2.1",
    ])
      expect([host, await statusOf(host)]).toEqual([host, 400]);
    const answer = await sendRaw(
      service,
      "GET / HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
    );
    expect(answer).not.toContain("evil.example");
  });

  test("each host's schedule has links to this host alone, although it is rendered once per second", async () => {
    const hosts = ["downtime.example.org", "a.lan", "b.lan"];
    const head = "GET / HTTP/1.1\r\nAccept: text/html\r\nConnection: close\r\n";
    const pages = await Promise.all(hosts.map((host) => sendRaw(service, `${head}Host: ${host}\r\n\r\n`)));
    for (const [index, page] of pages.entries())
      expect(hosts.filter((host) => page.includes(`//${host}/`))).toEqual([hosts[index] as string]);
  });

  test("the host from a trusted proxy counts", async () => {
    expect(await statusOf("127.0.0.1", "X-Forwarded-Host: evil.example\r\n")).toBe(400);
    expect(await statusOf("127.0.0.1", "X-Forwarded-Host: downtime.example.org\r\n")).toBe(200);
  });
});

test("ALLOWED_HOSTS accepts only host names", () => {
  expect(readConfig({}).ALLOWED_HOSTS).toEqual(["*"]);
  expect(readConfig({ ALLOWED_HOSTS: "A.example b.example,[::1]" }).ALLOWED_HOSTS).toEqual([
    "a.example",
    "b.example",
    "[::1]",
  ]);
  for (const bad of ["http://a.example", "a.example:80", "*.example", "a/b", "a..b"])
    expect(() => readConfig({ ALLOWED_HOSTS: bad })).toThrow(ConfigError);
});
