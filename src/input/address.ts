/** Addresses: of pages on the web, and of clients in the network. */

import { isIPv4, isIPv6 } from "node:net";

/**
 * An address with its host as people write it. A dot at the end of a host's name changes nothing of what it means, and the
 * edge puts some behind a short one, which nobody else should see.
 * @throws TypeError when the text is no address
 */
export function addressFrom(text: string): URL {
  const url = new URL(text);
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.replace(/\.+$/, "");
  return url;
}

/**
 * The address in an entry of `X-Forwarded-For`, where some proxies write the port along.
 * @returns undefined when it is no address
 */
export function clientAddressFrom(text: string): string | undefined {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([^:]*)(?::\d{1,5})?$/.exec(text)?.[1] ?? text;
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined;
}

/**
 * The network that one client commands: an address of IPv4, or the half of an address of IPv6 that its provider gave it;
 * the client chooses the other half as it likes. What is no address stays as it is.
 */
export function networkOf(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  const [before = "", after] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(before), groups(after ?? "")];
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  if (all.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return `${all.slice(0, 4).join(":")}::/64`;
  // An address of IPv4, as a socket for both kinds shows it.
  return all
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join(".");
}
