/** @jsxImportSource @kitajs/html */
/** Forms sent without a valid session: shows them again with the user's input. */

import { checkSameOrigin } from "../http/hosts.ts";
import { addressOf, type RequestContext } from "../http/request-context.ts";
import { plain } from "../ui/attribute.ts";
import { Layout } from "../ui/layout.tsx";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
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
export const sendAgain: Show = (visit) => sendPage(<SendAgainPage {...visit} />, visit.caller.request);

function SendAgainPage({ frame, csrf, form }: Visit): JSX.Element {
  return (
    <Layout {...frame} title="Send again">
      <h1>Nothing was changed yet</h1>
      <form class="form" method="post" action={plain(frame.path)}>
        <Token csrf={csrf} />
        {[...inputOf(form)].map(([name, value]) => (
          <input type="hidden" name={plain(name)} value={plain(value)} />
        ))}
        <p class="actions">
          <button type="submit" class="primary">
            Send again
          </button>
          <a class="button quiet" href="/admin/downtimes">
            Cancel
          </a>
        </p>
      </form>
    </Layout>
  );
}

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
