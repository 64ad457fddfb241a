/** URLs, and clients' IP addresses. */

import { isIP, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Parses a URL and removes trailing dots from its host name. They don't change its meaning, and `middleware.ts` pads
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
  return isIP(bare) ? bare : undefined;
}

/**
 * The network that counts as one client: an IPv4 address, or the /64 of an IPv6 address, within which a client can pick any
 * address. Returns any other text unchanged.
 */
export function networkOf(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  // Dual-stack sockets report IPv4 clients by IPv4-mapped IPv6 addresses.
  const network = ipaddr.process(bare);
  if (network instanceof ipaddr.IPv4) return network.toString();
  const groups = network.parts.slice(0, 4).map((group) => group.toString(16));
  return `${groups.join(":")}::/64`;
}

/** Reads a base path: `/downtime`, also with a slash at its end; empty for `/`. @returns undefined if it is invalid */
export function readBasePath(text: string): string | undefined {
  const path = text.trim().replace(/\/+$/, "");
  return path === "" || (/^(\/[\w.~-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)) ? path : undefined;
}
