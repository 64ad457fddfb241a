/** Actions: what the forms of the staff pages do when they are sent. */

import { readText } from "../http/body.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import { Forbidden, Problem, StaleForm, UnsupportedMediaType } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { reshown, sendAgain, signInThrough } from "./kept-input-page.tsx";
import { landingOf } from "./landing.ts";
import { type Show, type StaffPageServices, sendOn, tolerating, type Visit, visitOf } from "./staff-page.ts";

/**
 * What a form of these pages does: it must have come from one of them. Sent twice, as by a double click, it does it once,
 * and both lead to the same page. What was typed is never lost: without a session the sign-in carries it along, and a form
 * of another session comes back as it was filled in.
 * @param reshow shows the form again with what was typed; undefined: a button was pressed, and nothing was typed
 */
export const action =
  (parts: StaffPageServices, act: Show, reshow: Show = sendAgain) =>
  async (caller: RequestContext): Promise<Response> => {
    const form = await readForm(caller.request);
    const frame = await parts.frameOf(caller);
    // Somebody who is typing isn't interrupted: it is said when the form is sent.
    const isPreview = frame.path.endsWith("/preview");
    if (!frame.visitor.user)
      return isPreview ? new Response(null, { status: 204 }) : signInThrough(parts, caller, frame, form, reshow);
    const visit = visitOf(parts, caller, frame, form);
    const isStale = await parts.auth.requireWriter(caller.request, addressOf(caller), { csrf: form.get("csrf") }).then(
      () => false,
      (problem) => Boolean(tolerating(StaleForm)(problem)),
    );
    if (isStale && isPreview) throw new Forbidden(`${staleText} save to continue.`);
    if (isStale) return reshown(reshow, visit, 403, `${staleText} save again.`);
    const onceKey = onceKeyOf(visit, form);
    const author = { ...visit.author, ...(onceKey !== undefined && { onceKey }) };
    const answer = await act({ ...visit, author }).catch(tolerating(Problem));
    if (answer instanceof Response && answer.status < 400) return answer;
    // The second click finds that the first has changed something; what it finds wrong must not be the answer.
    const written = onceKey === undefined ? undefined : await parts.changeSets.findWritten(onceKey);
    if (written) return sendOn(caller.request, landingOf(written, form));
    if (answer instanceof Problem) throw answer;
    return answer;
  };

const staleText = "You have signed in again since you opened this form. Your input is kept;";

/**
 * Identifies a form that is sent: the same user, form, button and input. A form that the browser brings back and that is
 * sent again with something else in it is another one.
 */
function onceKeyOf({ user, frame }: Visit, form: URLSearchParams): string | undefined {
  if (!form.get("once")) return undefined;
  const text = JSON.stringify([user.name, frame.path, form.toString()]);
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}

/** A form's fields. Browsers send a line break of a text as two characters; here it is one. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const mediaType = request.headers.get("content-type") ?? "";
  if (!mediaType.startsWith("application/x-www-form-urlencoded")) throw new UnsupportedMediaType(mediaType);
  const fields = new URLSearchParams(await readText(request));
  checkTexts(fields.values());
  return new URLSearchParams([...fields].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}
