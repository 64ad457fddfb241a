/** Hosts: the names under which the service lets itself be reached. */

import { addressFrom } from "../input/address.ts";

/** Whether an address has one of the allowed names. */
export type AllowedHosts = (url: string) => boolean;

/** No name that leads here by a foreign DNS server: whoever uses these is on this machine, as a health check is. */
const ownNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * @param names as `ALLOWED_HOSTS` has them: a name, `.name` for it and all below it, or `*` for any
 * @returns undefined when any name is allowed
 */
export function createAllowedHosts(names: readonly string[]): AllowedHosts | undefined {
  if (names.includes("*")) return undefined;
  const allowed = new Set([...ownNames, ...names.map((name) => name.replace(/^\./, ""))]);
  const parents = names.filter((name) => name.startsWith("."));
  return (url) => {
    const { hostname } = addressFrom(url);
    return allowed.has(hostname) || parents.some((parent) => hostname.endsWith(parent));
  };
}
