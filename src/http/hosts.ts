/** The host names under which the service can be reached. */

import { addressFrom } from "../input/address.ts";

/** Whether a URL's host is allowed. */
export type AllowedHosts = (url: string) => boolean;

/** Always allowed, as for health checks: no DNS server of an attacker can point these names here. */
const localNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * @param names as in `ALLOWED_HOSTS`: a name, `.name` to include subdomains, or `*` for any
 * @returns undefined if all hosts are allowed
 */
export function createAllowedHosts(names: readonly string[]): AllowedHosts | undefined {
  if (names.includes("*")) return undefined;
  const allowed = new Set([...localNames, ...names.map((name) => name.replace(/^\./, ""))]);
  const parents = names.filter((name) => name.startsWith("."));
  return (url) => {
    const { hostname } = addressFrom(url);
    return allowed.has(hostname) || parents.some((parent) => hostname.endsWith(parent));
  };
}
