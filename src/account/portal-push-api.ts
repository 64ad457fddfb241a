/** `/authprofile/addupdateuser/`: the Observation Portal pushes user changes here. */

import type { Auth } from "../auth/authenticate.ts";
import type { PushResult } from "../auth/portal-push.ts";
import { readText } from "../http/body.ts";
import { addressOf, createRoutes, type RequestContext, serving } from "../http/request-context.ts";
import { MethodNotAllowed } from "../input/problem.ts";

/** The portal expects the first one. All have status 200, since the portal repeats everything else. */
const messages: Readonly<Record<PushResult, string>> = {
  all: "User account updated",
  "all but the token": "User account updated, except its API token: a local user has the same one",
  nothing: "Local user; nothing was changed",
};

export function profileRoutes({ auth }: { readonly auth: Auth }) {
  const take = async (context: RequestContext) => {
    const { request } = context;
    if (request.method !== "POST") throw new MethodNotAllowed(request.method, "POST");
    // The portal sends JSON without a Content-Type.
    const taken = await auth.storePushedProfile(request, addressOf(context), () => readText(request));
    return Response.json({ message: messages[taken] });
  };
  return createRoutes("profile").all("/authprofile/addupdateuser/", serving(take));
}
