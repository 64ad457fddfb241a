/** Entity tags of downtimes, and `If-Match`. */

import { PreconditionFailed } from "../input/problem.ts";

/** The entity tag of a version. It is strong: a version always has the same bytes. */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * Checks a request's `If-Match`, a list of tags or `*`, against the current version. Without the header, any version passes.
 * @throws PreconditionFailed
 */
export function checkIfMatch(request: Request, version: number): void {
  const wanted = request.headers.get("if-match");
  if (wanted === null || wanted.trim() === "*") return;
  const tags = wanted.split(",").map((tag) => tag.trim());
  if (!tags.includes(etagOf(version))) throw new PreconditionFailed(etagOf(version));
}
