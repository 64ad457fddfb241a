import { afterAll, describe, expect, test } from "bun:test";
import { createWebhooks, isPublic } from "../../src/notify/receiver-client.ts";
import { startReceiver } from "../receivers.ts";

const receiver = startReceiver();
afterAll(() => receiver.stop());
const port = new URL(receiver.url).port;

/** Posts to a URL, with names that resolve as the test says. */
const post = (url: string, addresses: Record<string, string[]> = {}, allowPrivate = false) => {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    const found = addresses[host];
    if (!found) throw new Error(`${host} doesn't exist`);
    return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return createWebhooks(10_000, allowPrivate, resolve)(url, "", "key", "{}", 0).then((outcome) => ({
    ...outcome,
    asked,
  }));
};

describe("a webhook to an internal address is refused", () => {
  const hosts = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0x7f000001",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "①②⑦.⓪.⓪.①",
  ];
  for (const host of hosts)
    test(`spelt ${host}`, async () => {
      expect(await post(`http://${host}:${port}/`)).toMatchObject({
        isDone: false,
        answer: expect.stringContaining("isn't a public address"),
      });
    });

  for (const addresses of [
    ["127.0.0.1"],
    ["203.0.113.9", "10.0.0.1"],
    ["93.184.215.14", "::1"],
    ["::ffff:10.0.0.1"],
    ["fe80::1%eth0"],
  ])
    test(`behind a name that resolves to ${addresses.join(" and ")}`, async () => {
      const outcome = await post(`http://hooks.example:${port}/`, { "hooks.example": addresses });
      expect(outcome).toMatchObject({ isDone: false, answer: expect.stringContaining("isn't a public address") });
    });

  test("and none of them was connected to", () => {
    expect(receiver.got).toEqual([]);
  });
});

test("addresses on the internet are public", () => {
  for (const address of ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
    expect([address, isPublic(address)]).toEqual([address, true]);
  for (const address of ["", "localhost", "999.1.1.1"]) expect(isPublic(address)).toBe(false);
});

describe("with NOTIFY_ALLOW_PRIVATE", () => {
  test("the connection goes to the address that was checked, with the name in Host, and the name is asked once", async () => {
    const outcome = await post(`http://hooks.example:${port}/x?y`, { "hooks.example": ["127.0.0.1"] }, true);
    expect(outcome).toMatchObject({ isDone: true, answer: "200", asked: ["hooks.example"] });
    expect(receiver.got.at(-1)?.headers.get("host")).toBe(`hooks.example:${port}`);
    expect(receiver.got.at(-1)?.headers.get("webhook-id")).toBe("key");
  });

  test("a name that doesn't exist, and a closed port, are outcomes", async () => {
    expect(await post("http://nowhere.example/", {}, true)).toMatchObject({
      isDone: false,
      answer: "nowhere.example doesn't exist",
    });
    expect(await post("http://127.0.0.1:1/", {}, true)).toMatchObject({ isDone: false });
  });
});
