/** @jsxImportSource @kitajs/html */
/** `/admin/sign-in`, and the same form on the way of another one that was sent without a session. */

import type { Auth } from "../auth/authenticate.ts";
import { wrongPassword } from "../auth/credentials.ts";
import { isIn, type User } from "../auth/user.ts";
import { readText } from "../http/body.ts";
import { checkSameOrigin, safeNext } from "../http/path.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Forbidden, Problem, tolerating } from "../input/problem.ts";
import { fieldsOf } from "../ui/edit-form.tsx";
import { TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { Button, Line } from "../ui/line.tsx";
import { plain } from "../ui/link.ts";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { asksForPart, outside, type StaffPageServices, sendOn } from "./staff-page.ts";

interface SignInProps {
  /** The path of this service to go to afterwards. */
  readonly next: string;
  /** The fields of a form that was sent without a session. They are sent to its path again together with the password. */
  readonly carried?: URLSearchParams;
  /** The username entered before. */
  readonly name?: string;
}

/** Sends the sign-in page. Of a form that htmx sent, only the form is replaced. */
export function sendSignIn(request: Request, pageContext: PageContext, props: SignInProps, problem?: Problem) {
  const form = <SignInForm {...props} problem={problem} />;
  if (props.carried && !problem && asksForPart(request)) return sendPage(form, request);
  const markup = (
    <Layout {...pageContext} title="Sign in">
      <h1>Sign in</h1>
      {form}
    </Layout>
  );
  return sendPage(markup, request, problem?.status, problem?.headers);
}

function SignInForm({ next, carried, name = "", problem }: SignInProps & { problem: Problem | undefined }) {
  const refusal = problem instanceof Forbidden ? problem.detail : undefined;
  const errors = {
    name: problem && name === "" ? "Enter your username." : "",
    password: refusal ? "" : problem?.detail,
  };
  const field = fieldsOf({ name }, errors, errors.password && !errors.name ? "password" : "name");
  const action = plain(carried ? next : "/admin/sign-in");
  return (
    <form class="form" id="form" method="post" action={action} data-unsaved={carried !== undefined} novalidate>
      <Line
        class="message warning"
        role="alert"
        text={refusal ?? (carried && "Your session has ended. Sign in to continue; your input is kept.")}
      />
      <HiddenFields fields={carried ?? new URLSearchParams({ next })} />
      <TextField {...field("name")} label="Username" autocomplete="username" />
      <TextField {...field("password")} label="Password" type="password" autocomplete="current-password" />
      <p class="actions">
        <Button text="Sign in" kind="primary" />
      </p>
    </form>
  );
}

export const HiddenFields = ({ fields }: { fields: Iterable<readonly [string, string]> }): JSX.Element => (
  <>
    {[...fields].map(([name, value]) => (
      <input type="hidden" name={plain(name)} value={plain(value)} />
    ))}
  </>
);

/** Returns the user with a name and a password from a form, or what is wrong with the password. */
export async function checkSignIn(auth: Auth, name: string, password: string, context: RequestContext) {
  if (password === "") return new Problem(422, "Enter your password.");
  if (name === "") return new Problem(422, "");
  const found = await auth.signIn(name, password, addressOf(context.request)).catch(tolerating(Problem));
  // With status 401, browsers would show their own password dialog.
  if (!(found instanceof Problem) || found.status !== 401) return found;
  return new Problem(422, found.detail === wrongPassword ? "Incorrect username or password." : found.detail);
}

/** Signs in a user of the audience by a form, or shows it again with its errors. @param proceed responds to the user */
export async function signInBy(
  { auth, audience = "writer" }: Pick<StaffPageServices, "auth" | "audience">,
  context: RequestContext,
  pageContext: PageContext,
  { password, ...props }: Required<Pick<SignInProps, "name">> & SignInProps & { readonly password: string },
  proceed: (user: User, csrf: string) => Response | Promise<Response>,
): Promise<Response> {
  const user = await checkSignIn(auth, props.name, password, context);
  if (user instanceof Problem) return sendSignIn(context.request, pageContext, props, user);
  if (!isIn(audience, user, auth.writeAccess))
    return sendSignIn(context.request, pageContext, props, outside(audience));
  const { cookie, csrf } = await auth.startSession(user, context.request);
  const answer = await proceed(user, csrf);
  answer.headers.set("set-cookie", cookie);
  return answer;
}

export function signInRoutes({ auth, getPageContext }: Pick<StaffPageServices, "auth" | "getPageContext">) {
  const show = async (context: RequestContext) => {
    const next = safeNext(new URL(context.request.url).searchParams.get("next"));
    const pageContext = await getPageContext(context);
    if (pageContext.visitor.user) return sendOn(context.request, next);
    return sendSignIn(context.request, pageContext, { next });
  };
  const signIn = async (context: RequestContext) => {
    checkSameOrigin(context.request);
    const fields = new URLSearchParams(await readText(context.request));
    const next = safeNext(fields.get("next"));
    const form = { next, name: (fields.get("name") ?? "").trim(), password: fields.get("password") ?? "" };
    return signInBy({ auth, audience: "user" }, context, await getPageContext(context), form, () =>
      sendOn(context.request, next),
    );
  };
  return createRoutes("sign-in").get("/admin/sign-in", serving(show)).post("/admin/sign-in", serving(signIn));
}
