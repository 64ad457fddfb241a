/** Parses ids in paths. */

import { NotFound } from "../input/problem.ts";
import type { RequestContext } from "./request-context.ts";

/** Returns the id in the path. @throws NotFound if it isn't a valid id */
export function idOf({ params }: RequestContext): number {
  const id = /^\d+$/.test(params?.id ?? "") ? Number(params?.id) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new NotFound();
  return id;
}
