/** @jsxImportSource @kitajs/html */
/** `/admin/sign-in` and `/admin/sign-out`. */

import { readBody } from "../http/body.ts";
import { checkSameOrigin, safeNext } from "../http/hosts.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { Layout } from "../ui/layout.tsx";
import { sendPage } from "../ui/page-context.ts";
import { PanelSection } from "./panels-page.tsx";
import { tryToSignIn } from "./sign-in-outcome.ts";
import { SignInPage } from "./sign-in-view.tsx";
import { type StaffPageServices, sendOn } from "./staff-page.ts";

export function signInRoutes({ auth, getPageContext }: Pick<StaffPageServices, "auth" | "getPageContext">) {
  const showSignIn = async (context: RequestContext) => {
    const next = safeNext(new URL(context.request.url).searchParams.get("next"));
    const frame = await getPageContext(context);
    if (frame.visitor.user) return sendOn(context.request, next);
    return sendPage(<SignInPage {...frame} next={next} />, context.request);
  };

  const signIn = async (context: RequestContext) => {
    checkSameOrigin(context.request);
    const fields = await readBody(context.request);
    const [name, password] = [textOf(fields.name).trim(), textOf(fields.password)];
    const next = safeNext(textOf(fields.next));
    const outcome = await tryToSignIn(auth, name, password, addressOf(context));
    if ("user" in outcome) {
      const { cookie } = await auth.startSession(outcome.user, context.request, addressOf(context));
      return sendOn(context.request, next, cookie);
    }
    const page = <SignInPage {...(await getPageContext(context))} next={next} name={name} errors={outcome.errors} />;
    return sendPage(page, context.request, outcome.status, outcome.headers);
  };

  const showSignOut = async (context: RequestContext) => {
    const frame = await getPageContext(context);
    const { user, csrf } = frame.visitor;
    if (!user || csrf === undefined) return sendOn(context.request, "/admin/sign-in");
    const buttons = { sign_out: ["Sign out"], everywhere: ["Sign out everywhere", "yes", ""] } as const;
    const markup = (
      <Layout {...frame} title="Sign out">
        <h1>Sign out</h1>
        <PanelSection title={`Signed in as ${user.name}`} buttons={buttons} csrf={csrf} />
      </Layout>
    );
    return sendPage(markup, context.request);
  };

  const signOut = async (context: RequestContext) => {
    checkSameOrigin(context.request);
    const address = addressOf(context);
    const { csrf } = await auth.visit(context.request, address);
    if (csrf !== undefined) {
      const fields = await readBody(context.request);
      const user = await auth.requireUser(context.request, address, fields);
      if (fields.everywhere) await auth.endSessions(user);
    }
    return sendOn(context.request, "/", await auth.endSession(context.request));
  };

  return createRoutes("sign-in")
    .get("/admin/sign-in", serving(showSignIn))
    .post("/admin/sign-in", serving(signIn))
    .get("/admin/sign-out", serving(showSignOut))
    .post("/admin/sign-out", serving(signOut));
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
