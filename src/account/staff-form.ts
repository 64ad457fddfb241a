/** Handles form submissions of the staff pages. */

import type { Written } from "../auth/change-set-store.ts";
import { readText } from "../http/body.ts";
import { safeNext } from "../http/hosts.ts";
import { addressOf, serving } from "../http/request-context.ts";
import { Forbidden, Problem, StaleForm, UnsupportedMediaType } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { withParameters } from "../ui/link.ts";
import { reshown, sendAgain, signInThrough } from "./kept-input-page.tsx";
import { type Show, type StaffPageServices, sendOn, tolerating, type Visit, visitOf } from "./staff-page.ts";

/** Handles a form. */
type Act = (visit: Visit) => Promise<Response | undefined>;

/**
 * Creates the handler of a form. A form sent twice, as by a double click, takes effect once, and both submissions redirect
 * to the same page. Input is never lost: without a session, the sign-in page carries it; after another sign-in, the form is
 * shown again with it.
 * @param act undefined: it is done, and the page about what was written follows
 * @param reshow shows the form with the user's input; by default, a button to confirm
 */
export const action = (services: StaffPageServices, act: Act, reshow: Show = sendAgain) =>
  serving(async (caller) => {
    const form = await readForm(caller.request);
    const frame = await services.getPageContext(caller);
    // A preview must not interrupt typing; submitting the form shows the sign-in.
    const isPreview = frame.path.endsWith("/preview");
    if (!frame.visitor.user)
      return isPreview ? new Response(null, { status: 204 }) : signInThrough(services, caller, frame, form, reshow);
    const visit = visitOf(services, caller, frame, form);
    const isStale = await services.auth
      .requireUser(caller.request, addressOf(caller), { csrf: form.get("csrf") }, services.audience ?? "writer")
      .then(
        () => false,
        (problem) => Boolean(tolerating(StaleForm)(problem)),
      );
    if (isStale && isPreview) throw new Forbidden(`${staleText} save to continue.`);
    if (isStale) return reshown(reshow, visit, 403, `${staleText} save again.`);
    const onceKey = onceKeyOf(visit, form);
    const answer = await act({ ...visit, author: { ...visit.author, onceKey } }).catch(tolerating(Problem));
    if (answer instanceof Response && answer.status < 400) return answer;
    // A second submission may fail because the first succeeded: then redirect to the result of the first.
    const written = await services.changeSets.findWritten(onceKey);
    if (written || !answer) return sendOn(caller.request, landingOf(written, form));
    if (answer instanceof Problem) throw answer;
    return answer;
  });

const staleText = "You have signed in again since you opened this form. Your input is kept;";

/** Identifies a submission by its user, path and all fields: a form sent again with other input is a new submission. */
function onceKeyOf({ user, frame }: Visit, form: URLSearchParams): string {
  if (!form.get("once")) return crypto.randomUUID();
  const text = JSON.stringify([user.name, frame.path, form.toString()]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** Reads a form's fields. Browsers send line breaks as CRLF; they become LF. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const mediaType = request.headers.get("content-type") ?? "";
  if (!mediaType.startsWith("application/x-www-form-urlencoded")) throw new UnsupportedMediaType(mediaType);
  const fields = new URLSearchParams(await readText(request));
  checkTexts(fields.values());
  return new URLSearchParams([...fields].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}

/**
 * The page that a form redirects to: the series, or the list of downtimes, with a message about what was written; or the form
 * for another downtime like it.
 * @param written undefined: nothing differed, so nothing was written
 */
function landingOf(written: Written | undefined, form: URLSearchParams): string {
  const { id = 0, kind, downtimes = [], series } = written ?? {};
  const next = form.get("next");
  if (next) return withMessage(safeNext(next), id);
  // The list says more about an undo: which of the deleted downtimes had begun.
  if (series && (kind !== "undo" || downtimes.length === 0))
    return series.action === "delete" ? `/series/${series.id}` : `/series/${series.id}?done=${series.version}`;
  return form.has("another") ? `/admin/downtimes/new?from=${downtimes[0]?.id ?? 0}` : `/admin/downtimes?saved=${id}`;
}

/** A page that shows the message, such as the one that a button was pressed on. */
function withMessage(path: string, id: number): string {
  const [pathname = "", query] = path.split("?");
  return `${pathname}?${withParameters(new URLSearchParams(query), { saved: String(id) })}`;
}
