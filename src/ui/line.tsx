/** @jsxImportSource @kitajs/html */
/** Lines of text, buttons, and links that look like buttons. */

import { plain } from "./link.ts";

interface LineProps {
  readonly text: string | false | null | undefined;
  readonly class?: string;
  readonly id?: string;
  readonly role?: "alert" | "status";
  readonly dir?: "auto";
  readonly tabindex?: string;
  readonly autofocus?: boolean;
}

/** A paragraph; nothing without a text. */
export function Line({ text, ...attributes }: LineProps): JSX.Element | null {
  if (!text) return null;
  return (
    <p {...attributes} safe>
      {text}
    </p>
  );
}

type Kind = "primary" | "quiet" | "danger";

interface ButtonLinkProps {
  readonly text: string;
  readonly to: string;
  readonly kind?: Kind;
  readonly "aria-label"?: string;
}

export function ButtonLink({ text, to, kind, ...attributes }: ButtonLinkProps): JSX.Element {
  return (
    <a class={kind ? `button ${kind}` : "button"} href={plain(to)} {...attributes} safe>
      {text}
    </a>
  );
}

interface ButtonProps {
  readonly text: string;
  readonly kind?: Kind;
  readonly name?: string;
  readonly value?: string;
  readonly dir?: "auto";
  readonly "aria-label"?: string;
}

/** Submits its form. */
export function Button({ text, kind, name, value, ...attributes }: ButtonProps): JSX.Element {
  return (
    <button type="submit" class={kind} name={name} value={value && plain(value)} {...attributes} safe>
      {text}
    </button>
  );
}
