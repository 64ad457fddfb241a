/** URLs, and clients' IP addresses. */

import { isIPv4, isIPv6 } from "node:net";

/**
 * Parses a URL and removes trailing dots from its host name. They don't change its meaning, and `http/middleware.ts` pads
 * short host names with them, which no client should see.
 * @throws TypeError if the text isn't a URL
 */
export function addressFrom(text: string): URL {
  const url = new URL(text);
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.replace(/\.+$/, "");
  return url;
}

/**
 * Parses an entry of `X-Forwarded-For`, to which some proxies add the port.
 * @returns the IP address; undefined if there is none
 */
export function clientAddressFrom(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([^:]*)(?::\d{1,5})?$/.exec(text)?.[1] ?? text;
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined;
}

/**
 * The network that counts as one client: an IPv4 address, or the /64 of an IPv6 address, within which a client can pick any
 * address. Returns any other text unchanged.
 */
export function networkOf(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  const [before = "", after] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(before), groups(after ?? "")];
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  if (all.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return `${all.slice(0, 4).join(":")}::/64`;
  // An IPv4-mapped IPv6 address, as dual-stack sockets report IPv4 clients.
  return all
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join(".");
}

/** Reads a base path: `/downtime`, also with a slash at its end; empty for `/`. @returns undefined if it is invalid */
export function readBasePath(text: string): string | undefined {
  const path = text.trim().replace(/\/+$/, "");
  return path === "" || (/^(\/[\w.~-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)) ? path : undefined;
}
