/** The pages to redirect to after a form was saved. */

import type { Written } from "../auth/change-set-store.ts";

/** The list, with a message about saved downtimes. */
export const savedAt = (...ids: readonly number[]): string =>
  `/admin/downtimes?${ids.map((id) => `saved=${id}`).join("&")}`;

/** The list, with a message about a downtime that was ended. */
export const endedAt = (id: number): string => `/admin/downtimes?ended=${id}`;

/** The list, with a message about deleted downtimes. */
export const deletedAt = (ids: readonly number[]): string =>
  `/admin/downtimes?${ids.map((id) => `deleted=${id}`).join("&")}`;

/** After a downtime was created: the form for another one like it, or the list. */
export const addedAt = (id: number, form: URLSearchParams): string =>
  form.has("another") ? `/admin/downtimes/new?from=${id}` : savedAt(id);

/** The series, with a message about what its new version changed. */
export const doneAt = ({ id, version }: { readonly id: number; readonly version: number }): string =>
  `/series/${id}?done=${version}`;

/** The page that the first of two submissions of a form was redirected to. */
export function landingOf({ kind, downtimes, series }: Written, form: URLSearchParams): string {
  if (series) return series.action === "delete" ? `/series/${series.id}` : doneAt(series);
  const ids = downtimes.map(({ id }) => id);
  if (downtimes.every(({ action }) => action === "delete")) return deletedAt(ids);
  const [id = 0, ...others] = ids;
  if (kind === "end") return endedAt(id);
  return others.length === 0 ? addedAt(id, form) : savedAt(...ids);
}
