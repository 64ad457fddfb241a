/** Landings: the pages that show what was written. */

import type { Written } from "../auth/change-set-store.ts";

/** The list, with what was saved in it. */
export const savedAt = (...ids: readonly number[]): string =>
  `/admin/downtimes?${ids.map((id) => `saved=${id}`).join("&")}`;

/** The list, with what was ended, and what still blocks the telescope. */
export const endedAt = (id: number): string => `/admin/downtimes?ended=${id}`;

/** The list, with what was deleted from it. */
export const deletedAt = (ids: readonly number[]): string =>
  `/admin/downtimes?${ids.map((id) => `deleted=${id}`).join("&")}`;

/** Where somebody goes on who added a downtime: to another one like it, or to the list. */
export const addedAt = (id: number, form: URLSearchParams): string =>
  form.has("another") ? `/admin/downtimes/new?from=${id}` : savedAt(id);

/** The series, with what its version did. */
export const doneAt = ({ id, version }: { readonly id: number; readonly version: number }): string =>
  `/series/${id}?done=${version}`;

/** Where the first of two clicks on the same button led. */
export function landingOf({ kind, downtimes, series }: Written, form: URLSearchParams): string {
  if (series) return series.action === "delete" ? `/series/${series.id}` : doneAt(series);
  const ids = downtimes.map(({ id }) => id);
  if (downtimes.every(({ action }) => action === "delete")) return deletedAt(ids);
  const [id = 0, ...others] = ids;
  if (kind === "end") return endedAt(id);
  return others.length === 0 ? addedAt(id, form) : savedAt(...ids);
}
