/** `/authprofile/addupdateuser/`: takes the changes of users that the Observation Portal sends by itself. */

import type { Auth } from "../auth/authenticate.ts";
import { MethodNotAllowed } from "../domain/problem.ts";
import { readText } from "./api/body.ts";
import { addressOf, type Caller, createRoutes, serving } from "./caller.ts";

export function profileRoutes({ auth }: { readonly auth: Auth }) {
  const take = async (caller: Caller) => {
    const { request } = caller;
    if (request.method !== "POST") throw new MethodNotAllowed(request.method, "POST");
    // The portal sends JSON and doesn't say so.
    const isTaken = await auth.takeProfile(request, addressOf(caller), () => readText(request));
    return Response.json({ message: isTaken ? "User account updated" : "Local user; nothing was changed" });
  };
  return createRoutes("profile").all("/authprofile/addupdateuser/", serving(take), {
    parse: "none",
    detail: { hide: true },
  });
}
