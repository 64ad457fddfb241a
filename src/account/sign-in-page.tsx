/** @jsxImportSource @kitajs/html */
/** `/admin/sign-in`, and the same form on the way of another one that was sent without a session. */

import type { AnyElysia } from "elysia";
import type { Auth } from "../auth/authenticate.ts";
import { wrongPassword } from "../auth/passwords.ts";
import { isIn, type User } from "../auth/user.ts";
import { readBody } from "../http/body.ts";
import { checkSameOrigin, safeNext } from "../http/hosts.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Problem } from "../input/problem.ts";
import { fieldsOf } from "../ui/edit-form.tsx";
import { TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import { plain } from "../ui/link.ts";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { asksForPart, audienceOf, type StaffPageServices, sendOn } from "./staff-page.ts";

interface SignInProps {
  /** The path of this service to go to afterwards. */
  readonly next: string;
  /** The fields of a form that was sent without a session. They are sent to its path again together with the password. */
  readonly carried?: URLSearchParams;
  /** The username entered before. */
  readonly name?: string;
}

/** Sends the sign-in page. Of a form that htmx sent, only the form is replaced. */
export function sendSignIn({ request }: RequestContext, frame: PageContext, props: SignInProps, problem?: Problem) {
  const form = <SignInForm {...props} problem={problem} />;
  if (props.carried && !problem && asksForPart(request)) return sendPage(form, request);
  const markup = (
    <Layout {...frame} title="Sign in">
      <h1>Sign in</h1>
      {form}
    </Layout>
  );
  return sendPage(markup, request, problem?.status, problem?.headers);
}

function SignInForm({ next, carried, name = "", problem }: SignInProps & { problem: Problem | undefined }) {
  const errors = { name: problem && name === "" ? "Enter your username." : "", password: problem?.detail };
  const field = fieldsOf({ name }, errors, errors.password && !errors.name ? "password" : "name");
  return (
    <form
      class="form"
      id="form"
      method="post"
      action={plain(carried ? next : "/admin/sign-in")}
      data-unsaved={carried !== undefined}
      novalidate
    >
      {carried ? (
        <p class="message warning" role="alert">
          Your session has ended. Sign in to continue; your input is kept.
        </p>
      ) : null}
      <HiddenFields fields={carried ?? new URLSearchParams({ next })} />
      <TextField {...field("name")} label="Username" autocomplete="username" />
      <TextField {...field("password")} label="Password" type="password" autocomplete="current-password" />
      <p class="actions">
        <button type="submit" class="primary">
          Sign in
        </button>
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

/**
 * Checks a username and a password from a form.
 * @param address the client's IP address
 * @returns the user, or what is wrong with the password
 */
export async function checkSignIn(auth: Auth, name: string, password: string, address: string) {
  if (password === "") return new Problem(422, "Enter your password.");
  if (name === "") return new Problem(422, "");
  return auth.signIn(name, password, address).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    const text = error.detail === wrongPassword ? "Incorrect username or password." : error.detail;
    // With status 401, browsers would show their own password dialog.
    return error.status === 401 ? new Problem(422, text) : error;
  });
}

/**
 * Signs in by a form, or shows it again with its errors. Users who aren't in the audience of the page to go to go to their
 * account instead, which says why.
 * @param proceed responds to a user of the audience
 */
export async function signInBy(
  { auth, audience = "writer" }: Pick<StaffPageServices, "auth" | "audience">,
  caller: RequestContext,
  frame: PageContext,
  { password, ...props }: Required<Pick<SignInProps, "name">> & SignInProps & { readonly password: string },
  proceed: (user: User, csrf: string) => Response | Promise<Response>,
): Promise<Response> {
  const address = addressOf(caller);
  const user = await checkSignIn(auth, props.name, password, address);
  if (user instanceof Problem) return sendSignIn(caller, frame, props, user);
  const { cookie, csrf } = await auth.startSession(user, caller.request, address);
  const mayProceed = isIn(audience, user, auth.writeAccess);
  const answer = mayProceed ? await proceed(user, csrf) : sendOn(caller.request, "/account?denied");
  answer.headers.set("set-cookie", cookie);
  return answer;
}

/** @param routesOf returns all routes of the service */
export function signInRoutes(
  { auth, getPageContext }: Pick<StaffPageServices, "auth" | "getPageContext">,
  routesOf: () => AnyElysia["routes"],
) {
  const show = async (caller: RequestContext) => {
    const next = safeNext(new URL(caller.request.url).searchParams.get("next"));
    const frame = await getPageContext(caller);
    return frame.visitor.user ? sendOn(caller.request, next) : sendSignIn(caller, frame, { next });
  };
  const signIn = async (caller: RequestContext) => {
    checkSameOrigin(caller.request);
    const fields = await readBody(caller.request);
    const next = safeNext(textOf(fields.next));
    const form = { next, name: textOf(fields.name).trim(), password: textOf(fields.password) };
    const services = { auth, audience: audienceOf(routesOf(), next) };
    return signInBy(services, caller, await getPageContext(caller), form, () => sendOn(caller.request, next));
  };
  return createRoutes("sign-in").get("/admin/sign-in", serving(show)).post("/admin/sign-in", serving(signIn));
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
