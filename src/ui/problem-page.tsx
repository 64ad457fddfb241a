/** @jsxImportSource @kitajs/html */
/** The error page. */

import { Layout } from "./layout.tsx";
import { plain } from "./link.ts";
import type { PageContext } from "./page-context.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Sign in required",
  403: "You don't have permission",
  404: "Page not found",
  409: "Conflict",
  429: "Too many attempts",
  500: "The service failed to answer",
  503: "Temporarily unavailable",
};

/** The error page, with what the visitor can do next. */
export function ProblemPage({
  status,
  detail,
  ...pageContext
}: PageContext & { status: number; detail: string }): JSX.Element {
  const title = titles[status] ?? (status < 500 ? "Request failed" : "Something went wrong");
  return (
    <Layout {...pageContext} title={title}>
      <h1 safe>{title}</h1>
      <p class="message error" safe>
        {detail === "Not found."
          ? "There is no page at this address. Check it for typing errors, or start from the schedule."
          : detail}
      </p>
      {status === 500 ? <p>Try again. If it fails again, send the request ID to your administrator.</p> : null}
      <p class="actions">
        <a class="button primary" href="/">
          Go to schedule
        </a>
        {status >= 500 ? (
          <a class="button" href={plain(pageContext.path)}>
            Try again
          </a>
        ) : null}
        {pageContext.visitor.user ? null : (
          <a class="button" href={`/admin/sign-in?next=${encodeURIComponent(pageContext.path)}`}>
            Sign in
          </a>
        )}
        {status === 403 && pageContext.visitor.user?.staff === false ? (
          <a class="button" href="/admin/sign-out">
            Sign out
          </a>
        ) : null}
      </p>
    </Layout>
  );
}
