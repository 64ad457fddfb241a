/** @jsxImportSource @kitajs/html */
/** `/admin/sign-in` and `/admin/sign-out`. */

import type { Auth } from "../auth/authenticate.ts";
import { readBody } from "../http/body.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { checkSameOrigin, safeNext } from "../http/same-origin.ts";
import { type GetPageContext, sendPage } from "../ui/page-context.ts";
import { tryToSignIn } from "./sign-in-outcome.ts";
import { SignInPage, SignOutPage } from "./sign-in-view.tsx";

interface SignInServices {
  readonly auth: Auth;
  readonly frameOf: GetPageContext;
}

export function signInRoutes({ auth, frameOf }: SignInServices) {
  const showSignIn = async (caller: RequestContext) => {
    const next = safeNext(new URL(caller.request.url).searchParams.get("next"));
    const frame = await frameOf(caller);
    if (frame.visitor.user) return redirect(next);
    return sendPage(<SignInPage {...frame} next={next} />, caller.request);
  };

  const signIn = async (caller: RequestContext) => {
    checkSameOrigin(caller.request);
    const fields = await readBody(caller.request);
    const [name, password] = [textOf(fields.name).trim(), textOf(fields.password)];
    const next = safeNext(textOf(fields.next));
    const outcome = await tryToSignIn(auth, name, password, addressOf(caller));
    if ("user" in outcome) return redirect(next, (await auth.startSession(outcome.user, caller.request)).cookie);
    const page = <SignInPage {...(await frameOf(caller))} next={next} name={name} errors={outcome.errors} />;
    return sendPage(page, caller.request, outcome.status, outcome.headers);
  };

  const showSignOut = async (caller: RequestContext) => {
    const frame = await frameOf(caller);
    const { user, csrf } = frame.visitor;
    if (!user || csrf === undefined) return redirect("/admin/sign-in");
    return sendPage(<SignOutPage {...frame} user={user} csrf={csrf} />, caller.request);
  };

  const signOut = async (caller: RequestContext) => {
    checkSameOrigin(caller.request);
    const address = addressOf(caller);
    const { csrf } = await auth.visit(caller.request, address);
    if (csrf !== undefined) {
      const fields = await readBody(caller.request);
      const user = await auth.requireUser(caller.request, address, fields);
      if (fields.everywhere) await auth.endAllSessions(user);
    }
    return redirect("/", await auth.endSession(caller.request));
  };

  return createRoutes("sign-in")
    .get("/admin/sign-in", serving(showSignIn))
    .post("/admin/sign-in", serving(signIn))
    .get("/admin/sign-out", serving(showSignOut))
    .post("/admin/sign-out", serving(signOut));
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

/** Redirects after a form was accepted. */
const redirect = (location: string, cookie?: string) =>
  new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", ...(cookie !== undefined && { "set-cookie": cookie }) },
  });
