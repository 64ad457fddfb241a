/** The pages to redirect to after a form was saved. */

import type { Written } from "../auth/change-set-store.ts";

/** The series, with a message about what its new version changed. */
export const doneAt = ({ id, version }: { readonly id: number; readonly version: number }): string =>
  `/series/${id}?done=${version}`;

/**
 * The page that a form redirects to: the series, or the list of downtimes, with a message about what was written; or the form
 * for another downtime like it.
 * @param written undefined: nothing differed, so nothing was written
 */
export function landingOf(written: Written | undefined, form: URLSearchParams): string {
  const { id = 0, downtimes = [], series } = written ?? {};
  if (series) return series.action === "delete" ? `/series/${series.id}` : doneAt(series);
  return form.has("another") ? `/admin/downtimes/new?from=${downtimes[0]?.id ?? 0}` : `/admin/downtimes?saved=${id}`;
}
