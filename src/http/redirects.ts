/** URLs of OCS Downtime: redirects to new paths, and aliases. */

const staffList = "/admin/downtimes";

const moves: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:docs|redoc\/?|openapi\/?)$/, "/docs/"],
  [/^\/admin\/login\/?$/, "/admin/sign-in"],
  [/^\/admin\/logout\/?$/, "/admin/sign-out"],
  [/^\/admin\/schedule\/downtime\/add\/?$/, "/admin/downtimes/new"],
  [/^\/admin\/schedule\/downtime\/(\d+)(?:\/change)?\/?$/, "/admin/downtimes/$1/change"],
  [/^\/admin\/schedule\/downtime\/(\d+)\/delete\/?$/, "/admin/downtimes/delete?id=$1"],
  [/^\/admin\/schedule\/downtime\/(\d+)\/history\/?$/, "/downtimes/$1"],
  [/^\/admin(?:\/|\/schedule\/?|\/schedule\/downtime\/?)?$/, staffList],
  // These have no counterpart here: see `/account` and `/admin/users`.
  [/^\/admin\/(?:password_change|auth|authtoken|auth_profile)(?:\/.*)?$/, staffList],
];

/** Returns the path and query that a URL of OCS Downtime redirects to; undefined if none. */
export function newAddressOf(address: string): string | undefined {
  const { pathname, search } = new URL(address);
  const [pattern, path] = moves.find(([pattern]) => pattern.test(pathname)) ?? [];
  if (!pattern || path === undefined) return undefined;
  const moved = pathname.replace(pattern, path);
  return moved.includes("?") ? moved + search.replace("?", "&") : moved + search;
}

/** Returns the URL that an alias stands for (`/api/.json`, `/openapi/?format=…`); any other URL unchanged. */
export function answeringAddressOf(address: string): string {
  // Fast path: this runs for each request, and aliases are rare.
  if (!address.includes(".json") && !address.includes("/openapi")) return address;
  const url = new URL(address);
  if (/^\/openapi\/?$/.test(url.pathname) && url.searchParams.has("format")) url.pathname = "/openapi.json";
  else url.pathname = url.pathname.replace(/^\/api\/(\d*)\.json\/?$/, (_, id) => (id ? `/api/${id}/` : "/api/"));
  return url.href;
}
