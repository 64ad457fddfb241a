/** Ids: the part of a path that names a downtime or a series. */

import { NotFound } from "../input/problem.ts";
import type { RequestContext } from "./request-context.ts";

/** @throws NotFound for whatever can't be an id */
export function idOf({ params }: RequestContext): number {
  const id = /^\d+$/.test(params?.id ?? "") ? Number(params?.id) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new NotFound();
  return id;
}
