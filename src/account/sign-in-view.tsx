/** @jsxImportSource @kitajs/html */
/** The sign-in page. */

import { plain } from "../ui/attribute.ts";
import { TextField } from "../ui/field.tsx";
import { Layout } from "../ui/layout.tsx";
import type { PageContext } from "../ui/page-context.ts";

/** Errors of the sign-in form, at most one for each field. */
export type SignInErrors = Readonly<Partial<Record<"name" | "password", string>>>;

interface SignInProps {
  /** The path of this service to go to afterwards. */
  readonly next: string;
  /** The fields of a form that was sent without a session. They are sent to its path again together with the password. */
  readonly carried?: URLSearchParams | undefined;
  /** The username entered before. */
  readonly name?: string | undefined;
  readonly errors?: SignInErrors | undefined;
}

export function SignInPage({ next, carried, name, errors, ...frame }: PageContext & SignInProps): JSX.Element {
  return (
    <Layout {...frame} title="Sign in">
      <h1>Sign in</h1>
      <SignInForm next={next} carried={carried} name={name} errors={errors} />
    </Layout>
  );
}

export function SignInForm({ next, carried, name = "", errors = {} }: SignInProps): JSX.Element {
  const isPasswordWrong = Boolean(errors.password) && !errors.name;
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
        <>
          <p class="message warning" role="alert">
            Your session has ended. Sign in to continue; your input is kept.
          </p>
          {[...carried].map(([name, value]) => (
            <input type="hidden" name={plain(name)} value={plain(value)} />
          ))}
        </>
      ) : (
        <input type="hidden" name="next" value={plain(next)} />
      )}
      <TextField
        label="Username"
        name="name"
        autocomplete="username"
        value={name}
        error={errors.name}
        focus={!isPasswordWrong}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autocomplete="current-password"
        value=""
        error={errors.password}
        focus={isPasswordWrong}
      />
      <p class="actions">
        <button type="submit" class="primary">
          Sign in
        </button>
      </p>
    </form>
  );
}
