/** The original's addresses: those that are answered here under another name, and those that lead to a new one. */

const staffList = "/admin/downtimes";

/** Old path → new one. */
const moves: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:docs|redoc\/?|openapi\/?)$/, "/docs/"],
  [/^\/admin\/login\/?$/, "/admin/sign-in"],
  [/^\/admin\/logout\/?$/, "/admin/sign-out"],
  [/^\/admin\/schedule\/downtime\/add\/?$/, "/admin/downtimes/new"],
  [/^\/admin\/schedule\/downtime\/(\d+)(?:\/change)?\/?$/, "/admin/downtimes/$1/change"],
  [/^\/admin\/schedule\/downtime\/(\d+)\/delete\/?$/, "/admin/downtimes/delete?id=$1"],
  [/^\/admin\/schedule\/downtime\/(\d+)\/history\/?$/, "/downtimes/$1"],
  [/^\/admin(?:\/|\/schedule\/?|\/schedule\/downtime\/?)?$/, staffList],
  // There are no pages for these: users come from the portal or the command line.
  [/^\/admin\/(?:password_change|auth|authtoken|auth_profile)(?:\/.*)?$/, staffList],
];

/** Where an address that has no page here has moved to, with its query; undefined: nowhere. */
export function newAddressOf(address: string): string | undefined {
  const { pathname, search } = new URL(address);
  const [pattern, path] = moves.find(([pattern]) => pattern.test(pathname)) ?? [];
  if (!pattern || path === undefined) return undefined;
  const moved = pathname.replace(pattern, path);
  return moved.includes("?") ? moved + search.replace("?", "&") : moved + search;
}

/** The address that answers here what the original answers there, as JSON; the same address where there is no other. */
export function answeringAddressOf(address: string): string {
  // Nearly none has either in it, and each request comes by here.
  if (!address.includes(".json") && !address.includes("/openapi")) return address;
  const url = new URL(address);
  if (/^\/openapi\/?$/.test(url.pathname) && url.searchParams.has("format")) url.pathname = "/openapi.json";
  else url.pathname = url.pathname.replace(/^\/api\/(\d*)\.json\/?$/, (_, id) => (id ? `/api/${id}/` : "/api/"));
  return url.href;
}
