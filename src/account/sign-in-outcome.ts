/** What becomes of an attempt to sign in by a form. */

import type { Auth } from "../auth/authenticate.ts";
import type { User } from "../auth/user.ts";
import { Problem } from "../input/problem.ts";
import type { SignInErrors } from "./sign-in-view.tsx";

type Outcome =
  | { readonly user: User }
  | { readonly status: number; readonly errors: SignInErrors; readonly headers?: Readonly<Record<string, string>> };

/** @param address the client's network address */
export async function tryToSignIn(
  auth: Pick<Auth, "signIn">,
  name: string,
  password: string,
  address: string,
): Promise<Outcome> {
  const errors: SignInErrors = {
    ...(name === "" && { name: "Enter your user name." }),
    ...(password === "" && { password: "Enter your password." }),
  };
  if (errors.name || errors.password) return { status: 422, errors };
  return auth.signIn(name, password, address).then((user) => ({ user }), refusal);
}

/** What the form says of a refusal. Not 401: a browser would cover the form with its own. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) return { status: 422, errors: { password: error.detail } };
  return { status: error.status, errors: { password: error.detail }, headers: error.headers };
}
