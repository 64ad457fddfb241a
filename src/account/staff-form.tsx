/** @jsxImportSource @kitajs/html */
/** Handles form submissions of the staff pages. Input is never lost: after another sign-in, the form is shown again with it. */

import type { Written } from "../auth/change-set-store.ts";
import { hashToken } from "../auth/secrets.ts";
import { readText } from "../http/body.ts";
import { checkSameOrigin, safeNext } from "../http/path.ts";
import { type RequestContext, serving } from "../http/request-context.ts";
import { Forbidden, Problem, StaleForm, tolerating, UnsupportedMediaType } from "../input/problem.ts";
import { checkTexts } from "../input/text.ts";
import { Layout } from "../ui/layout.tsx";
import { Button, ButtonLink, Line } from "../ui/line.tsx";
import { plain, withParameters } from "../ui/link.ts";
import { type PageContext, sendPage } from "../ui/page-context.ts";
import { Token } from "../ui/token.tsx";
import { HiddenFields, sendSignIn, signInBy } from "./sign-in-page.tsx";
import { type Show, type StaffPageServices, sendOn, type Visit, visitOf } from "./staff-page.ts";

/**
 * Handles a form. Sent twice, as by a double click, it takes effect once, and both submissions redirect to the same page.
 * @param act returns the response; undefined redirects to a page with a message about what was written
 * @param reshow shows the form with the user's input; by default, a button to confirm
 */
export const action = (
  services: StaffPageServices,
  act: (visit: Visit) => Promise<Response | undefined>,
  reshow: Show = sendAgain,
) =>
  serving(async (context) => {
    const form = await readForm(context.request);
    const pageContext = await services.getPageContext(context);
    // A preview must not interrupt typing; submitting the form shows the sign-in.
    const isPreview = pageContext.path.endsWith("/preview");
    const isSignedIn = pageContext.visitor.user !== undefined;
    if (!isSignedIn && isPreview) return new Response(null, { status: 204 });
    if (!isSignedIn) return signInThrough(services, context, pageContext, form, reshow);
    const visit = visitOf(services, context, pageContext, form);
    const found = await services.auth
      .requireUser(context.request, { csrf: form.get("csrf") }, services.audience ?? "writer")
      .catch(tolerating(StaleForm));
    const isStale = found instanceof StaleForm;
    if (isStale && isPreview) throw new Forbidden(`${staleText} save to continue.`);
    if (isStale) return reshown(reshow, visit, 403, `${staleText} save again.`);
    const onceKey = onceKeyOf(visit);
    const answer = await act({ ...visit, author: { ...visit.author, onceKey } }).catch(tolerating(Problem));
    if (answer instanceof Response && answer.status < 400) return answer;
    // A second submission may fail because the first succeeded: then redirect to the result of the first.
    const written = await services.changeSets.findWritten(onceKey);
    if (written || !answer) return sendOn(context.request, landingOf(written, form));
    if (answer instanceof Problem) throw answer;
    return answer;
  });

const staleText = "You have signed in again since you opened this form. Your input is kept;";

/** Identifies a submission by its user, path and all fields: a form sent again with other input is a new submission. */
const onceKeyOf = ({ user, pageContext, form }: Visit): string =>
  form.get("once") ? hashToken(JSON.stringify([user.name, pageContext.path, form.toString()])) : crypto.randomUUID();

/** Reads a form's fields. Browsers send line breaks as CRLF; they become LF. */
async function readForm(request: Request): Promise<URLSearchParams> {
  const mediaType = request.headers.get("content-type") ?? "";
  if (!mediaType.startsWith("application/x-www-form-urlencoded")) throw new UnsupportedMediaType(mediaType);
  const fields = new URLSearchParams(await readText(request));
  checkTexts(fields.values());
  return new URLSearchParams([...fields].map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
}

/** The page that a form redirects to, with a message about what was written; undefined: nothing differed. */
function landingOf(written: Written | undefined, form: URLSearchParams): string {
  const { id = 0, kind = "", downtime, series, action, version, occurrencesOf } = written ?? {};
  const next = form.get("next");
  if (next) return withMessage(safeNext(next), id);
  // The message says more about an undo: which of the deleted downtimes had begun.
  if (series && (kind !== "undo" || downtime === null))
    return action === "delete" ? `/series/${series}` : `/series/${series}?done=${version}`;
  const of = action === "delete" ? undefined : (series ?? occurrencesOf);
  if (of && ["edit", "end", "undo"].includes(kind)) return `/series/${of}?saved=${id}`;
  return form.has("another") ? `/admin/downtimes/new?from=${downtime ?? 0}` : `/admin/downtimes?saved=${id}`;
}

/** A page that shows the message, such as the one that a button was pressed on. */
function withMessage(path: string, id: number): string {
  const [pathname = "", query] = path.split("?");
  return `${pathname}?${withParameters(new URLSearchParams(query), { saved: String(id) })}`;
}

/** Carries a form's own field `name` past the sign-in form, which has one too. */
const ownName = "own.name";

/** The sign-in page carries the input of a form that was sent without a session. Afterwards the form is shown again. */
function signInThrough(
  services: StaffPageServices,
  context: RequestContext,
  pageContext: PageContext,
  form: URLSearchParams,
  reshow: Show,
): Promise<Response> {
  checkSameOrigin(context.request);
  const props = { next: pageContext.path, carried: inputOf(form) };
  const [name, password] = [form.get("name") ?? "", form.get("password")];
  if (password === null) {
    if (name) props.carried.set(ownName, name);
    return sendSignIn(context.request, pageContext, props);
  }
  const input = new URLSearchParams([...props.carried].map(([key, value]) => [key === ownName ? "name" : key, value]));
  return signInBy(services, context, pageContext, { ...props, name: name.trim(), password }, (user, csrf) => {
    const visit = visitOf(services, context, { ...pageContext, visitor: { user, csrf, mayCreate: true } }, input);
    return reshown(reshow, visit, 200, "You are signed in. Your input is kept; save again.");
  });
}

/** Fields that aren't the user's input to the form, and passwords, which no page contains. */
const technicalFields = ["csrf", "once", "name", "password", "old_password", "new_password"];

const inputOf = (form: URLSearchParams) =>
  new URLSearchParams([...form].filter(([name]) => !technicalFields.includes(name)));

/** Shows a form again with the user's input, a new CSRF token and a notice. */
async function reshown(reshow: Show, visit: Visit, status: number, notice: string): Promise<Response> {
  const answer = await reshow({ ...visit, pageContext: { ...visit.pageContext, notice } });
  // Without content, the form redirects, as when its downtime was deleted.
  return answer.body ? new Response(answer.body, { status, headers: answer.headers }) : answer;
}

/** Shows a form that is only a button again, to be confirmed. */
const sendAgain: Show = (visit) => {
  const asked = { heading: "Nothing was changed yet", path: visit.pageContext.path, back: "/admin/downtimes" };
  return sendConfirmation(visit, "Send again", { ...asked, fields: inputOf(visit.form) });
};

type Fields = Iterable<readonly [string, string]>;
type Confirmation = Readonly<{
  heading: string;
  warning?: string | undefined;
  path: string;
  fields: Fields;
  back?: string;
}>;

/** Sends a page that asks before a form with these fields is sent. @param back for those who don't confirm */
export function sendConfirmation(
  { context, pageContext, csrf }: Visit,
  label: string,
  { heading, warning, path, fields, back = path }: Confirmation,
): Promise<Response> {
  const markup = (
    <Layout {...pageContext} title={label}>
      <h1 safe>{heading}</h1>
      <form class="form" method="post" action={plain(path)}>
        <Token csrf={csrf} />
        <HiddenFields fields={fields} />
        <Line text={warning} />
        <p class="actions">
          <Button text={label} kind={warning ? "danger" : "primary"} />
          <ButtonLink text="Cancel" to={back} kind="quiet" />
        </p>
      </form>
    </Layout>
  );
  return sendPage(markup, context.request);
}
