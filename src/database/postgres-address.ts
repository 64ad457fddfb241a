/** Parses PostgreSQL URLs. */

import { existsSync, readFileSync } from "node:fs";

/** The URL is invalid; the message says why, without the password. */
export class AddressError extends Error {}

/** The hosts of a URL, after the user's last `@`. */
const hostsIn = /(?<=^postgres(?:ql)?:\/\/(?:[^/?#]*@)?)[^/?#@]*(?=[/?#]|$)/i;

/** Returns a URL for each host, because several in one are invalid for the class `URL`; undefined if one is invalid. */
function urlsOf(url: string): URL[] | undefined {
  const hosts = hostsIn.exec(url)?.[0].split(",");
  const urls = hosts?.flatMap((host) => URL.parse(url.replace(hostsIn, () => host)) ?? []);
  return urls?.length === hosts?.length ? urls : undefined;
}

/** Whether it is a PostgreSQL URL. */
export const isAddress = (url: string): boolean => urlsOf(url) !== undefined;

/**
 * Parses `postgres://user:password@host:port,host:port/database?sslmode=…&target_session_attrs=…`, as libpq does. A host
 * that starts with a slash (in the URL: `%2F`) is the directory of a socket; no host means the local socket.
 * @throws AddressError
 */
export function addressOf(url: string) {
  const urls = urlsOf(url) ?? [];
  if (!urls[0]) throw new AddressError("DATABASE_URL must be a URL that starts with postgres://");
  const { username, password, pathname, searchParams } = urls[0];
  const names = searchParams.get("host") ?? urls.map(({ hostname }) => hostname).join(",");
  const hosts = decodeURIComponent(names).split(",");
  const inHosts = urls.map(({ port }) => port);
  const ports = inHosts.some(Boolean) ? inHosts : (searchParams.get("port") ?? "").split(",");
  // A single port is for all hosts.
  const port = hosts.map((_, index) => Number((ports.length > 1 ? ports[index] : ports[0]) || 5432));
  const target = searchParams.get("target_session_attrs") ?? (hosts.length > 1 ? "primary" : "any");
  if (!["any", "primary", "read-write"].includes(target))
    throw new AddressError("DATABASE_URL must have target_session_attrs of any, primary or read-write");
  return {
    host: hosts.map((host, index) => host.replace(/^\[(.*)\]$/, "$1") || findSocketFolder(port[index])),
    port,
    user: decodeURIComponent(username) || "postgres",
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username) || "postgres",
    ssl: sslOf(searchParams.get("sslmode") ?? "prefer", searchParams.get("sslrootcert")),
    /** Whether a standby is no use. */
    isPrimary: target !== "any",
  };
}

/** The defaults of Debian's and PostgreSQL's builds of libpq. */
const socketFolders = ["/var/run/postgresql", "/tmp"] as const;
const findSocketFolder = (port: number | undefined) =>
  socketFolders.find((folder) => existsSync(socketIn(folder, port))) ?? socketFolders[0];

/** The path of a server's socket. */
export const socketIn = (folder: string, port: number | undefined) => `${folder}/.s.PGSQL.${port}`;

/** Translates `sslmode` as libpq defines it: only `verify-ca` and `verify-full` verify the server's certificate. */
function sslOf(mode: string, rootCertificate: string | null) {
  const ca = rootCertificate && rootCertificate !== "system" ? { ca: readFileSync(rootCertificate, "utf8") } : {};
  const full = { ...ca, rejectUnauthorized: true };
  const withoutName = { ...full, checkServerIdentity: () => undefined };
  if (mode === "disable") return false;
  if (mode === "allow" || mode === "prefer") return "prefer" as const;
  if (mode === "require") return rootCertificate ? withoutName : ("require" as const);
  if (mode === "verify-ca") return withoutName;
  if (mode === "verify-full") return full;
  const modes = "disable, allow, prefer, require, verify-ca or verify-full";
  throw new AddressError(`DATABASE_URL must have an sslmode of ${modes}`);
}

/** Describes the servers and database for people, without the password. */
export function describeAddress(url: string): string {
  const { host, port, database } = addressOf(url);
  return `${host.map((name, index) => `${name}:${port[index]}`).join(",")}/${database}`;
}
