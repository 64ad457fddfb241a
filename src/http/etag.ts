/** Entity tags: which version of a downtime a client has seen. */

import { PreconditionFailed } from "../input/problem.ts";

/** The tag of a version: strong, since a version is answered by the same bytes each time. */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * Holds a request to its `If-Match`: one of these versions, or `*` for any. Without the header any version will do.
 * @throws PreconditionFailed
 */
export function checkIfMatch(request: Request, version: number): void {
  const wanted = request.headers.get("if-match");
  if (wanted === null || wanted.trim() === "*") return;
  const tags = wanted.split(",").map((tag) => tag.trim());
  if (!tags.includes(etagOf(version))) throw new PreconditionFailed(etagOf(version));
}
