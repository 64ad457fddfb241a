/** @jsxImportSource @kitajs/html */
/** Forms that couldn't be taken for want of a good session: they come back with what was typed. */

import { addressOf, type RequestContext } from "../http/request-context.ts";
import { isFromElsewhere } from "../http/same-origin.ts";
import { Forbidden } from "../input/problem.ts";
import type { PageContext } from "../ui/layout.tsx";
import { sendPage } from "../ui/page-context.ts";
import { SendAgainPage } from "./send-again-view.tsx";
import { tryToSignIn } from "./sign-in-outcome.ts";
import { SignInForm, SignInPage } from "./sign-in-view.tsx";
import { asksForPart, type Show, type StaffPageServices, type Visit, visitOf } from "./staff-page.ts";

/** What belongs to the session and to the sending, and not to what somebody typed. */
const ofSending = ["csrf", "once", "name", "password"];

const typedIn = (form: URLSearchParams) => new URLSearchParams([...form].filter(([name]) => !ofSending.includes(name)));

/** The form as it was filled in, with a fresh token, and a line that says why. */
export async function reshown(reshow: Show, visit: Visit, status: number, notice: string): Promise<Response> {
  const answer = await reshow({ ...visit, frame: { ...visit.frame, notice } });
  const { body, headers } = answer;
  // What the form is about is gone, and the browser is led elsewhere.
  if (headers.has("location") || headers.has("hx-redirect")) return answer;
  return new Response(body, { status, headers });
}

/** Shows a form without anything typed as one button, to be pressed once more. */
export const sendAgain: Show = ({ caller, frame, csrf, form }) =>
  sendPage(<SendAgainPage {...frame} csrf={csrf} fields={typedIn(form)} />, caller.request);

/** Signs in whoever sends a form without a session: what was typed goes along, and is shown again afterwards. */
export async function signInThrough(
  parts: StaffPageServices,
  caller: RequestContext,
  frame: PageContext,
  form: URLSearchParams,
  reshow: Show,
): Promise<Response> {
  const { request } = caller;
  if (isFromElsewhere(request)) throw new Forbidden("This was sent from another site's page.");
  const props = { next: frame.path, carried: typedIn(form) };
  if (!form.has("password"))
    return sendPage(asksForPart(request) ? <SignInForm {...props} /> : <SignInPage {...frame} {...props} />, request);
  const name = (form.get("name") ?? "").trim();
  const outcome = await tryToSignIn(parts.auth, name, form.get("password") ?? "", addressOf(caller));
  if (!("user" in outcome))
    return sendPage(
      <SignInPage {...frame} {...props} name={name} errors={outcome.errors} />,
      request,
      outcome.status,
      outcome.headers,
    );
  const { user } = outcome;
  const { cookie, csrf } = await parts.auth.startSession(user, request);
  const visit = visitOf(parts, caller, { ...frame, visitor: { user, csrf, mayCreate: true } }, form);
  const answer = await reshown(reshow, visit, 200, "You are signed in. Your input is kept; save again.");
  answer.headers.set("set-cookie", cookie);
  return answer;
}
