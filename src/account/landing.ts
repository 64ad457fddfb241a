/** The pages to redirect to after a form was saved. */

import type { Written } from "../auth/change-set-store.ts";
import { safeNext } from "../http/same-origin.ts";
import { withParameters } from "../ui/link.ts";

/** The series, with a message about what its new version changed. */
export const doneAt = ({ id, version }: { readonly id: number; readonly version: number }): string =>
  `/series/${id}?done=${version}`;

/**
 * The page that a form redirects to: the series, or the list of downtimes, with a message about what was written; or the form
 * for another downtime like it.
 * @param written undefined: nothing differed, so nothing was written
 */
export function landingOf(written: Written | undefined, form: URLSearchParams): string {
  const { id = 0, kind, downtimes = [], series } = written ?? {};
  const next = form.get("next");
  if (next) return withMessage(safeNext(next), id);
  // The list says more about an undo: which of the deleted downtimes had begun.
  if (series && (kind !== "undo" || downtimes.length === 0))
    return series.action === "delete" ? `/series/${series.id}` : doneAt(series);
  return form.has("another") ? `/admin/downtimes/new?from=${downtimes[0]?.id ?? 0}` : `/admin/downtimes?saved=${id}`;
}

/** A page that shows the message, such as the one that a button was pressed on. */
function withMessage(path: string, id: number): string {
  const [pathname = "", query] = path.split("?");
  return `${pathname}?${withParameters(new URLSearchParams(query), { saved: String(id) })}`;
}
