/** The files of deploy/, each read by the program that they are for. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import { createFolder, type Service, startService } from "./harness.ts";
import { hasProgram } from "./programs.ts";

setDefaultTimeout(120_000);

const deploy = join(import.meta.dir, "../deploy");
const read = (name: string) => Bun.file(join(deploy, name)).text();
const folder = createFolder();
afterAll(folder.remove);

async function run(...command: string[]) {
  const child = Bun.spawn(command, { cwd: folder.path, stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, text: output + errors };
}

const freePort = () => {
  const server = Bun.serve({ port: 0, fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  return port;
};

describe.skipIf(!hasProgram("nginx") || !hasProgram("openssl"))("nginx", () => {
  const [http, https] = [freePort(), freePort()];
  let service: Service;
  let nginx: ReturnType<typeof Bun.spawn>;

  beforeAll(async () => {
    service = await startService({ settings: { TRUST_PROXY: "true" } });
    const [key, certificate] = [join(folder.path, "privkey.pem"), join(folder.path, "fullchain.pem")];
    const made = await run(
      ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=downtime.example.org"],
      ...["-keyout", key, "-out", certificate],
    );
    expect(made.status).toBe(0);
    const site = (await read("nginx.conf"))
      .replaceAll("/etc/ssl/downtime", folder.path)
      .replaceAll(/listen (\[::\]:)?80;/g, `listen $1${http};`)
      .replaceAll(/listen (\[::\]:)?443 /g, `listen $1${https} `)
      .replace("127.0.0.1:8000", new URL(service.url).host);
    await Bun.write(join(folder.path, "site.conf"), site);
    const around = `pid ${folder.path}/pid; error_log stderr; daemon off; events {} http { access_log off; include ${folder.path}/site.conf; }`;
    await Bun.write(join(folder.path, "nginx.conf"), around);
    nginx = Bun.spawn(["nginx", "-c", join(folder.path, "nginx.conf")], { stderr: "inherit" });
    while (nginx.exitCode === null && !(await ask("/health").catch(() => undefined))) await Bun.sleep(10);
  });
  afterAll(async () => {
    nginx?.kill("SIGQUIT");
    await nginx?.exited;
    await service?.stop();
  });

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`https://127.0.0.1:${https}${path}`, { redirect: "manual", tls: { rejectUnauthorized: false }, ...init });

  test("accepts its configuration", async () => {
    const { status, text } = await run("nginx", "-t", "-c", join(folder.path, "nginx.conf"));
    expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining("test is successful") });
    expect(text).not.toContain("warn");
  });

  test("leads to HTTPS, and passes on pages, cookies and links", async () => {
    const plain = await fetch(`http://127.0.0.1:${http}/why?a=b`, { redirect: "manual" });
    expect([plain.status, plain.headers.get("location")]).toEqual([301, `https://127.0.0.1:${http}/why?a=b`]);
    const page = await ask("/");
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const body = new URLSearchParams({ name: "ada", password: "ada-password" });
    const cookie = (await ask("/admin/sign-in", { method: "POST", body })).headers.get("set-cookie");
    expect(cookie).toMatch(/^__Host-.*Secure/);
    for (const reason of ["one", "two"]) await service.add({ reason });
    const list = (await (await ask("/api/?limit=1")).json()) as { next: string };
    expect(list.next).toStartWith(`https://127.0.0.1:${https}/api/`);
  });

  test("lets no client say where it comes from", async () => {
    const forged = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-forwarded-prefix": "/evil" };
    const list = (await (await ask("/api/?limit=1", { headers: forged })).json()) as { next: string };
    expect(list.next).toStartWith(`https://127.0.0.1:${https}/api/`);
  });

  test("passes event streams on at once", async () => {
    const stream = await ask("/api/changes/stream");
    const reader = stream.body?.getReader();
    const text = new TextDecoder().decode((await reader?.read())?.value);
    expect(text).toStartWith("retry: ");
    await reader?.cancel();
  });
});

test.skipIf(!hasProgram("caddy"))("Caddy accepts its configuration", async () => {
  const config = join(deploy, "Caddyfile");
  const { status, text } = await run("caddy", "validate", "--adapter", "caddyfile", "--config", config);
  expect({ status, text }).toEqual({ status: 0, text: expect.stringContaining("Valid configuration") });
});

describe.skipIf(!hasProgram("systemd-analyze", "systemd"))("systemd", () => {
  test("accepts the unit", async () => {
    const unit = join(folder.path, "downtime.service");
    await Bun.write(unit, (await read("downtime.service")).replaceAll("/usr/local/bin/downtime", process.execPath));
    expect(await run("systemd-analyze", "verify", "--man=no", unit)).toEqual({ status: 0, text: "" });
  });

  test("finds little exposed", async () => {
    const unit = join(deploy, "downtime.service");
    const { status, text } = await run("systemd-analyze", "security", "--offline=true", "--threshold=15", unit);
    expect([status, text]).toEqual([0, expect.stringMatching(/Overall exposure level .*: [01]\.\d OK/)]);
  });

  test("gets settings that the service accepts", async () => {
    const lines = (await read("downtime.env")).split("\n").filter((line) => /^#?[A-Z_]+=/.test(line));
    const environment = Object.fromEntries(lines.map((line) => line.replace(/^#/, "").split(/=(.*)/)));
    expect(Object.keys(environment)).toContain("BACKUP_DIR");
    expect(readConfig(environment)).toMatchObject({ TRUST_PROXY: true, ALLOWED_HOSTS: ["downtime.example.org"] });
  });
});
