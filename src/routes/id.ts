/** Ids: the part of a path that names a downtime. */

import { NotFound } from "../domain/problem.ts";

export interface WithId {
  readonly params: { readonly id: string };
}

/** @throws NotFound for whatever can't be an id */
export function idOf({ params }: WithId): number {
  const id = /^\d+$/.test(params.id) ? Number(params.id) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw new NotFound();
  return id;
}
