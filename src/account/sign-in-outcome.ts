/** Tries to sign in with the values of the sign-in form. */

import type { Auth } from "../auth/authenticate.ts";
import { wrongPassword } from "../auth/passwords.ts";
import type { User } from "../auth/user.ts";
import { Problem } from "../input/problem.ts";
import type { SignInErrors } from "./sign-in-view.tsx";

type Outcome =
  | { readonly user: User }
  | { readonly status: number; readonly errors: SignInErrors; readonly headers?: Readonly<Record<string, string>> };

/** @param address the client's IP address */
export async function tryToSignIn(
  auth: Pick<Auth, "signIn">,
  name: string,
  password: string,
  address: string,
): Promise<Outcome> {
  const errors: SignInErrors = {
    ...(name === "" && { name: "Enter your username." }),
    ...(password === "" && { password: "Enter your password." }),
  };
  if (errors.name || errors.password) return { status: 422, errors };
  return auth.signIn(name, password, address).then((user) => ({ user }), refusal);
}

/** The form's error. Not status 401: browsers would show their own password dialog. */
function refusal(error: unknown): Outcome {
  if (!(error instanceof Problem)) throw error;
  const password = error.detail === wrongPassword ? "Incorrect username or password." : error.detail;
  if (error.status === 401) return { status: 422, errors: { password } };
  return { status: error.status, errors: { password }, headers: error.headers };
}
