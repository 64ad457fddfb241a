/** JSON responses. */

/** Lets pages of all origins read a response. */
export const readableByAll = { "access-control-allow-origin": "*" };

/** The response to a read. */
export const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers: { ...readableByAll, ...headers } });

/** The response to a write, which pages of other origins can't read. */
export const written = (value: unknown, status: number, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers });
