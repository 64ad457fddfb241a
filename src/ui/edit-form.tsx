/** @jsxImportSource @kitajs/html */
/** A form that edits something: it warns before unsaved input is lost, and comes back with its errors. */

import type { Children } from "@kitajs/html";
import { Layout, Notice } from "./layout.tsx";
import { plain } from "./link.ts";
import type { PageContext } from "./page-context.ts";
import { Token } from "./token.tsx";

export interface EditFormProps {
  readonly action: string;
  readonly csrf: string;
  /** Input → error. */
  readonly errors: Readonly<Record<string, string | undefined>>;
  readonly unsaved: boolean;
  /** The user whose input the browser keeps as a draft; undefined for none. */
  readonly draft?: string | undefined;
  /** The page's notice, when the form is sent without the page. htmx swaps it out of band: the status would prevent a swap. */
  readonly notice?: string | undefined;
}

export function EditForm(props: EditFormProps & { class: string; children: Children }): JSX.Element {
  const { action, csrf, errors, unsaved, draft, notice, children } = props;
  const wrong = Object.keys(errors).filter((name) => errors[name]);
  return (
    <form
      class={props.class}
      id="form"
      method="post"
      action={plain(action)}
      hx-post={plain(action)}
      hx-swap="outerHTML"
      hx-sync="this:replace"
      data-unsaved={unsaved}
      data-draft={draft && plain(draft)}
      hx-swap-oob={notice ? "outerHTML" : undefined}
      novalidate
    >
      {notice ? <Notice text={notice} /> : null}
      <Token csrf={csrf} />
      <input type="hidden" name="wrong" value={plain(wrong.join(" "))} />
      {children}
    </form>
  );
}

type Texts = Readonly<Record<string, string | undefined>>;

/** What an input is rendered with, by its name. @param focus the input that gets the focus */
export const fieldsOf = (input: Texts, errors: Texts, focus?: string) => (name: string) => ({
  name,
  value: input[name] ?? "",
  error: errors[name],
  focus: focus === name,
});
export type FieldOf = ReturnType<typeof fieldsOf>;

/** Returns the errors to show while typing: only those that the form already showed, until they are corrected. */
export function shownErrors<Text>(errors: { readonly [name: string]: Text }, sent: URLSearchParams) {
  const shown = (sent.get("wrong") ?? "").split(" ");
  return Object.fromEntries(Object.entries(errors).filter(([name]) => shown.includes(name)));
}

/** The page around the form. */
export function EditFormPage({ children, ...props }: PageContext & { title: string; children: Children }): JSX.Element {
  return (
    <Layout {...props}>
      <h1 safe>{props.title}</h1>
      {children}
      <script src={props.assets["form.js"]} defer></script>
    </Layout>
  );
}
