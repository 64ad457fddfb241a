/** @jsxImportSource @kitajs/html */
/** Forms sent without a valid session: shows them again with the user's input. */

import { addressOf, type RequestContext } from "../http/request-context.ts";
import { checkSameOrigin } from "../http/same-origin.ts";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { SendAgainPage } from "./send-again-view.tsx";
import { tryToSignIn } from "./sign-in-outcome.ts";
import { SignInForm, SignInPage } from "./sign-in-view.tsx";
import { asksForPart, type Show, type StaffPageServices, type Visit, visitOf } from "./staff-page.ts";

/** Fields that aren't the user's input to the form, and passwords, which no page contains. */
const technicalFields = ["csrf", "once", "name", "password", "old_password", "new_password"];

const inputOf = (form: URLSearchParams) =>
  new URLSearchParams([...form].filter(([name]) => !technicalFields.includes(name)));

/** Shows a form again with the user's input, a new CSRF token and a notice. */
export async function reshown(reshow: Show, visit: Visit, status: number, notice: string): Promise<Response> {
  const answer = await reshow({ ...visit, frame: { ...visit.frame, notice } });
  const { body, headers } = answer;
  // The form redirects, as when its downtime was deleted.
  if (headers.has("location") || headers.has("hx-redirect")) return answer;
  return new Response(body, { status, headers });
}

/** Shows a form that is only a button again, to be confirmed. */
export const sendAgain: Show = ({ caller, frame, csrf, form }) =>
  sendPage(<SendAgainPage {...frame} csrf={csrf} fields={inputOf(form)} />, caller.request);

/** Signs in a user who sent a form without a session. The sign-in page carries the input, and the form is shown again afterwards. */
export async function signInThrough(
  services: StaffPageServices,
  caller: RequestContext,
  frame: PageContext,
  form: URLSearchParams,
  reshow: Show,
): Promise<Response> {
  const { request } = caller;
  checkSameOrigin(request);
  const props = { next: frame.path, carried: inputOf(form) };
  if (!form.has("password"))
    return sendPage(asksForPart(request) ? <SignInForm {...props} /> : <SignInPage {...frame} {...props} />, request);
  const name = (form.get("name") ?? "").trim();
  const outcome = await tryToSignIn(services.auth, name, form.get("password") ?? "", addressOf(caller));
  if (!("user" in outcome))
    return sendPage(
      <SignInPage {...frame} {...props} name={name} errors={outcome.errors} />,
      request,
      outcome.status,
      outcome.headers,
    );
  const { user } = outcome;
  const { cookie, csrf } = await services.auth.startSession(user, request, addressOf(caller));
  const visit = visitOf(services, caller, { ...frame, visitor: { user, csrf, mayCreate: true } }, form);
  const answer = await reshown(reshow, visit, 200, "You are signed in. Your input is kept; save again.");
  answer.headers.set("set-cookie", cookie);
  return answer;
}
