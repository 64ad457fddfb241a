/** Where a PostgreSQL is and how it is spoken to, read from its URL. */

import { existsSync, readFileSync } from "node:fs";

/** The URL can't be used; the message says why, without the password. */
export class AddressError extends Error {}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…`, as libpq spells it. A host that begins with a slash
 * (in the URL: `%2F`) is the folder of a socket; no host means this machine's own socket.
 * @throws AddressError
 */
export function addressOf(url: string) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const portNumber = Number(port || searchParams.get("port") || 5432);
  const named = decodeURIComponent(searchParams.get("host") ?? hostname).replace(/^\[(.*)\]$/, "$1");
  const host = named || (socketFolders.find((folder) => existsSync(socketIn(folder, portNumber))) ?? socketFolders[0]);
  return {
    // A list, since the library cuts a single text at its colons, and IPv6 has many; its types know texts alone.
    host: [host] as unknown as string,
    port: [portNumber] as unknown as number,
    ...(host.startsWith("/") && { path: socketIn(host, portNumber) }),
    user: decodeURIComponent(username) || "postgres",
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username) || "postgres",
    ssl: host.startsWith("/") ? false : sslOf(searchParams.get("sslmode") ?? "prefer", searchParams.get("sslrootcert")),
  };
}

/** Where Debian's and PostgreSQL's own builds of libpq look for the socket. */
const socketFolders = ["/var/run/postgresql", "/tmp"] as const;
const socketIn = (folder: string, port: number) => `${folder}/.s.PGSQL.${port}`;

/** Encryption as libpq means the words: only the two `verify` ones look at who answers. */
function sslOf(mode: string, rootCertificate: string | null) {
  const ca = rootCertificate && rootCertificate !== "system" ? { ca: readFileSync(rootCertificate, "utf8") } : {};
  switch (mode) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer" as const;
    case "require":
      return rootCertificate
        ? { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined }
        : ("require" as const);
    case "verify-ca":
      return { ...ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...ca, rejectUnauthorized: true };
    default:
      throw new AddressError(
        "DATABASE_URL: expected sslmode to be one of disable, allow, prefer, require, verify-ca, verify-full",
      );
  }
}

/** The address for people, without the password. */
export function describeAddress(url: string): string {
  const { host, port, database } = addressOf(url);
  return `${host}:${port}/${database}`;
}
