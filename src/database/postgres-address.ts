/** Parses PostgreSQL URLs. */

import { existsSync, readFileSync } from "node:fs";

/** The URL is invalid; the message says why, without the password. */
export class AddressError extends Error {}

/**
 * Parses `postgres://user:password@host:port/database?sslmode=…`, as libpq does. A host that starts with a slash (in the
 * URL: `%2F`) is the directory of a socket; no host means the local socket.
 * @throws AddressError
 */
export function addressOf(url: string) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const portNumber = Number(port || searchParams.get("port") || 5432);
  const named = decodeURIComponent(searchParams.get("host") ?? hostname).replace(/^\[(.*)\]$/, "$1");
  const host = named || (socketFolders.find((folder) => existsSync(socketIn(folder, portNumber))) ?? socketFolders[0]);
  return {
    // Arrays, since postgres.js splits a string at its colons, of which IPv6 addresses have many. Its types lack arrays.
    host: [host] as unknown as string,
    port: [portNumber] as unknown as number,
    ...(host.startsWith("/") && { path: socketIn(host, portNumber) }),
    user: decodeURIComponent(username) || "postgres",
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username) || "postgres",
    ssl: host.startsWith("/") ? false : sslOf(searchParams.get("sslmode") ?? "prefer", searchParams.get("sslrootcert")),
  };
}

/** The defaults of Debian's and PostgreSQL's builds of libpq. */
const socketFolders = ["/var/run/postgresql", "/tmp"] as const;
const socketIn = (folder: string, port: number) => `${folder}/.s.PGSQL.${port}`;

/** Translates `sslmode` as libpq defines it: only `verify-ca` and `verify-full` verify the server's certificate. */
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
        "DATABASE_URL must have an sslmode of disable, allow, prefer, require, verify-ca or verify-full",
      );
  }
}

/** Describes the server and database for people, without the password. */
export function describeAddress(url: string): string {
  const { host, port, database } = addressOf(url);
  return `${host}:${port}/${database}`;
}
