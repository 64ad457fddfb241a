/** JSON answers. */

/** Anybody's page may read; nobody's page may write. */
export const readableByAll = { "access-control-allow-origin": "*" };

/** An answer to whoever reads. */
export const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers: { ...readableByAll, ...headers } });

/** The answer to a write: no other site's page may read it. */
export const written = (value: unknown, status: number, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers });
