/** Ids: the part of a path that names a downtime. */

import { NotFound } from "../input/problem.ts";
import type { RequestContext } from "./request-context.ts";

export interface WithId {
  readonly params: { readonly id: string };
}

/** As `serving`, where the path names a downtime. */
export const servingOne =
  <Result>(work: (caller: RequestContext & WithId) => Result) =>
  ({ request, server, params }: RequestContext & WithId): Result =>
    work({ request, server, params });

/** @throws NotFound for whatever can't be an id */
export function idOf({ params }: WithId): number {
  const id = /^\d+$/.test(params.id) ? Number(params.id) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new NotFound();
  return id;
}
